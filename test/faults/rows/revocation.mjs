import { setTimeout as sleep } from 'node:timers/promises';
import { answered, inBatches } from '../client.mjs';
import { startFleet } from '../fleet.mjs';
import { makeKeys } from '../instance.mjs';
import { startProxy } from '../proxy.mjs';
import { startRedis, until } from '../redis.mjs';
import { startSentinels } from '../sentinels.mjs';
import { REPLICATES_WITHIN } from './failover.mjs';
import { olderDump } from './older-dump.mjs';
import { COMMAND_TIMEOUT } from './scene.mjs';

/** Renewals are due as soon as a second has passed, so that there are many to be refused. */
const WATCHED = { sliding: { renewAfter: 0 }, revocation: { maxStaleness: '1s' } };
const RENEWABLE_AFTER = 1_100;
const STAYS_FOR = 2_000;
const REFUSED_WITHIN = 5_000;

/** A session whose access token is shown at every instance, again and again. */
class Watched {
  acknowledged = false;
  /** Doors that have refused it; none may change its mind. */
  refusedBy = new Set();

  constructor({ accessToken, refreshToken, sessionId }, tally) {
    const { sub } = JSON.parse(Buffer.from(accessToken.split('.')[1], 'base64url').toString());
    Object.assign(this, { sub, sid: sessionId, accessToken, refreshToken });
    tally.history.opened(refreshToken);
  }

  async show({ door }, tally) {
    const { status, ...answer } = await door.guarded(this.accessToken);
    tally.note({ status, ...answer });
    this.judge(door, status, tally);
    return status;
  }

  /** A renewal is judged by what the instance says of itself before and after it. */
  async renew(member, tally) {
    const before = await member.ask('isStale');
    const answer = await member.door.renew(this.accessToken);
    // One in the second of its issue is not due.
    if (answer.status !== 409) tally.note(answer);
    if (answer.status === 200 && before && (await member.ask('isStale'))) tally.count('unsafe', 'renewed while stale');
    this.judge(member.door, answer.status, tally);
    if (answer.status === 200) this.accessToken = answer.accessToken;
    return { stale: before, status: answer.status };
  }

  judge(door, status, tally) {
    if (status === 401) this.refusedBy.add(door);
    if (status === 401 && !this.ending) tally.count('lost', `${this.sid}, which nobody ended`);
    if (status === 200 && this.refusedBy.has(door)) tally.count('unsafe', `${this.sid} taken again`);
  }

  /** Tries until it is acknowledged, as a client does on a 503. */
  async revoke(member) {
    this.ending = true;
    await until(
      'an acknowledged revoke',
      async () => (await member.ask('revoke', { sub: this.sub, sid: this.sid })) === null,
      20_000,
    );
    this.acknowledged = true;
  }
}

const logins = async (member, count, { chance, tally }) => {
  const subs = Array.from({ length: count }, () => chance.text());
  const grants = await member.ask('login', { subs });
  return grants.map((grant) => new Watched(grant, tally));
};

/** Shows all tokens at all instances until it is stopped. */
function visit(sessions, members, tally) {
  const end = new AbortController();
  const seen = { stale: 0, refusedRenewals: 0 };
  const loops = members.map(async (member) => {
    while (!end.signal.aborted) {
      for (const session of sessions) {
        await session.show(member, tally);
        const { stale, status } = await session.renew(member, tally);
        if (stale) seen.stale += 1;
        if (status === 503) seen.refusedRenewals += 1;
      }
      await sleep(10);
    }
  });
  const stop = async () => {
    end.abort();
    await Promise.all(loops);
    return seen;
  };
  return { stop };
}

/** Acknowledged is acknowledged: all instances refuse both tokens, and go on refusing them. */
async function staysRefused(sessions, members, tally) {
  const waiting = () =>
    members.flatMap((member) =>
      sessions.filter(({ refusedBy }) => !refusedBy.has(member.door)).map((session) => [session, member]),
    );
  const everywhere = async () => {
    await inBatches(waiting(), 20, ([session, member]) => session.show(member, tally));
    return waiting().length === 0;
  };
  await until('refused by every instance', everywhere, REFUSED_WITHIN).catch(() =>
    waiting().forEach(([{ sid }]) => tally.count('unsafe', `${sid} is still taken somewhere`)),
  );
  const back = performance.now();
  await sleep(STAYS_FOR);
  await inBatches(sessions, 10, async ({ sid, refreshToken }) => {
    for (const { door } of members) {
      const { status } = await answered(() => door.refresh(refreshToken));
      if (status !== 401) tally.count('unsafe', `${sid} refreshed: ${status}`);
    }
  });
  return back;
}

