/** What Nest asks for only where it is used, by its own list. */
const LAZY = [
  '@nestjs/microservices',
  '@nestjs/microservices/microservices-module',
  '@nestjs/websockets/socket-module',
  'class-transformer',
  'class-validator',
];

/** Nest's own configuration leaves every package outside of the file; here all come into it. */
module.exports = (options, webpack) => ({
  ...options,
  externals: [],
  plugins: [
    ...options.plugins,
    new webpack.IgnorePlugin({
      checkResource(resource) {
        if (!LAZY.includes(resource)) return false;
        try {
          require.resolve(resource);
        } catch {
          return true;
        }
        return false;
      },
    }),
  ],
});
