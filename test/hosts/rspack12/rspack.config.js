import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

/** What Nest asks for only where it is used, by its own list. */
const LAZY = [
  '@nestjs/microservices',
  '@nestjs/microservices/microservices-module.js',
  '@nestjs/websockets/socket-module.js',
  'class-transformer',
  'class-validator',
];

/** Nest's own configuration leaves every package outside of the file; here all come into it, and it is one file. */
export default (options, rspack) => ({
  ...options,
  externals: [],
  externalsPresets: { node: true },
  plugins: [
    ...options.plugins,
    new rspack.optimize.LimitChunkCountPlugin({ maxChunks: 1 }),
    new rspack.IgnorePlugin({
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
