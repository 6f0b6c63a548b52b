import { audit, HonestClient } from '../client.mjs';
import { directDoor } from '../doors.mjs';
import { startFleet } from '../fleet.mjs';
import { makeKeys, openInstance } from '../instance.mjs';
import { GRACE } from '../history/history.mjs';
import { startProxy } from '../proxy.mjs';
import { startRedis } from '../redis.mjs';
import { letPass, MINUTE } from '../time.mjs';

const SCRIPT = 'evalsha';
const CLIENTS_PER_LANE = 4;
/** Longer than grace. */
const LATER = 2 * MINUTE;

/*
 * A lane: an instance whose line to Redis is cut once in each refresh, and clients of its own. In a strict lane (no
 * grace) a retry is known as such only by the instance that lost the answer, or by the client's key.
 */
const KINDS = [
  { grace: 30_000, withKey: false, elsewhere: true },
  { grace: 0, withKey: false, elsewhere: false },
  { grace: 0, withKey: true, elsewhere: true },
];

/** Starts instances, each with a line of its own to Redis; small ones in this process, since there are many of them. */
const INSTANCES = {
  small: async ({ own, tally }) => {
    const keys = await makeKeys();
    return async (proxy, grace = GRACE) => {
      const config = { store: { url: urlOf(proxy) }, keys, options: { grace: `${grace}ms` } };
      const instance = own(await openInstance(config));
      instance.events.listen((event) => tally.hear(event));
      const open = (names) => Promise.all(names.map((name) => instance.open(name)));
      return { door: directDoor(instance, { tally, grace }), open };
    };
  },
  service: async (row) => {
    const fleet = row.own(await startFleet(0, { keys: await makeKeys() }, row));
    return async (proxy, grace = GRACE) => {
      const more = { store: { url: urlOf(proxy) }, grace, options: { grace: `${grace}ms` } };
      const { door, ask } = await fleet.start(more);
      return { door, open: (subs) => ask('open', { subs }) };
    };
  },
};

const urlOf = ({ port }) => `redis://127.0.0.1:${port}`;

const cutAt = (where) => async (row) => {
  const { own, tally, chance, size, short, host } = row;
  const redis = own(await startRedis());
  const startOne = await INSTANCES[host](row);
  const lanes = [];
  const few = short || host === 'service';
  for (let index = 0; index < (few ? 6 : 48); index += 1) lanes.push(await openLane(index));

  async function openLane(index) {
    const kind = KINDS[index % KINDS.length];
    const luck = chance.stream(`lane ${index}`);
    const proxy = own(await startProxy(redis.port));
    const { door, open } = await startOne(proxy, kind.grace);
    const tokens = await open(Array.from({ length: CLIENTS_PER_LANE }, () => luck.text()));
    const clients = tokens.map((token) => new HonestClient({ token, tally, chance: luck, withKey: kind.withKey }));
    // A script that the server does not know yet is sent whole, which no cut looks for.
    for (const client of clients) await client.refresh(() => door);
    return { kind, proxy, luck, clients, door };
  }

  async function cutAgainAndAgain({ kind, proxy, luck, door, clients }) {
    const alike = lanes.filter((other) => other.kind === kind);
    for (let i = 0; i < size && proxy.cuts < size / lanes.length; i += 1) {
      const client = luck.of(clients);
      if (client.over) return;
      let isFirst = true;
      const nextDoor = () => {
        const here = isFirst || !kind.elsewhere || luck.happens(0.5);
        isFirst = false;
        return here ? door : luck.of(alike).door;
      };
      proxy.cutNext(where, SCRIPT);
      await client.refresh(nextDoor, { pause: [1, 40] });
      if (kind.grace > 0 && luck.happens(0.2)) await client.askAsOtherTab(door);
    }
  }

  await Promise.all(lanes.map(cutAgainAndAgain));
  const cuts = lanes.reduce((sum, { proxy }) => sum + proxy.cuts, 0);
  for (const { proxy } of lanes) proxy.disarm();
  await Promise.all(lanes.map(({ clients, door, luck }) => audit(clients, [door], { tally, chance: luck })));
  return { note: `${cuts} cuts`, misses: cuts >= size ? [] : [`only ${cuts} cuts`] };
};

/** The instance answered 503, and remembers for minutes what it had asked for: a late retry there is no theft. */
async function retriedLate(row) {
  const { own, tally, chance, size, host } = row;
  const redis = own(await startRedis());
  const proxy = own(await startProxy(redis.port));
  const { door, open } = await (await INSTANCES[host](row))(proxy);
  const [token] = await open([chance.text()]);
  const client = new HonestClient({ token, tally, chance });
  await client.refresh(() => door);
  for (let i = 0; i < size && !client.over; i += 1) {
    proxy.cutNext(chance.of(['before', 'after', 'between']), SCRIPT);
    await client.ask(door);
    await letPass(redis.client, client, LATER);
    await client.refresh(() => door, { pause: [1, 40] });
  }
  await audit([client], [door], { tally, chance });
  return { note: `${proxy.cuts} cuts` };
}

export const cuts = [
  {
    name: 'connection cut before the script was sent',
    sizes: { full: 10_000, short: 120, service: 600 },
    limit: 600_000,
    run: cutAt('before'),
  },
  {
    name: 'connection cut after the script ran, answer lost',
    sizes: { full: 10_000, short: 120, service: 600 },
    limit: 600_000,
    run: cutAt('after'),
  },
  {
    name: 'connection cut on the way, nobody knows',
    sizes: { full: 3_000, short: 60, service: 300 },
    limit: 300_000,
    run: cutAt('between'),
  },
  {
    name: 'any of these, retried two minutes later at the same instance',
    sizes: { full: 300, short: 20, service: 100 },
    limit: 300_000,
    run: retriedLate,
  },
];
