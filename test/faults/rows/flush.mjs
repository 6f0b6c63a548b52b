import { setTimeout as sleep } from 'node:timers/promises';
import { startCluster } from '../cluster.mjs';
import { makeKeys, openInstance } from '../instance.mjs';
import { startRedis } from '../redis.mjs';
import { startSentinels } from '../sentinels.mjs';

const IN_FLIGHT = 64;

/** Each place: the store as options name it, and the servers whose scripts are thrown away. */
const PLACES = {
  'one server': async (own) => {
    const server = own(await startRedis());
    return { store: { url: server.url }, servers: [server] };
  },
  Sentinel: async (own) => {
    const { master, store } = await startSentinels(own);
    return { store, servers: [master] };
  },
  Cluster: async (own) => {
    const { masters, store } = await startCluster(own);
    return { store, servers: masters };
  },
};

/** Somebody empties the script cache again and again while 64 commands are in flight: nobody may notice. */
const flushed = (place) => async (row) => {
  const { own, tally, size, chance } = row;
  const { store, servers } = await PLACES[place](own);
  const instance = own(await openInstance({ store: { ...store, commandTimeout: '5s' }, keys: await makeKeys() }));
  const end = new AbortController();
  let flushes = 0;
  const flushing = Promise.all(
    servers.map(async ({ client }) => {
      while (!end.signal.aborted) {
        await client.script('FLUSH');
        flushes += 1;
        await sleep(1);
      }
    }),
  );
  const faults = new Map();
  let left = size;
  await Promise.all(
    Array.from({ length: IN_FLIGHT }, async () => {
      while (left-- > 0) {
        const asked = performance.now();
        const status = await instance.repository.generationOf(chance.text()).then(
          () => 200,
          (error) => {
            faults.set(String(error.cause), (faults.get(String(error.cause)) ?? 0) + 1);
            return 503;
          },
        );
        tally.note({ status, retryAfter: 1, took: performance.now() - asked });
      }
    }),
  );
  end.abort();
  await flushing;
  const misses = [...faults].map(([fault, times]) => `${times} times ${fault}`);
  return { misses, note: `${flushes} flushes` };
};

export const flush = Object.keys(PLACES).map((place) => ({
  name: `SCRIPT FLUSH with ${IN_FLIGHT} commands in flight, ${place}`,
  sizes: { full: 50_000, short: place === 'one server' ? 3_000 : 0 },
  limit: 180_000,
  run: flushed(place),
}));
