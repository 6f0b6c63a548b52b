import { join } from 'node:path';
import { build } from 'esbuild';

/** What Nest asks for by `require()` only where it is used: the list that its own webpack configuration leaves out. */
const LAZY = [
  '@nestjs/microservices',
  '@nestjs/microservices/microservices-module',
  '@nestjs/websockets',
  '@nestjs/websockets/socket-module',
  'class-transformer',
  'class-validator',
];

/** In an ES module esbuild leaves `require()` of CommonJS packages as it is. */
const REQUIRE = `import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);`;

/**
 * Makes one file of a compiled application, as people do for a function in a cloud.
 * @param folder of the application; the file is to be started outside of it, where no package can be found
 * @returns the file
 */
export async function bundle(folder, entry, { format, into }) {
  const outfile = join(into, `${entry.replaceAll('/', '-')}.${format === 'esm' ? 'mjs' : 'cjs'}`);
  await build({
    entryPoints: [join(folder, entry)],
    absWorkingDir: folder,
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format,
    banner: format === 'esm' ? { js: REQUIRE } : {},
    external: LAZY,
    keepNames: true,
    logLevel: 'error',
  });
  return outfile;
}
