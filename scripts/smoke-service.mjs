import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { root } from './root.mjs';

const READY_WITHIN = 60_000;
const STOPPED_WITHIN = 10_000;

/** Starts dist/esm/main.js with nothing but a port and a folder, logs in, and stops it by SIGTERM. */
export async function smokeService() {
  const dataDir = mkdtempSync(join(tmpdir(), 'keyturn-smoke-'));
  const port = await freePort();
  const service = spawn(process.execPath, [`${root}dist/esm/main.js`], {
    cwd: dataDir,
    env: { PATH: process.env.PATH, PORT: String(port), DATA_DIR: join(dataDir, 'data') },
  });
  let log = '';
  service.stdout.on('data', (chunk) => (log += chunk));
  service.stderr.on('data', (chunk) => (log += chunk));
  const exit = once(service, 'exit').then(([code, signal]) => ({ code, signal }));

  try {
    const startedAt = Date.now();
    await Promise.race([
      ready(`http://127.0.0.1:${port}/health/ready`),
      exit.then((how) => Promise.reject(new Error(`the service ended before it was ready: ${JSON.stringify(how)}`))),
    ]);
    console.log(`smoke: ready after ${Date.now() - startedAt} ms`);
    await useService(`http://127.0.0.1:${port}`);

    const stoppingAt = Date.now();
    service.kill('SIGTERM');
    const how = await Promise.race([exit, sleep(STOPPED_WITHIN, null, { ref: false })]);
    if (how?.code !== 0) throw new Error(`SIGTERM: want exit code 0 within 10 s, got ${JSON.stringify(how)}`);
    console.log(`smoke: SIGTERM to exit code 0 in ${Date.now() - stoppingAt} ms`);
  } catch (error) {
    console.error(log);
    throw error;
  } finally {
    service.kill('SIGKILL');
    rmSync(dataDir, { recursive: true, force: true });
  }
}

async function useService(base) {
  const call = async (method, path, { body, token, status }) => {
    const headers = {
      ...(body && { 'content-type': 'application/json' }),
      ...(token && { authorization: `Bearer ${token}` }),
    };
    const answer = await fetch(base + path, {
      method,
      headers,
      body: body && JSON.stringify(body),
      signal: AbortSignal.timeout(10_000),
    });
    const text = await answer.text();
    if (answer.status !== status) throw new Error(`${method} ${path}: want ${status}, got ${answer.status} ${text}`);
    return text && JSON.parse(text);
  };
  const { keys } = await call('GET', '/.well-known/jwks.json', { status: 200 });
  if (!keys?.length || keys.some((key) => 'd' in key || 'k' in key)) throw new Error('JWKS: want public keys only');

  const credentials = { email: 'ada@example.com', password: 'correct horse battery staple' };
  await call('POST', '/auth/register', { body: credentials, status: 201 });
  const login = await call('POST', '/auth/login', { body: credentials, status: 200 });
  const refreshed = await call('POST', '/auth/refresh', { body: { refresh_token: login.refresh_token }, status: 200 });
  const me = await call('GET', '/auth/me', { token: refreshed.access_token, status: 200 });
  if (me.email !== credentials.email) throw new Error(`/auth/me: want ${credentials.email}, got ${JSON.stringify(me)}`);
  console.log('smoke: keys published, registered, logged in, refreshed, recognised');
}

async function ready(url) {
  const deadline = Date.now() + READY_WITHIN;
  let last = 'no answer';
  while (Date.now() < deadline) {
    try {
      const answer = await fetch(url, { signal: AbortSignal.timeout(2_000) });
      if (answer.status === 200) return;
      last = `${answer.status} ${await answer.text()}`;
    } catch (error) {
      last = String(error.cause ?? error);
    }
    await sleep(100);
  }
  throw new Error(`${url} is not 200 after ${READY_WITHIN / 1000} s: ${last}`);
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}
