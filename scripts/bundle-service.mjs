// dist/esm/service as a few files: the service with most of its packages, split where it loads something late. Node takes
// its time with each file that is imported, and that was two thirds of a start.
import { build } from 'esbuild';
import { expectNames, names } from './bundled-names.mjs';

/**
 * What stays in node_modules: Nest, and what it or Fastify has loaded anyway; what tools look for by its name while it is loaded, such as
 * OpenTelemetry's instrumentations; and what brings binaries or WebAssembly.
 */
export const OUTSIDE = [
  /^@nestjs\/(?!(config|jwt|passport)$)/,
  /^(reflect-metadata|rxjs|semver)$/,
  /^(@fastify\/.+|fastify|ioredis|nodemailer|pg)$/,
  /^(@electric-sql|@node-rs)\/.+$/,
];

/** What Node is told to run: the service, its command, and the threads that hash passwords. */
const PROGRAMS = ['start', 'cli/cli', 'accounts/hash-thread'];

/** CommonJS packages ask for Node's own modules by `require()`, which an ES module does not have. */
const REQUIRE = `import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);`;

/**
 * @param sources the folder of the compiled sources
 * @returns the files of the bundle, which take the place of the folder `service` there, and esbuild's metafile
 * @throws Error when a class would not be called as it is in the sources
 */
export async function bundleService(sources) {
  const outdir = `${sources}/service`;
  const classes = new Set();
  const { metafile, outputFiles } = await build({
    entryPoints: PROGRAMS.map((program) => ({ in: `${sources}/service/${program}`, out: program })),
    outdir,
    write: false,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    // Builds that are ES modules, of which only what is used is taken.
    mainFields: ['es2015', 'module', 'main'],
    chunkNames: '[name]-[hash]',
    banner: { js: REQUIRE },
    // Drops the comments. V8 keeps the source in memory, and in twice the space when one comment has a dash.
    minifyWhitespace: true,
    // For those who read a stack trace.
    lineLimit: 120,
    sourcemap: 'linked',
    metafile: true,
    logLevel: 'warning',
    plugins: [packages, names(classes)],
  });
  const files = outputFiles.map(({ path, text }) => ({ path, text }));
  for (const { text } of files.filter(({ path }) => path.endsWith('.js'))) expectNames(text, classes);
  return { files, metafile };
}

const packages = {
  name: 'packages',
  setup({ onResolve }) {
    onResolve({ filter: /^[^./]/ }, ({ path }) => {
      const [name] = /^(@[^/]+\/)?[^/]+/.exec(path);
      return OUTSIDE.some((pattern) => pattern.test(name)) ? { path, external: true } : undefined;
    });
  },
};
