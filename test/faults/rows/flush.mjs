import { setTimeout as sleep } from 'node:timers/promises';
import { HonestClient } from '../client.mjs';
import { startCluster } from '../cluster.mjs';
import { startFleet } from '../fleet.mjs';
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

/** Either host with as many callers as are in flight: each of them gives an answer, again and again. */
const HOSTS = {
  small: async ({ own, tally, chance, fault }, store) => {
    const config = { store: { ...store, commandTimeout: '5s' }, keys: await makeKeys() };
    const instance = own(await openInstance(config));
    const ask = async () => {
      const asked = performance.now();
      const status = await instance.repository.generationOf(chance.text()).then(
        () => 200,
        (error) => {
          fault(String(error.cause));
          return 503;
        },
      );
      tally.note({ status, retryAfter: 1, took: performance.now() - asked });
    };
    return Array.from({ length: IN_FLIGHT }, () => ask);
  },
  service: async (row, store) => {
    const config = { store: { ...store, commandTimeout: '5s' }, keys: await makeKeys() };
    const { members, doors } = row.own(await startFleet(1, config, row));
    const tokens = await members[0].ask('open', { subs: Array.from({ length: IN_FLIGHT }, () => row.chance.text()) });
    return tokens.map((token, index) => {
      const client = new HonestClient({ ...row, token, chance: row.chance.stream(`client ${index}`) });
      return async () => {
        const { status, code } = await client.ask(doors[0]);
        if (status !== 200) row.fault(`${status} ${code}`);
      };
    });
  },
};

/** Somebody empties the script cache again and again while 64 commands are in flight: nobody may notice. */
const flushed = (place) => async (row) => {
  const { own, size, host } = row;
  const { store, servers } = await PLACES[place](own);
  const faults = new Map();
  const fault = (words) => faults.set(words, (faults.get(words) ?? 0) + 1);
  const callers = await HOSTS[host]({ ...row, fault }, store);
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
  let left = size;
  await Promise.all(
    callers.map(async (ask) => {
      while (left-- > 0) await ask();
    }),
  );
  end.abort();
  await flushing;
  const misses = [...faults].map(([fault, times]) => `${times} times ${fault}`);
  return { misses, note: `${flushes} flushes` };
};

export const flush = Object.keys(PLACES).map((place) => ({
  name: `SCRIPT FLUSH with ${IN_FLIGHT} commands in flight, ${place}`,
  sizes: { full: 50_000, short: place === 'one server' ? 3_000 : 0, service: 4_000 },
  limit: 180_000,
  run: flushed(place),
}));
