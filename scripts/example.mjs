// Runs examples/shop as a host has it: compiled against the declarations of dist/package, and running on a copy of it in
// a node_modules above dist/examples/shop. A copy, as `npm install` of the packed file would make: a symbolic link needs
// a privilege on Windows, and a loader or an import map would resolve in a way that no host does. Nothing is fetched.
import { spawnSync } from 'node:child_process';
import { cpSync, rmSync } from 'node:fs';
import { root } from './root.mjs';

const out = `${root}dist/examples`;

await import('./build-if-needed.mjs');
await import('./package.mjs');

rmSync(out, { recursive: true, force: true });
cpSync(`${root}dist/package`, `${out}/node_modules/keyturn`, { recursive: true });
const tsc = ['node_modules/typescript/bin/tsc', '-p', 'examples/shop/tsconfig.build.json'];
const { status } = spawnSync(process.execPath, tsc, { cwd: root, stdio: 'inherit' });
if (status !== 0) process.exit(1);

await import('../dist/examples/shop/main.js');
