import { setTimeout as sleep } from 'node:timers/promises';
import { audit, keepRefreshing } from '../client.mjs';
import { PLACES } from '../places.mjs';
import { until } from '../redis.mjs';
import { REPLICATES_WITHIN } from './failover.mjs';
import { openScene } from './scene.mjs';

const MEMBERS = 3;
const CLIENTS = 24;
const ENDED_EACH_ROUND = 3;
const REFUSED_WITHIN = 20_000;
/** Longer than any fault below, and than a client library takes to come back. */
const PATIENCE = 40_000;

/** Faults that every place has, on its servers and on the processes of the service. */
const FAULTS = {
  async connectionsCut({ masters, chance }) {
    for (let times = chance.between(1, 5); times > 0; times -= 1) {
      await chance.of(await masters()).client.client('KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
      await sleep(chance.between(10, 200));
    }
  },
  async paused({ masters, chance }) {
    const duration = chance.between(300, 1_500);
    await chance.of(await masters()).client.call('CLIENT', 'PAUSE', String(duration), 'ALL');
    await sleep(duration);
  },
  async hungShortly({ masters, chance }) {
    const server = chance.of(await masters());
    server.hang();
    await sleep(chance.between(100, 700));
    server.resume();
  },
  async flushed({ masters }) {
    for (const { client } of await masters()) await client.script('FLUSH');
  },
  async outOfMemory({ masters, chance }) {
    const servers = await masters();
    for (const { client } of servers) await client.config('SET', 'maxmemory', '1');
    await sleep(chance.between(300, 1_500));
    for (const { client } of servers) await client.config('SET', 'maxmemory', '0');
  },
  async processKilled({ crew, chance }) {
    await crew.replace(chance.between(0, MEMBERS - 1));
  },
  async processStopped({ crew, chance }) {
    const { signal } = chance.of(crew.members);
    signal('SIGSTOP');
    await sleep(chance.between(300, 2_000));
    signal('SIGCONT');
  },
};

/** A master that is silent for so long may be taken for dead on a busy machine. */
const MAY_FAIL_OVER = ['paused', 'hungShortly'];

/** How a session ends, in the middle of a fault; each is repeated until it is acknowledged, as a client does. */
const ENDINGS = {
  logout: (session, { chance, crew }) =>
    until(
      'an acknowledged logout',
      async () => (await chance.of(crew.members).door.logout(session.token)).status === 204,
    ),
  revoke: ({ sub, sid }, { chance, crew }) =>
    until('an acknowledged revoke', async () => (await chance.of(crew.members).ask('revoke', { sub, sid })) === null),
  'logout-all': ({ sub }, { chance, crew }) =>
    until('an acknowledged logout-all', async () => (await chance.of(crew.members).ask('revokeAll', { sub })) === null),
  async theft(session, { chance, crew, tally }) {
    tally.stolen.add(session.sid);
    const stolen = session.spent.at(-2);
    let status;
    const isAnswered = async () => {
      ({ status } = await chance.of(crew.members).door.refresh(stolen));
      return status === 200 || status === 401;
    };
    await until('an answer for the thief', isAnswered);
    // To a store that has just gone back, the token may be the present one; the history tells whether it could.
    if (status === 200) await ENDINGS.revoke(session, { chance, crew });
  },
};

/** One fault after another, with endings of sessions in the middle of each, while clients refresh all the time. */
const soak = (placeName) => async (row) => {
  const { own, tally, chance, size } = row;
  const place = await PLACES[placeName](own);
  const options = { members: MEMBERS, clients: CLIENTS, rollbacks: place.losesWrites };
  const scene = await openScene(row, place.store, options);
  const crew = crewOf(scene);
  const facts = { ...place, chance, crew, tally };
  const load = own(keepRefreshing({ clients: scene.clients, doors: crew.doors }));
  const faults = { ...FAULTS, ...place.fails };
  const names = Object.keys(faults);
  const seen = new Map(names.map((name) => [name, 0]));
  let back = 0;
  for (let round = 0; round < size; round += 1) {
    await sleep(chance.between(200, 800));
    // Each kind in turn, so that none is left out by chance, and then any.
    const name = round < names.length ? names[round] : chance.of(names);
    seen.set(name, seen.get(name) + 1);
    const leaving = await takeSome(scene.clients, chance);
    const loses = place.losesWrites && (Object.hasOwn(place.fails, name) || MAY_FAIL_OVER.includes(name));
    const over = loses ? tally.history.losesWrites({ since: tally.history.clock() - REPLICATES_WITHIN }) : undefined;
    const begun = performance.now();
    await Promise.all([faults[name](facts), ...leaving.map((session) => end(session, facts))]);
    await place.steady();
    const healed = performance.now();
    back = Math.max(back, await load.backSince(healed, PATIENCE));
    await staysRefused(leaving, crew, tally);
    over?.();
    if (back >= PATIENCE)
      throw new Error(`round ${round}, ${name}: nobody serves, ${performance.now() - begun} ms after`);
    load.add(await scene.login(leaving.length));
    await sleep(place.losesWrites ? REPLICATES_WITHIN : 0);
  }
  await load.stop();
  await audit(scene.clients, crew.doors, row);
  const told = [...seen].map(([name, times]) => `${times} × ${name}`).join(', ');
  return { back, note: `${size} faults (${told}), ${size * ENDED_EACH_ROUND} sessions ended in the middle of them` };
};

/** Members and their doors, in which a new process takes the place of a killed one. */
function crewOf({ members, doors, start }) {
  const replace = async (index) => {
    members[index].signal('SIGKILL');
    await members[index].exit;
    members[index] = await start();
    doors[index] = members[index].door;
  };
  return { members, doors, replace };
}

/** Sessions that will end: a thief needs a token of theirs that is two steps old. */
async function takeSome(clients, chance) {
  const areAble = () => clients.filter(({ over, spent, ending }) => !over && !ending && spent.length >= 2);
  await until('clients that have refreshed twice', async () => areAble().length >= ENDED_EACH_ROUND);
  const able = areAble();
  const taken = Array.from({ length: ENDED_EACH_ROUND }, () => able.splice(chance.between(0, able.length - 1), 1)[0]);
  for (const client of taken) client.ending = true;
  return taken;
}

async function end(session, facts) {
  await sleep(facts.chance.between(0, 600));
  await ENDINGS[facts.chance.of(Object.keys(ENDINGS))](session, facts);
}

/** What was acknowledged stays so: at each instance, with the last token and with the one before. */
async function staysRefused(sessions, { members }, tally) {
  for (const { token, sid } of sessions) {
    for (const { door } of members) {
      await until(
        'an answer',
        async () => {
          const { status } = await door.refresh(token);
          if (status === 200) tally.count('unsafe', `${sid} lives after its end was acknowledged`);
          return status === 401 || status === 200;
        },
        REFUSED_WITHIN,
      );
    }
  }
}

export const everything = Object.keys(PLACES).map((place) => ({
  name: `everything at once, ${place}`,
  sizes: { full: 20, short: 0, service: 20 },
  limit: 900_000,
  run: soak(place),
}));
