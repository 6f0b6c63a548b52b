import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from './root.mjs';
import { startProcess, until } from './started-process.mjs';

/** Starts dist/esm/main.js with nothing but a port and a folder, logs in, and stops it by SIGTERM. */
export async function smokeService() {
  const dataDir = mkdtempSync(join(tmpdir(), 'keyturn-smoke-'));
  let service;
  try {
    const startedAt = Date.now();
    const env = { DATA_DIR: join(dataDir, 'data') };
    // The SDK has another copy of OpenTelemetry's API than the service: both must meet in what the copies share.
    const command = [process.execPath, '--import', `${root}scripts/print-spans.mjs`, `${root}dist/esm/main.js`];
    service = await startProcess({ command, cwd: dataDir, env });
    console.log(`smoke: ready after ${Date.now() - startedAt} ms`);
    await useService(service.url);
    await assertStyled(service.url);
    if (process.platform === 'linux') assertHashingGivesWay(service.child.pid);
    for (const span of ['keyturn.login', 'keyturn.refresh', 'keyturn.verify'])
      await until(`span ${span}`, () => service.log().includes(`span: ${span}\n`));
    console.log('smoke: its spans reach an SDK');

    const stoppingAt = Date.now();
    await service.stop();
    console.log(`smoke: SIGTERM to exit code 0 in ${Date.now() - stoppingAt} ms`);
  } catch (error) {
    console.error(service?.log() ?? '');
    throw error;
  } finally {
    await service?.kill();
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

/** A bundler that changes text breaks a style sheet, and no test of the sources sees it. */
async function assertStyled(base) {
  const { LOOK } = await import(`${root}dist/esm/pages/look.css.js`);
  const answer = await fetch(`${base}/playground/playground.css`, { signal: AbortSignal.timeout(10_000) });
  if (!(await answer.text()).startsWith(LOOK)) throw new Error('the style sheet of the pages is not as it was written');
  console.log('smoke: its pages have the style sheet that was written');
}

/** What only the built service has: logins are hashed on a thread of a lower priority. */
function assertHashingGivesWay(pid) {
  const priorities = readdirSync(`/proc/${pid}/task`).map((thread) => {
    const stat = readFileSync(`/proc/${pid}/task/${thread}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[16];
  });
  if (!priorities.includes('10')) throw new Error(`no thread gives way to the others: ${priorities.join(' ')}`);
  console.log('smoke: passwords are hashed on a thread that gives way to the others');
}
