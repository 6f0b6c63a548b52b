// The published library as a few files in place of 240: Node takes its time with each file that is loaded, and that was most
// of what `import 'keyturn'` took. What two entries share is a file of its own, so that it is there once.
import { relative } from 'node:path';
import { build, transform } from 'esbuild';
import { expectNames, names } from './bundled-names.mjs';

/**
 * What the library loads only where it is there stays so in a bundle of a host: that it may fail is known to bundlers only
 * by a `try` around it. `import()` in the ES modules, and the `require()` that esbuild makes of it.
 */
const LAZY = {
  esm: [/\bimport\("[^".][^"]*"\)/g, '(async () => { try { return await $&; } catch (error) { throw error; } })()'],
  cjs: [/\(\) => (__toESM\(require\("[^".][^"]*"\)\))/g, '() => { try { return $1; } catch (error) { throw error; } }'],
};

/**
 * @param sources the folder of the compiled sources, ES modules
 * @param entries what hosts import, in both formats; paths there, without `.js`
 * @param programs what Node is told to run, as ES modules alone
 * @returns `esm` and `cjs`: the files of each, as `path` below the folder of the format, and `text`; `sources`: the paths
 * of the compiled sources that they were made of
 * @throws Error when a class would not be called as it is in the sources
 */
export async function bundleLibrary(sources, { entries, programs }) {
  const classes = new Set();
  const { metafile, outputFiles } = await build({
    entryPoints: [...entries, ...programs].map((entry) => ({ in: `${sources}/${entry}`, out: entry })),
    absWorkingDir: sources,
    outdir: sources,
    write: false,
    bundle: true,
    splitting: true,
    packages: 'external',
    format: 'esm',
    platform: 'node',
    target: 'es2022',
    chunkNames: 'shared/[hash]',
    metafile: true,
    logLevel: 'warning',
    plugins: [names(classes)],
  });
  const files = outputFiles.map(({ path, text }) => ({ path: relative(sources, path).replaceAll('\\', '/'), text }));
  for (const { text } of files) expectNames(text, classes);
  const isProgram = ({ path }) => programs.some((program) => path === `${program}.js`);
  return {
    esm: files.map(({ path, text }) => ({ path, text: withoutDocs(text.replace(...LAZY.esm)) })),
    cjs: await Promise.all(files.filter((file) => !isProgram(file)).map(toCommonJs)),
    sources: Object.keys(metafile.inputs),
  };
}

/** From the ES modules, file by file, since esbuild splits no CommonJS. */
async function toCommonJs({ path, text }) {
  const { code } = await transform(text, {
    format: 'cjs',
    platform: 'node',
    target: 'es2022',
    // A host's Jest runs CommonJS in a context that has no import().
    supported: { 'dynamic-import': false },
  });
  return { path, text: withoutDocs(code.replace(...LAZY.cjs)) };
}

/** What a name is for stands in the declarations, where editors look; said in both formats again it is a fifth of all. */
const withoutDocs = (code) => code.replace(/^[ \t]*\/\*\*[\s\S]*?\*\/[ \t]*\n/gm, '');
