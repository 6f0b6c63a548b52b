import { setTimeout as sleep } from 'node:timers/promises';
import { load as loadBuild } from '../build.mjs';
import { moveSlot, startCluster } from '../cluster.mjs';
import { REPLICATES_WITHIN } from './failover.mjs';
import { LONGEST, openScene } from './scene.mjs';

/** The slots of the sessions at work, moved to and fro under load: nobody may notice. */
async function slotsMoved(row) {
  const { own, tally, chance, size } = row;
  const { masters, store } = await startCluster(own);
  const scene = await openScene(row, store, { pace: [5, 20] });
  const load = scene.load();
  const { subjectKey } = await loadBuild('stores/redis/session-hash.js');
  const ask = (...words) => masters[0].client.call('CLUSTER', ...words);
  const slots = await Promise.all(scene.clients.map(({ sub }) => ask('KEYSLOT', subjectKey('kt:', sub))));
  const ownerOf = new Map();
  for (const [first, last, [, port]] of await ask('SLOTS')) {
    for (const slot of slots)
      if (slot >= first && slot <= last)
        ownerOf.set(
          slot,
          masters.find((node) => node.port === port),
        );
  }
  for (let i = 0; i < size; i += 1) {
    // In turn, so that the nodes have agreed on the last owner before they are told of the next.
    const slot = slots[i % slots.length];
    const from = ownerOf.get(slot);
    const to = chance.of(masters.filter((node) => node !== from));
    await moveSlot(slot, from, to, masters);
    ownerOf.set(slot, to);
    await sleep(chance.between(10, 40));
  }
  await load.stop();
  const refused = tally.attempts - tally.answersWith(200);
  await scene.audit();
  const misses =
    refused === 0 ? [] : [`${refused} refreshes were not answered 200: ${[...tally.statuses.keys()].join(', ')}`];
  return { misses, note: `${size} moves` };
}

const masterFails = (fail) => async (row) => {
  const { own, tally, chance, size } = row;
  let back = 0;
  for (let i = 0; i < size; i += 1) {
    const { masters, store } = await startCluster(own);
    const scene = await openScene(row, store, { rollbacks: true });
    const load = scene.load();
    await sleep(chance.between(500, 1_500));
    const failed = performance.now();
    const over = tally.history.losesWrites({ since: tally.history.clock() - REPLICATES_WITHIN });
    const afterwards = await fail(chance.of(masters).server);
    back = Math.max(back, await load.backSince(failed));
    afterwards();
    await sleep(1_000);
    await load.stop();
    over();
    await scene.audit();
    tally.auditing = false;
  }
  return { back, note: `${size} times` };
};

const kill = async (server) => {
  await server.kill();
  return () => undefined;
};

const hang = async (server) => {
  server.hang();
  return () => server.resume();
};

export const cluster = [
  {
    name: 'Cluster: slots moved under load',
    sizes: { full: 600, short: 0, service: 200 },
    limit: 180_000,
    longest: LONGEST,
    run: slotsMoved,
  },
  {
    name: 'Cluster: a master killed',
    sizes: { full: 3, short: 0, service: 1 },
    limit: 180_000,
    longest: LONGEST,
    back: 5_000,
    run: masterFails(kill),
  },
  {
    name: 'Cluster: a master hung, resumed later',
    sizes: { full: 3, short: 0, service: 1 },
    limit: 180_000,
    longest: LONGEST,
    back: 6_000,
    run: masterFails(hang),
  },
];
