// dist/pages/<name>.js: the script of each page, which is a folder of src/pages with a main.ts in it.
import { existsSync, readdirSync } from 'node:fs';
import { build } from 'esbuild';
import { root } from './root.mjs';

const sources = `${root}src/pages`;

/** @param outdir where the scripts are put */
export async function buildPages(outdir = `${root}dist/pages`) {
  const names = readdirSync(sources).filter((name) => existsSync(`${sources}/${name}/main.ts`));
  await build({
    entryPoints: Object.fromEntries(names.map((name) => [name, `${sources}/${name}/main.ts`])),
    outdir,
    bundle: true,
    minify: true,
    format: 'iife',
    target: 'es2022',
    charset: 'utf8',
    logLevel: 'warning',
  });
}
