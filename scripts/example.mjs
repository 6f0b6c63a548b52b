// Runs examples/shop, or the one that is named, as a host has it: compiled against the declarations of dist/package, and
// running on a copy of it in a node_modules above. A copy, as `npm install` of the packed file would make: a symbolic link
// needs a privilege on Windows, and a loader or an import map would resolve in a way that no host does. Nothing is fetched.
import { spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, rmSync } from 'node:fs';
import { root } from './root.mjs';
import { until } from './started-process.mjs';

const out = `${root}dist/examples`;
const [name = 'shop'] = process.argv.slice(2);
if (!existsSync(`${root}examples/${name}/main.ts`)) {
  process.stderr.write(`There is no example ${name}: shop, monorepo\n`);
  process.exit(1);
}

await import('./build-if-needed.mjs');
await import('./package.mjs');

rmSync(out, { recursive: true, force: true });
cpSync(`${root}dist/package`, `${out}/node_modules/keyturn`, { recursive: true });
const tsc = ['node_modules/typescript/bin/tsc', '-p', `examples/${name}/tsconfig.build.json`];
const { status } = spawnSync(process.execPath, tsc, { cwd: root, stdio: 'inherit' });
if (status !== 0) process.exit(1);

// The auth service of the monorepo: a process of its own, which ends with this one.
if (name === 'monorepo') {
  const service = spawn(process.execPath, ['dist/esm/main.js'], { cwd: root, stdio: 'inherit' });
  service.once('exit', (code) => process.exit(code ?? 1));
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => service.kill(signal));
  process.once('exit', () => service.kill());
  // Its first start makes a database, which takes some seconds. Who reads that the app is there would go on too early.
  const { AUTH_URL = 'http://localhost:3000' } = process.env;
  await until('the auth service answers', async () => (await fetch(`${AUTH_URL}/health/live`)).ok, 90_000);
}

await import(`../dist/examples/${name}/main.js`);
