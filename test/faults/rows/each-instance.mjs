import { setTimeout as sleep } from 'node:timers/promises';
import { startProxy } from '../proxy.mjs';
import { until } from '../redis.mjs';
import { masterNamed, startSentinels, twoInStep } from '../sentinels.mjs';
import { HonestClient, keepRefreshing } from '../client.mjs';
import { startFleet } from '../fleet.mjs';
import { makeKeys } from '../instance.mjs';
import { REPLICATES_WITHIN } from './failover.mjs';

const BACK = 6_000;
/** Longer than any wait of a client library: who is not served then will not be. */
const PATIENCE = 40_000;

/**
 * One failover after another, on the service as it is shipped. Clients know one instance each: if they changed over to
 * another, nobody would notice an instance that never comes back.
 * @param delay milliseconds each way between the services and the Sentinels
 * @param fail what happens to the master
 */
const failovers = (delay, fail) => async (row) => {
  const { own, tally, chance, size } = row;
  const { master, replicas, sentinels } = await startSentinels(own, { failoverTimeout: 3_000 });
  const proxies = [];
  for (const { port } of sentinels) {
    const proxy = own(await startProxy(port));
    proxy.delayThere = () => delay;
    proxy.delayBack = () => delay;
    proxies.push(`127.0.0.1:${proxy.port}`);
  }
  const store = { sentinels: proxies, sentinelName: 'keyturn' };
  const { members } = own(await startFleet(3, { store, keys: await makeKeys() }, row));
  const loads = [];
  for (const [index, member] of members.entries()) {
    const clients = await clientsOf(member, 4, { tally, chance: chance.stream(`instance ${index}`) });
    loads.push(own(keepRefreshing({ clients, doors: [member.door] })));
  }
  const servers = [master, ...replicas];
  const misses = [];
  let back = 0;
  let named = 0;
  for (let round = 1; round <= size && misses.length === 0; round += 1) {
    await sleep(chance.between(500, 2_000));
    const failing = await masterNamed(servers, sentinels);
    const failed = performance.now();
    const over = tally.history.losesWrites({ since: tally.history.clock() - REPLICATES_WITHIN });
    const heal = await fail(failing);
    const naming = newMasterNamed(failing, sentinels).then(() => performance.now() - failed);
    const waits = await Promise.all(loads.map((load) => load.backSince(failed, PATIENCE)));
    back = Math.max(back, ...waits);
    named = Math.max(named, await naming);
    waits.forEach((wait, index) => {
      if (wait >= PATIENCE)
        misses.push(`failover ${round}: instance ${index + 1} does not serve after ${PATIENCE / 1000} s`);
    });
    await heal(
      await masterNamed(
        servers.filter((server) => server !== failing),
        sentinels,
      ),
    );
    await twoInStep(servers);
    over();
  }
  for (const load of loads) await load.stop();
  await sentinels[0].kill();
  await sleep(2_000);
  for (const [index, member] of members.entries()) {
    const { status } = await fetch(`${member.url}/health/live`);
    if (status !== 200) misses.push(`instance ${index + 1} says live ${status}`);
    if (member.log().includes('[ioredis]')) misses.push(`instance ${index + 1} prints what is no line of the log`);
  }
  return { back, misses, note: `${size} failovers, a new master named after ${(named / 1000).toFixed(1)} s at most` };
};

/** Honest clients that know one instance alone, so that no other can hide that it does not serve. */
async function clientsOf(member, count, { tally, chance }) {
  const lucks = Array.from({ length: count }, (_, index) => chance.stream(`client ${index}`));
  const tokens = await member.ask('open', { subs: lucks.map((luck) => luck.text()) });
  return tokens.map((token, index) => new HonestClient({ token, tally, chance: lucks[index], rollbacks: true }));
}

/** What Sentinel needs for itself, which no client can shorten. */
const newMasterNamed = ({ port }, sentinels) =>
  until('a new master named', async () => {
    const named = await Promise.all(
      sentinels.map(({ client }) => client.call('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', 'keyturn')),
    );
    return named.some((address) => address?.[1] !== String(port));
  });

/** As by `kill -9`; comes back as a replica of the new master, as its supervisor would start it. */
const kill = async (server) => {
  await server.kill();
  return async (master) => {
    await server.start({ args: ['--replicaof', `127.0.0.1 ${master.port}`] });
  };
};

/** Hangs until the failover is over, and then believes for a moment that it is still the master. */
const hang = async (server) => {
  server.hang();
  return async () => server.resume();
};

const FAULTS = { killed: kill, hung: hang };

export const eachInstance = [0, 20, 50, 100].flatMap((delay) =>
  Object.keys(FAULTS).map((word) => ({
    name: `Sentinels ${delay} ms away, master ${word}, each of 3 instances`,
    sizes: { full: 0, short: 0, service: 10 },
    limit: 900_000,
    back: BACK,
    run: failovers(delay, FAULTS[word]),
  })),
);
