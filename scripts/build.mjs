// dist/esm (all of src, by the Nest CLI) and dist/pages (what runs in browsers), then the embedded database's first data
// folder, the service as a bundle in dist/esm/service, and at last a stamp by which build-if-needed.mjs knows that all of
// it is there.
import './node-version.mjs';
import './installed.mjs';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { root } from './root.mjs';

// What these import may not be there, see installed.mjs.
const { buildPages } = await import('./build-pages.mjs');
const { bundleService } = await import('./bundle-service.mjs');

const since = performance.now();
const startedAt = new Date();
const say = (text) => console.log(`build: ${text}`);
const seconds = () => ((performance.now() - since) / 1000).toFixed(1);

/** The tools say themselves what is wrong; a failure only has to end the build. */
const run = async (...args) => {
  const [code] = await once(spawn(process.execPath, args, { cwd: root, stdio: 'inherit' }), 'exit');
  if (code !== 0) process.exitCode = 1;
};

say('compiles the service and the library; this takes about half a minute, and only after a change');
rmSync(`${root}dist`, { recursive: true, force: true });
await Promise.all([run('node_modules/@nestjs/cli/bin/nest.js', 'build'), buildPages()]);
if (process.exitCode) process.exit();

say(`compiled after ${seconds()} s; makes the embedded database that a first start unpacks`);
await run('scripts/make-pgdata.mjs');
if (process.exitCode) process.exit();

const { files } = await bundleService(`${root}dist/esm`);
// What was compiled goes: the service is there once, and what the tests run is what users run.
rmSync(`${root}dist/esm/service`, { recursive: true });
for (const { path, text } of files) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

writeFileSync(`${root}dist/.built`, `${new Date().toISOString()}\n`);
// What is saved while it builds may not be in the build: it counts as newer.
utimesSync(`${root}dist/.built`, startedAt, startedAt);
say(`done after ${seconds()} s`);
