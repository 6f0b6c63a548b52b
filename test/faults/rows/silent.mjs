import { setTimeout as sleep } from 'node:timers/promises';
import { startProxy } from '../proxy.mjs';
import { startRedis } from '../redis.mjs';
import { LONGEST, openScene } from './scene.mjs';

const BACK = 2_000;
/** A guarded route asks no store. One in a hundred may meet a machine that is busy with something else. */
const GUARDED_P99 = 100;

/**
 * Redis goes silent for a while, again and again, under a load of refreshes and of guarded requests.
 * @param begin does it, for `duration` milliseconds, and gives what ends it
 */
const silence =
  ({ begin, lasting = [1_500, 3_000], refusals = true }) =>
  async (row) => {
    const { own, tally, chance, size, short } = row;
    const redis = own(await startRedis());
    const proxy = own(await startProxy(redis.port));
    const scene = await openScene(row, { url: `redis://127.0.0.1:${proxy.port}` });
    const load = scene.load();
    const guarded = own(visitGuarded(scene));
    let back = 0;
    for (let i = 0; i < size; i += 1) {
      await sleep(chance.between(300, 900));
      const duration = chance.between(...lasting);
      const heal = await begin({ redis, proxy, chance, duration });
      await sleep(duration);
      await heal();
      back = Math.max(back, await load.backSince(performance.now()));
    }
    await load.stop();
    const { p99, wrong } = await guarded.stop();
    await scene.audit();
    const misses = wrong.length === 0 ? [] : [`a guarded route answered ${wrong.join(', ')}`];
    if (!short && p99 > GUARDED_P99) misses.push(`one in a hundred guarded requests took ${Math.round(p99)} ms`);
    if (refusals && tally.answersWith(503) === 0) misses.push('no 503 was seen');
    return { back, misses, note: `${size} times; 99 % of guarded requests ≤ ${Math.round(p99)} ms` };
  };

function visitGuarded({ clients, doors }) {
  const end = new AbortController();
  const times = [];
  const wrong = [];
  const loop = (async () => {
    for (let i = 0; i < 100_000 && !end.signal.aborted; i += 1) {
      const { accessToken } = clients[i % clients.length];
      if (accessToken) {
        const { status, took } = await doors[i % doors.length].guarded(accessToken);
        times.push(took);
        if (status !== 200) wrong.push(status);
      }
      await sleep(10);
    }
  })();
  const stop = async () => {
    end.abort();
    await loop;
    times.sort((a, b) => a - b);
    return { wrong, p99: times[Math.floor(times.length * 0.99)] };
  };
  return { stop };
}

async function hang({ redis }) {
  redis.hang();
  return () => redis.resume();
}

/** Ends by itself: CLIENT UNPAUSE would have to wait as well. */
async function pause({ redis, duration }) {
  await redis.client.call('CLIENT', 'PAUSE', String(duration), 'ALL');
  return () => redis.client.ping();
}

async function blackHole({ proxy }) {
  proxy.swallow();
  return () => proxy.heal();
}

/** Within the time a command has: nobody is refused. */
async function slowAnswers({ proxy, chance }) {
  proxy.delayBack = () => chance.between(20, 250);
  return () => {
    proxy.delayBack = () => 0;
  };
}

/** Scripts arrive long after their caller was told 503, and run all the same. */
async function lateWrites({ proxy, chance }) {
  proxy.delayThere = () => (chance.happens(0.3) ? chance.between(600, 1_500) : 0);
  return () => {
    proxy.delayThere = () => 0;
  };
}

const rowOf = (name, options, short = 0) => ({
  name,
  sizes: { full: 5, short, service: 2 },
  limit: 120_000,
  longest: LONGEST,
  back: BACK,
  run: silence(options),
});

export const silent = [
  rowOf('Redis hung (SIGSTOP)', { begin: hang }, 1),
  rowOf('Redis paused (CLIENT PAUSE)', { begin: pause }),
  rowOf('network a black hole, delivers later', { begin: blackHole }),
  rowOf('Redis slow, answers after 20 to 250 ms', { begin: slowAnswers, refusals: false }),
  rowOf('commands delayed to after their 503, and run', { begin: lateWrites }, 1),
];
