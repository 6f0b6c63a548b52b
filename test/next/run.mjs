// npm run test:next: examples/next as its users have it, from the packed tarball, built and started by Next.js itself, in
// front of the built example shop and behind nginx as a shared cache. A name of a test after `--` chooses: -- -t cache
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../scripts/root.mjs';

const APP = `${root}.cache/next-example`;
const say = (text) => process.stdout.write(`next: ${text}\n`);
const inApp = (command, ...args) =>
  execFileSync(command, args, {
    cwd: APP,
    stdio: 'inherit',
    env: { ...process.env, NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1', SESSION_SECRETS: '' },
  });
const textOf = (path) => (existsSync(path) ? readFileSync(path, 'utf8') : undefined);

execFileSync(process.execPath, ['scripts/ensure-system.mjs', 'nginx', 'chromium'], { cwd: root, stdio: 'inherit' });
await import('../../scripts/build-if-needed.mjs');
await import('../../scripts/package.mjs');

// What npm has installed stays for the next run, as long as the lock file is the same.
const lockFile = `${root}examples/next/package-lock.json`;
const isInstalled = existsSync(`${APP}/node_modules`) && textOf(lockFile) === textOf(`${APP}/package-lock.json`);
mkdirSync(APP, { recursive: true });
for (const name of readdirSync(APP)) {
  if (name !== 'node_modules') rmSync(join(APP, name), { recursive: true });
}
const isOurs = (path) => !/(node_modules|\.next|next-env\.d\.ts|tsbuildinfo)$/.test(path);
cpSync(`${root}examples/next`, APP, { recursive: true, filter: isOurs });
if (!isInstalled) inApp('npm', 'ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel', 'error');

const pack = ['pack', '--loglevel', 'error', '--json', '--pack-destination', APP];
const [{ filename }] = JSON.parse(execFileSync('npm', pack, { cwd: `${root}dist/package`, encoding: 'utf8' }));
rmSync(`${APP}/node_modules/keyturn`, { recursive: true, force: true });
mkdirSync(`${APP}/node_modules/keyturn`);
inApp('tar', '-xzf', filename, '-C', 'node_modules/keyturn', '--strip-components', '1');
say(`installed, with ${filename}; builds`);
inApp(process.execPath, 'node_modules/next/dist/bin/next', 'build');

const jest = ['jest', '--config', 'test/next/jest.config.js', ...process.argv.slice(2)];
const { status } = spawnSync('npx', jest, { cwd: root, stdio: 'inherit', env: { ...process.env, NEXT_APP: APP } });
process.exitCode = status ?? 1;
