import { execFileSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { root } from '../scripts/root.mjs';

const changedAt = (path) => statSync(`${root}dist/${path}`, { throwIfNoEntry: false })?.mtimeMs ?? 0;

/** The library as it is published, made of the build where it is older. @returns its folder */
export function packedLibrary() {
  if (changedAt('package/package.json') < changedAt('.built'))
    execFileSync(process.execPath, [`${root}scripts/package.mjs`], { stdio: ['ignore', 'ignore', 'inherit'] });
  return `${root}dist/package`;
}
