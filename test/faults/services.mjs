import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startPostgres } from '../drills/postgres.mjs';
import { load, pathOf } from './build.mjs';
import { HonestClient } from './client.mjs';
import { httpDoor } from './doors.mjs';
import { freePort, until } from './redis.mjs';

const READY_WITHIN = 60_000;
const PASSWORD = 'correct horse battery staple';
/** Sentinel and Cluster settings of the service, as `startSentinels` and `startCluster` give them. */
const whereOf = ({ url, sentinels, sentinelName, cluster }) => ({
  ...(url && { REDIS_URL: url }),
  ...(sentinels && { REDIS_SENTINELS: sentinels.join(','), REDIS_SENTINEL_NAME: sentinelName }),
  ...(cluster && { REDIS_CLUSTER: cluster.join(',') }),
});

/**
 * The standalone service as it is shipped, a process of its own.
 * @param env its settings
 * @param readyAt the path that must answer 200 before it counts as started
 * @param hear gets each event of its audit log
 */
export async function startService({ env, readyAt = '/health/ready', hear = () => undefined }) {
  const folder = mkdtempSync(join(tmpdir(), 'keyturn-faults-'));
  const port = await freePort();
  const settings = {
    PATH: process.env.PATH,
    DATA_DIR: join(folder, 'data'),
    LOG_FORMAT: 'json',
    ...env,
    PORT: String(port),
  };
  const child = spawn(process.execPath, [pathOf('main.js')], {
    cwd: folder,
    env: settings,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let log = '';
  let rest = '';
  const read = (chunk) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop();
    for (const line of lines) {
      if (line.includes('"event":"token.reused"')) hear({ ...JSON.parse(line), type: 'token.reused' });
    }
    log = (log + chunk).slice(-100_000);
  };
  child.stdout.setEncoding('utf8').on('data', read);
  child.stderr.setEncoding('utf8').on('data', (chunk) => (log += chunk));
  const exit = once(child, 'exit').then(([code, signal]) => ({ code, signal }));
  const url = `http://127.0.0.1:${port}`;
  const door = httpDoor(url);
  const stop = async () => {
    door.close();
    child.kill('SIGKILL');
    await exit;
    rmSync(folder, { recursive: true, force: true });
  };
  const ended = exit.then(({ code }) => Promise.reject(new Error(`the service ended with ${code}: ${log}`)));
  ended.catch(() => undefined);
  try {
    await Promise.race([
      until(`${readyAt} of the service`, async () => (await fetch(url + readyAt)).ok, READY_WITHIN),
      ended,
    ]);
  } catch (error) {
    await stop();
    throw new Error(`${error.message}\n${log}`, { cause: error });
  }
  return { url, door, exit, stop, log: () => log, signal: (name) => child.kill(name) };
}

/**
 * Several services on one store and one PostgreSQL, with the same keys.
 * @param store where Redis is, as options of the Redis module name it
 */
export async function startServices({ own, tally }, { store, count = 3, env = {} }) {
  const { generateKeys } = await load('index.js');
  const postgres = own(await startPostgres());
  const settings = {
    DATABASE_URL: postgres.url,
    AUTH_KEYS: JSON.stringify(generateKeys('HS256')),
    AUTH_ALGORITHM: 'HS256',
    AUTH_ISSUER: 'https://auth.example',
    ...whereOf(store),
    ...env,
  };
  const members = [];
  for (let index = 0; index < count; index += 1) {
    members.push(own(await startService({ env: settings, hear: (event) => tally.hear(event) })));
  }
  return { members, postgres, settings };
}

/** An account with one session, opened at an instance. */
export async function loginAt({ url }, name) {
  const body = JSON.stringify({ email: `${name}@example.com`, password: PASSWORD });
  const post = async (path) => {
    const answer = await fetch(url + path, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
    if (!answer.ok) throw new Error(`${path} answered ${answer.status} ${await answer.text()}`);
    return answer.json();
  };
  await patiently(() => post('/auth/register'));
  return (await patiently(() => post('/auth/login'))).refresh_token;
}

/** A login that finds the store busy is tried again, as people do. */
async function patiently(ask, tries = 20) {
  try {
    return await ask();
  } catch (error) {
    if (tries === 0 || !/answered 503/.test(error.message)) throw error;
    await sleep(200);
    return patiently(ask, tries - 1);
  }
}

/** Honest clients that know one instance alone, so that no other can hide that it does not serve. */
export async function clientsOf(member, count, { tally, chance }) {
  const clients = [];
  for (let index = 0; index < count; index += 1) {
    const luck = chance.stream(`client ${index}`);
    const token = await loginAt(member, luck.text());
    clients.push(new HonestClient({ token, tally, chance: luck, rollbacks: true }));
  }
  return clients;
}
