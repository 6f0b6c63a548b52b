import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './support/source-imports.js';

const FOLDERS = ['src', 'scripts', 'bench', 'examples', 'release', 'site', 'test'];
const sources = FOLDERS.flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.m?[jt]s$/.test(path) && !path.includes('node_modules'))
    .map((path) => join(folder, path)),
);

it('a clone works in a folder with a blank or an umlaut in its name, which the pathname of a URL writes as %20', () => {
  const astray = sources.filter((path) => /meta\.url\)\.pathname/.test(readFileSync(join(root, path), 'utf8')));

  expect(sources.length).toBeGreaterThan(500);
  expect(astray).toEqual([]);
});
