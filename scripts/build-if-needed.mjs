// `npm start` builds only when there is something new: compiling takes longer than starting.
import './node-version.mjs';
import { readdirSync, statSync } from 'node:fs';
import { root } from './root.mjs';

const changedAt = (path) => statSync(root + path, { throwIfNoEntry: false })?.mtimeMs ?? 0;

// Folders count too: deleting a file changes nothing but its folder.
const inputs = ['tsconfig.json', 'tsconfig.build.json', 'nest-cli.json', 'package-lock.json', 'src'];
for (const folder of ['src', 'scripts']) {
  for (const path of readdirSync(root + folder, { recursive: true })) inputs.push(`${folder}/${String(path)}`);
}

const builtAt = changedAt('dist/.built');
if (inputs.some((path) => changedAt(path) > builtAt)) await import('./build.mjs');
