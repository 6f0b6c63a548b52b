// npm run test:hosts [-- --only nest11]: applications that install the packed tarball, as anyone would. Each is copied
// to a folder outside the project, installed from the registry, compiled with skipLibCheck off, and used over HTTP.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { setTimeout as sleep } from 'node:timers/promises';
import { root } from '../../scripts/root.mjs';
import { startProcess, until } from '../../scripts/started-process.mjs';
import { call, expectCall } from '../drills/service.mjs';
import { startRedis } from '../faults/redis.mjs';

const SLIDES_WITHIN = 15_000;

const HOSTS = {
  nest11: {
    builds: [[], ['-p', 'tsconfig.node16.json']],
    jest: true,
    apps: [{ auth: 'dist/main.js' }, { auth: 'dist-node16/main.js' }],
  },
  nest12: { builds: [[]], apps: [{ auth: 'dist/auth/main.js', guarded: 'dist/orders/main.js' }] },
};

const { values } = parseArgs({ options: { only: { type: 'string' } } });
const say = (text) => process.stdout.write(`hosts: ${text}\n`);
const scratch = mkdtempSync(join(tmpdir(), 'keyturn-hosts-'));
const closing = [async () => rmSync(scratch, { recursive: true, force: true })];
try {
  await import('../../scripts/build-if-needed.mjs');
  await import('../../scripts/package.mjs');
  const tarball = pack();
  const redis = await startRedis();
  closing.push(() => redis.stop());
  const { generateKeys } = await import('../../dist/esm/index.js');
  const env = { PATH: process.env.PATH, REDIS_URL: redis.url, AUTH_KEYS: JSON.stringify(generateKeys()) };

  for (const name of values.only ? [values.only] : Object.keys(HOSTS)) {
    const { builds, jest, apps } = HOSTS[name];
    const folder = join(scratch, name);
    const run = (command, ...args) =>
      execFileSync(command, args, { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'], timeout: 600_000 });
    const node = (tool, ...args) => run(process.execPath, join(folder, 'node_modules', tool), ...args);
    cpSync(`${root}test/hosts/${name}`, folder, { recursive: true });
    run('npm', 'install', '--no-audit', '--no-fund', '--prefer-offline', '--loglevel', 'error', tarball);
    for (const args of builds) node('typescript/bin/tsc', ...args);
    say(`${name}: installed, compiles ${builds.length === 1 ? '' : `${builds.length} ways `}with skipLibCheck off`);
    if (jest) {
      node('jest/bin/jest.js', '--forceExit', '--silent');
      say(`${name}: its own Jest is green`);
    }
    for (const { auth, guarded } of apps) {
      const issuer = await startApp(folder, auth, env);
      const app = guarded ? await startApp(folder, guarded, { ...env, AUTH_URL: issuer.url }) : issuer;
      await use(issuer.url, app.url);
      for (const { stop } of new Set([app, issuer])) await stop();
      say(`${name}: ${[auth, guarded].filter(Boolean).join(' and ')}: guards, slides, refreshes, revokes`);
    }
  }
} finally {
  for (const close of closing.toReversed()) await close();
}
// Not by process.exitCode: a kept connection must not hold up a finished run.
process.exit(0);

function pack() {
  const options = { cwd: `${root}dist/package`, stdio: ['ignore', 'ignore', 'inherit'] };
  execFileSync('npm', ['pack', '--loglevel', 'error', '--pack-destination', scratch], options);
  return join(
    scratch,
    readdirSync(scratch).find((name) => name.endsWith('.tgz')),
  );
}

async function startApp(folder, entry, env) {
  const app = await startProcess({
    entry,
    cwd: folder,
    env,
    stdio: ['ignore', 'inherit', 'inherit'],
    readyAt: '/cart',
    isReady: () => true,
  });
  closing.push(app.kill);
  return app;
}

async function use(auth, app) {
  const tokens = await expectCall(200, `${auth}/login`, { body: { name: 'ann' } });
  const token = tokens.access_token;
  await expectCall(401, `${app}/cart`);
  await expectCall(401, `${app}/cart`, { token: `${token.slice(0, -3)}AAA` });
  const { cartOf } = await expectCall(200, `${app}/cart`, { token });
  if (cartOf !== 'ann') throw new Error(`a cart of ${cartOf}`);
  await slides(app, token);
  const next = await expectCall(200, `${auth}/auth/refresh`, { body: { refresh_token: tokens.refresh_token } });
  await expectCall(204, `${auth}/auth/logout`, { body: { refresh_token: next.refresh_token } });
  await until('the revocation known', async () => (await call(`${app}/cart`, { token })).status === 401, 10_000);
  await expectCall(401, `${auth}/auth/refresh`, { body: { refresh_token: next.refresh_token } });
}

/** Nothing is gained within the second of the login. */
async function slides(app, token) {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  for (const end = Date.now() + SLIDES_WITHIN; Date.now() < end; await sleep(300)) {
    const answer = await fetch(`${app}/cart/items`, { method: 'POST', headers, body: '{}' });
    if (answer.status !== 201) throw new Error(`adding to the cart: ${answer.status} ${await answer.text()}`);
    if (answer.headers.has('renewed-access-token')) return;
  }
  throw new Error('no renewed access token');
}
