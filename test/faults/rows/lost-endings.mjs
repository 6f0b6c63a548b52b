import { answered, HonestClient } from '../client.mjs';
import { startFleet } from '../fleet.mjs';
import { makeKeys } from '../instance.mjs';
import { startRedis, until } from '../redis.mjs';
import { masterNamed, startSentinels } from '../sentinels.mjs';
import { HOUR, isStored, letPass, MINUTE } from '../time.mjs';
import { COMMAND_TIMEOUT } from './scene.mjs';

const MEMBERS = 3;
const EACH = 4;
const LIVING = 8;
const HEALED_WITHIN = 10_000;
/** When a client or a thief comes again, by the clock of the session. After half an hour nobody remembers any more. */
const MOMENTS = [0, MINUTE, 20 * MINUTE, HOUR, 6 * HOUR, 12 * HOUR, 24 * HOUR];
const REMEMBERED_FOR = 31 * MINUTE;

/*
 * A store that loses its last writes. `store`; `server()`, whom it asks now; `letGo()`, after which nothing that is
 * written is kept; `fallBack()`, which loses it.
 */
const PLACES = {
  async 'an older dump'(own) {
    const redis = own(await startRedis());
    return {
      store: { url: redis.url },
      server: () => redis.client,
      letGo: () => redis.client.save(),
      fallBack: async () => {
        await redis.kill();
        await redis.start();
      },
    };
  },
  /** The replicas may not follow any more, as behind a network that is cut; the service still reaches the master. */
  async 'a cut-off Sentinel master'(own) {
    const { master, replicas, sentinels, store } = await startSentinels(own);
    let current = master;
    return {
      store,
      server: () => current.client,
      letGo: async () => {
        await master.client.wait(replicas.length, 5_000);
        await master.client.call('ACL', 'SETUSER', 'default', '-psync', '-sync');
        await master.client.client('KILL', 'TYPE', 'replica');
      },
      fallBack: async () => {
        await master.kill();
        current = await masterNamed(replicas, sentinels);
      },
    };
  },
};

/** Four ways to end a session, each acknowledged. */
const ENDINGS = {
  logout: async ({ token }, { door }) => (await door.logout(token)).status,
  'one device': ({ sub, sid }, { ask }) => ask('revoke', { sub, sid }),
  'all devices': ({ sub }, { ask }) => ask('revokeAll', { sub }),
  async reuse(client, { door }) {
    const stolen = client.token;
    for (let times = 0; times < 2; times += 1) await client.ask(door);
    return (await door.refresh(stolen)).code;
  },
};
const ACKNOWLEDGED = { logout: 204, 'one device': null, 'all devices': null, reuse: 'token_reused' };

const endedAndLost = (placeName) => async (row) => {
  const { own, tally, chance } = row;
  const place = await PLACES[placeName](own);
  const store = { commandTimeout: `${COMMAND_TIMEOUT}ms`, ...place.store };
  const fleet = own(await startFleet(MEMBERS, { store, keys: await makeKeys() }, row));
  let { members } = fleet;
  const login = async () => {
    const [{ refreshToken, sessionId }] = await chance.of(members).ask('login', { subs: [chance.text()] });
    return Object.assign(new HonestClient({ token: refreshToken, tally, chance, rollbacks: true }), { sessionId });
  };
  const living = [];
  for (let one = 0; one < LIVING; one += 1) living.push(await login());
  const ended = [];
  for (const how of Object.keys(ENDINGS)) {
    for (let one = 0; one < EACH; one += 1) ended.push({ how, client: await login() });
  }
  const misses = [];

  await place.letGo();
  const since = tally.history.clock();
  for (const { how, client } of ended) {
    client.ending = true;
    tally.stolen.add(client.sid);
    const answer = await ENDINGS[how](client, chance.of(members));
    if (answer !== ACKNOWLEDGED[how]) misses.push(`${how} was answered ${answer}`);
  }
  const over = tally.history.losesWrites({ since });
  await place.fallBack();
  const fell = performance.now();
  const records = () => Promise.all(ended.map(({ client }) => isStored(place.server(), client)));
  const undone = (await records()).filter(Boolean).length;
  await staysSo(members);
  const isHealed = async () => (await records()).every((stored) => !stored);
  await until('records of ended sessions gone', isHealed, HEALED_WITHIN).catch(({ message }) => misses.push(message));
  const back = performance.now() - fell;
  over();

  let now = 0;
  for (const moment of MOMENTS) {
    for (const client of [...living, ...ended.map((one) => one.client)]) {
      await letPass(place.server(), client, moment - now);
    }
    // No instance remembers for so long, and the feed has been trimmed.
    if (now < REMEMBERED_FOR && moment >= REMEMBERED_FOR) {
      await fleet.stopMembers();
      await place.server().del('kt:feed');
      members = [await fleet.start(), await fleet.start(), await fleet.start()];
    }
    now = moment;
    await staysSo(members, moment);
  }
  const note = `${ended.length} sessions ended, ${undone} of them found in the store after it; refreshes until ${now / HOUR} h after`;
  if (placeName !== 'an older dump' && undone === 0) misses.push('the new master had not lost an ending');
  return { back, misses, note };

  /** Each instance refuses what was ended, with every token that was handed out, and serves whom nobody ended. */
  async function staysSo(instances, moment = 0) {
    for (const { door } of instances) {
      for (const { how, client } of ended) {
        for (const token of [client.token, ...client.spent]) {
          const { status } = await answered(() => door.refresh(token));
          if (status !== 401) tally.count('unsafe', `${how}: ${status}, ${moment / MINUTE} minutes after`);
        }
      }
      for (const client of living) await client.refresh(() => door);
    }
  }
};

export const lostEndings = Object.keys(PLACES).map((place) => ({
  name: `sessions ended, and the ends lost by ${place}`,
  sizes: { full: 1, short: 0, service: 1 },
  limit: 180_000,
  back: HEALED_WITHIN,
  run: endedAndLost(place),
}));
