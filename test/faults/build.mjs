import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from '../../scripts/root.mjs';

/** Where the build under test lies; workers are told by the environment. */
const folder = () => process.env.KEYTURN_BUILD ?? `${root}dist/esm`;

/** @param {string} file relative to the build, such as `index.js` */
export const load = (file) => import(new URL(file, pathToFileURL(`${folder()}/`)).href);

export const pathOf = (file) => `${folder()}/${file}`;

/** The build that is shipped; or, for a short run in the middle of work, one in a second without types. */
export async function provideBuild({ quick }) {
  if (process.env.KEYTURN_BUILD) return;
  if (quick) process.env.KEYTURN_BUILD = await compileQuickly();
  else await import('../../scripts/build-if-needed.mjs');
}

async function compileQuickly() {
  const { transformSync } = await import('@swc/core');
  // Inside the project, so that packages are found; of its own, since two runs may meet.
  const out = `${root}.cache/faults-${process.pid}`;
  process.once('exit', () => existsSync(out) && rmSync(out, { recursive: true }));
  for (const path of readdirSync(`${root}src`, { recursive: true, encoding: 'utf8' })) {
    if (!/(?<!\.spec)\.ts$/.test(path)) continue;
    const target = `${out}/${path.replace(/\.ts$/, '.js')}`;
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, transformSync(readFileSync(`${root}src/${path}`, 'utf8'), SWC).code);
  }
  return out;
}

const SWC = {
  swcrc: false,
  module: { type: 'es6' },
  jsc: {
    target: 'es2022',
    keepClassNames: true,
    parser: { syntax: 'typescript', decorators: true },
    transform: { legacyDecorator: true, decoratorMetadata: true },
  },
};