const missesOf = ({ stale, refusedRenewals }) => [
  ...(stale > 0 ? [] : ['no instance was ever stale']),
  ...(refusedRenewals > 0 ? [] : ['no renewal was refused']),
];

/** What nobody ended goes on: it is taken, renewed and refreshed by all. */
async function goesOn(sessions, members, tally) {
  for (const session of sessions) {
    for (const member of members) {
      if ((await session.show(member, tally)) !== 200) tally.count('lost', `${session.sid} at a guarded route`);
    }
    const { status } = await answered(() => members[0].door.refresh(session.refreshToken));
    if (status !== 200) tally.count('lost', `${session.sid} at refresh: ${status}`);
  }
}

/** Revoked before the master dies, and while it dies, on instances of their own chance. */
async function failover(row) {
  const { own, tally, chance, size } = row;
  let back = 0;
  const misses = [];
  for (let i = 0; i < size; i += 1) {
    const { master, store } = await startSentinels(own);
    const config = {
      store: { commandTimeout: `${COMMAND_TIMEOUT}ms`, ...store },
      keys: await makeKeys(),
      options: WATCHED,
    };
    const fleet = own(await startFleet(3, config, row));
    const { members } = fleet;
    const all = await logins(members[0], 48, row);
    const [before, during, living] = [all.slice(0, 10), all.slice(10, 40), all.slice(40)];
    await sleep(RENEWABLE_AFTER);
    for (const session of before) await session.revoke(chance.of(members));
    const visitors = own(visit(all, members, tally));
    const over = tally.history.losesWrites({ since: tally.history.clock() - REPLICATES_WITHIN });
    const dies = sleep(chance.between(200, 600)).then(async () => {
      await master.kill();
      return performance.now();
    });
    for (const session of during) {
      await sleep(chance.between(0, 40));
      await session.revoke(chance.of(members));
    }
    const killed = await dies;
    const isFresh = async () => (await Promise.all(members.map(({ ask }) => ask('isStale')))).every((stale) => !stale);
    await until('fresh knowledge again', isFresh, 20_000);
    over();
    back = Math.max(back, (await staysRefused([...before, ...during], members, tally)) - killed);
    misses.push(...missesOf(await visitors.stop()));
    await goesOn(living, members, tally);
    await fleet.stop();
  }
  return { back, misses, note: `${size} times` };
}

const SILENCES = [
  (proxy) => proxy.swallow(),
  (proxy) => {
    proxy.swallow();
    for (const pair of proxy.pairs) proxy.cut(pair);
  },
];

/** One of two instances cannot hear Redis while the other ends sessions. */
async function cutOff(row) {
  const { own, tally, chance, size } = row;
  const redis = own(await startRedis());
  const proxy = own(await startProxy(redis.port));
  const store = { commandTimeout: `${COMMAND_TIMEOUT}ms` };
  const fleet = own(await startFleet(0, { store, keys: await makeKeys(), options: WATCHED }, row));
  const member = (port) => fleet.start({ store: { ...store, url: `redis://127.0.0.1:${port}` } });
  const [here, there] = [await member(redis.port), await member(proxy.port)];
  let back = 0;
  const misses = [];
  for (let i = 0; i < size; i += 1) {
    const all = await logins(here, 12, row);
    const [ended, living] = [all.slice(0, 10), all.slice(10)];
    await sleep(RENEWABLE_AFTER);
    const visitors = own(visit(all, [there], tally));
    await sleep(chance.between(100, 400));
    chance.of(SILENCES)(proxy);
    for (const session of ended) {
      await session.revoke(here);
      if ((await session.show(here, tally)) !== 401) tally.count('unsafe', `${session.sid} where it was ended`);
    }
    await sleep(chance.between(1_800, 3_500));
    proxy.heal();
    const healed = performance.now();
    back = Math.max(back, (await staysRefused(ended, [there], tally)) - healed);
    misses.push(...missesOf(await visitors.stop()));
    await goesOn(living, [here, there], tally);
  }
  return { back, misses, note: `${size} times` };
}

export const revocation = [
  {
    name: 'Sentinel: master killed among logouts',
    sizes: { full: 3, short: 0, service: 1 },
    limit: 180_000,
    back: 5_000,
    run: failover,
  },
  {
    name: 'an instance cut off from Redis during logouts',
    sizes: { full: 10, short: 0, service: 3 },
    limit: 180_000,
    back: 2_000,
    run: cutOff,
  },
  olderDump,
];
