import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathOf } from '../build.mjs';
import { httpDoor } from '../doors.mjs';
import { HonestClient } from '../client.mjs';
import { startProxy } from '../proxy.mjs';
import { freePort, startRedis, until } from '../redis.mjs';

const ENDS_WITHIN = 10_000;
const IN_FLIGHT = 20;

/** The standalone service itself, with its users, stopped in the middle of refreshes that a slow Redis holds up. */
async function sigterm({ own, tally, chance, size }) {
  const redis = own(await startRedis());
  const proxy = own(await startProxy(redis.port));
  const folder = folderOf(own);
  const misses = [];
  let longest = 0;
  for (let i = 0; i < size; i += 1) {
    const service = own(await startService(folder, `redis://127.0.0.1:${proxy.port}`));
    const tokens = await Promise.all(Array.from({ length: IN_FLIGHT }, () => loginAt(service.url, i, chance.text())));
    const clients = tokens.map((token) => new HonestClient({ token, tally, chance }));
    const door = httpDoor(service.url);
    // The first of each script is sent whole, and counted elsewhere.
    for (const client of clients) await client.refresh(() => door);
    const scriptsBefore = await scriptsRun(redis);
    proxy.delayBack = () => chance.between(800, 1_200);
    const answers = clients.map((client) => client.ask(door));
    await until('all in flight', async () => (await scriptsRun(redis)) >= scriptsBefore + IN_FLIGHT);
    const asked = performance.now();
    service.signal('SIGTERM');
    const { code } = await Promise.race([service.exit, sleep(ENDS_WITHIN, { code: 'none' }, { ref: false })]);
    longest = Math.max(longest, performance.now() - asked);
    if (code !== 0) misses.push(`exit code ${code}`);
    const unanswered = (await Promise.all(answers)).filter(({ status }) => status !== 200);
    if (unanswered.length > 0)
      misses.push(`${unanswered.length} requests in flight were answered ${unanswered[0].status}`);
    proxy.delayBack = () => 0;
    door.close();
  }
  return { misses, note: `${size * IN_FLIGHT} in flight, ended in ${Math.round(longest)} ms at most` };
}

function folderOf(own) {
  const folder = mkdtempSync(join(tmpdir(), 'keyturn-faults-'));
  own({ stop: async () => rmSync(folder, { recursive: true, force: true }) });
  return folder;
}

const scriptsRun = async ({ client }) =>
  Number(/cmdstat_evalsha:calls=(\d+)/.exec(await client.info('commandstats'))?.[1] ?? 0);

async function startService(folder, redisUrl, readyAt = '/health/ready') {
  const port = await freePort();
  const env = {
    PATH: process.env.PATH,
    PORT: String(port),
    DATA_DIR: join(folder, 'data'),
    REDIS_URL: redisUrl,
    LOGIN_LIMITS: 'off',
    REDIS_COMMAND_TIMEOUT: '3s',
    LOG_LEVEL: 'fatal',
  };
  const child = spawn(process.execPath, [pathOf('main.js')], { cwd: folder, env, stdio: ['ignore', 'ignore', 'pipe'] });
  let complaint = '';
  child.stderr.on('data', (chunk) => (complaint += chunk));
  const exit = once(child, 'exit').then(([code]) => ({ code }));
  const url = `http://127.0.0.1:${port}`;
  const ended = exit.then(({ code }) => Promise.reject(new Error(`the service ended with ${code}: ${complaint}`)));
  ended.catch(() => undefined);
  await Promise.race([until('the service ready', async () => (await fetch(url + readyAt)).ok, 60_000), ended]);
  const stop = async () => {
    child.kill('SIGKILL');
    await exit;
  };
  return { url, exit, stop, signal: (name) => child.kill(name) };
}

async function loginAt(url, round, name) {
  const credentials = { email: `${name}-${round}@example.com`, password: 'correct horse battery staple' };
  const post = async (path) => {
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(url + path, { method: 'POST', headers, body: JSON.stringify(credentials) });
    if (!answer.ok) throw new Error(`${path} answered ${answer.status} ${await answer.text()}`);
    return answer.json();
  };
  await post('/auth/register');
  return (await post('/auth/login')).refresh_token;
}

/** Alive at once, ready as soon as Redis is: an orchestrator neither kills it nor sends it anybody. */
async function waitsForRedis({ own, tally }) {
  const redis = own(await startRedis());
  await redis.kill();
  const { url } = own(await startService(folderOf(own), redis.url, '/health/live'));
  const status = async (path) => {
    const asked = performance.now();
    const answer = await fetch(url + path);
    tally.attempts += 1;
    tally.longest = Math.max(tally.longest, performance.now() - asked);
    return answer.status;
  };
  const [live, ready] = [await status('/health/live'), await status('/health/ready')];
  await redis.start();
  const there = performance.now();
  await until('ready', async () => (await status('/health/ready')) === 200);
  const back = performance.now() - there;
  return { back, misses: live === 200 && ready === 503 ? [] : [`live ${live}, ready ${ready} without Redis`] };
}

export const service = [
  {
    name: 'the standalone service ended by SIGTERM',
    sizes: { full: 3, short: 0 },
    limit: 180_000,
    run: sigterm,
  },
  {
    name: 'the standalone service started before Redis',
    sizes: { full: 1, short: 0 },
    limit: 90_000,
    back: 2_000,
    run: waitsForRedis,
  },
];
