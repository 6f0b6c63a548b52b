// npm run test:clients [-- --only oauth4webapi --only nginx]: published OAuth clients, unmodified, against the built
// service behind nginx with TLS and a test authority (several of them refuse http). Each file of clients/ uses its library,
// and says what must come out. The protocol is spoken here for one token alone, which the test of nginx is given.
import { execFileSync, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { root } from '../../scripts/root.mjs';
import { accountOf, expectCall, startService } from '../drills/service.mjs';
import { freePort } from '../faults/redis.mjs';
import { startNginx } from './nginx.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));
const all = readdirSync(join(here, 'clients')).map((file) => file.replace(/\.mjs$/, ''));
const { values } = parseArgs({ options: { only: { type: 'string', multiple: true, default: all } } });
const say = (text) => process.stdout.write(`clients: ${text}\n`);

if (!existsSync(join(here, 'node_modules'))) {
  execFileSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel', 'error'], { cwd: here, stdio: 'inherit' });
}
await import('../../scripts/build-if-needed.mjs');
const { generateKeys } = await import('../../dist/esm/index.js');
const jose = await import('jose');

const scratch = mkdtempSync(join(tmpdir(), 'keyturn-clients-'));
const closing = [async () => rmSync(scratch, { recursive: true, force: true })];
let failed = 0;
try {
  // A verifier of AWS wants RS256; all others are shown the default.
  for (const algorithm of ['ES256', 'RS256']) {
    const names = values.only.filter((name) => (name === 'aws-jwt-verify') === (algorithm === 'RS256'));
    if (names.length > 0) failed += await tryAll(names, algorithm);
  }
} finally {
  for (const close of closing.toReversed()) await close();
}
say(failed === 0 ? 'all green' : `${failed} failed`);
process.exit(failed === 0 ? 0 : 1);

async function tryAll(names, algorithm) {
  const tlsPort = await freePort();
  const issuer = `https://localhost:${tlsPort}`;
  const secrets = { rs: randomBytes(32).toString('base64url'), second: randomBytes(32).toString('base64url') };
  const pair = await jose.generateKeyPair('ES256', { extractable: true });
  const [publicJwk, privateJwk] = await Promise.all([jose.exportJWK(pair.publicKey), jose.exportJWK(pair.privateKey)]);
  const sha256 = (text) => createHash('sha256').update(text).digest('base64url');
  const service = await startService({
    entry: `${root}dist/esm/main.js`,
    cwd: scratch,
    env: {
      AUTH_ISSUER: issuer,
      AUTH_ALGORITHM: algorithm,
      AUTH_KEYS: JSON.stringify(generateKeys(algorithm)),
      DATA_DIR: mkdtempSync(join(scratch, 'data-')),
      TRUST_PROXY: '127.0.0.1',
      NODE_ENV: 'development',
      AUTH_CLIENTS: JSON.stringify({
        app: {},
        page: { transport: 'cookie' },
        rs: {
          secretHashes: [sha256(secrets.rs), sha256(secrets.second)],
          scope: 'orders:read orders:write reports:read',
        },
        robot: { jwks: { keys: [{ ...publicJwk, kid: 'robot-1', alg: 'ES256', use: 'sig' }] }, scope: 'orders:read' },
      }),
    },
  });
  closing.push(() => service.kill());
  const nginx = await startNginx({ port: tlsPort, upstream: new URL(service.url).port });
  closing.push(() => nginx.stop());

  const account = accountOf('ann');
  await expectCall(201, `${service.url}/auth/register`, { body: account });
  let failures = 0;
  for (const name of names) {
    // Each client has a session of its own, as it may end it.
    const login = () => expectCall(200, `${service.url}/auth/login`, { body: { ...account, client_id: 'app' } });
    const sessions = [await login(), await login()];
    const input = {
      account,
      issuer,
      sessions,
      machine: await machineToken(service.url, secrets.rs),
      page: await cookiesOf(service.url, account),
      secrets,
      robotKey: { ...privateJwk, kid: 'robot-1', alg: 'ES256' },
      ca: nginx.ca,
    };
    const ok = await runClient(name, input);
    say(`${name}: ${ok ? 'ok' : 'FAILED'}`);
    if (!ok) failures++;
  }
  if (failures > 0) process.stdout.write(service.log());
  await nginx.stop();
  await service.kill();
  return failures;
}

async function machineToken(url, secret) {
  const authorization = `Basic ${Buffer.from(`rs:${secret}`).toString('base64')}`;
  const body = new URLSearchParams({ grant_type: 'client_credentials', scope: 'reports:read' });
  const answer = await fetch(`${url}/oauth/token`, { method: 'POST', headers: { authorization }, body });
  return (await answer.json()).access_token;
}

/** What a browser sends that has logged in by cookie. */
async function cookiesOf(url, account) {
  const body = JSON.stringify({ ...account, client_id: 'page' });
  const headers = { 'content-type': 'application/json', origin: url, 'sec-fetch-site': 'same-origin' };
  const answer = await fetch(`${url}/auth/login`, { method: 'POST', headers, body });
  const cookies = answer.headers.getSetCookie().map((cookie) => cookie.split(';', 1)[0]);
  return cookies.join('; ');
}

async function runClient(name, input) {
  const child = spawn(process.execPath, [join(here, 'clients', `${name}.mjs`)], {
    cwd: here,
    env: { PATH: process.env.PATH, NODE_EXTRA_CA_CERTS: input.ca, INPUT: JSON.stringify(input) },
    stdio: ['ignore', 'inherit', 'inherit'],
    timeout: 60_000,
  });
  const [code] = await once(child, 'exit');
  return code === 0;
}
