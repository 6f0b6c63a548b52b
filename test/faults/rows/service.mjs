import { setTimeout as sleep } from 'node:timers/promises';
import { HonestClient } from '../client.mjs';
import { startFleet } from '../fleet.mjs';
import { makeKeys } from '../instance.mjs';
import { startProxy } from '../proxy.mjs';
import { startRedis, until } from '../redis.mjs';

const ENDS_WITHIN = 10_000;
const IN_FLIGHT = 20;

/** The service, with its users, stopped in the middle of refreshes that a slow Redis holds up. */
async function sigterm(row) {
  const { own, tally, chance, size } = row;
  const redis = own(await startRedis());
  const proxy = own(await startProxy(redis.port));
  const store = { url: `redis://127.0.0.1:${proxy.port}`, commandTimeout: '3s' };
  const fleet = own(await startFleet(0, { store, keys: await makeKeys() }, row));
  const misses = [];
  let longest = 0;
  for (let i = 0; i < size; i += 1) {
    const service = await fleet.start();
    const tokens = await service.ask('open', { subs: Array.from({ length: IN_FLIGHT }, () => chance.text()) });
    const clients = tokens.map((token) => new HonestClient({ token, tally, chance }));
    // The first of each script is sent whole, and counted elsewhere.
    for (const client of clients) await client.refresh(() => service.door);
    const scriptsBefore = await scriptsRun(redis);
    proxy.delayBack = () => chance.between(800, 1_200);
    const answers = clients.map((client) => client.ask(service.door));
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
  }
  return { misses, note: `${size * IN_FLIGHT} in flight, ended in ${Math.round(longest)} ms at most` };
}

const scriptsRun = async ({ client }) =>
  Number(/cmdstat_evalsha:calls=(\d+)/.exec(await client.info('commandstats'))?.[1] ?? 0);

/** Alive at once, ready as soon as Redis is: an orchestrator neither kills it nor sends it anybody. */
async function waitsForRedis(row) {
  const { own, tally } = row;
  const redis = own(await startRedis());
  await redis.kill();
  const fleet = own(await startFleet(0, { store: { url: redis.url }, keys: await makeKeys() }, row));
  const { url } = await fleet.start({ beforeStore: true });
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
    name: 'ended by SIGTERM with requests in flight',
    sizes: { full: 0, short: 0, service: 3 },
    limit: 180_000,
    run: sigterm,
  },
  {
    name: 'started before Redis',
    sizes: { full: 0, short: 0, service: 1 },
    limit: 90_000,
    back: 2_000,
    run: waitsForRedis,
  },
];
