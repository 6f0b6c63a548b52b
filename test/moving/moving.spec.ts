import { Controller, Get } from '@nestjs/common';
import { AuthEvents, CurrentUser, SessionService, type AuthEvent } from '../../src/index.js';
import { AuthModule, RedisTokenRepositoryModule } from '../../src/index.js';
import { isInShare } from '../../src/legacy/legacy-share.js';
import { hasKeyturnType } from '../../src/tokens/foreign-token.js';
import { startApp } from '../support/adapters.js';
import { ISSUER, keys } from '../support/auth-library.js';
import { startRedis, type RedisServer } from '../support/redis-server.js';
import { formerLogin, FormerController } from './by-hand.js';
import { FormerAuthService, type FormerHashes } from './former-auth.service.js';
import { FormerClient } from './former-clients.js';
import { redeemHashed } from './hash-per-user.js';

/** `npm run test:moving` moves a thousand; any number shows the same. */
const USERS = Number(process.env.MOVING_USERS ?? 20);
const SEED = Number(process.env.MOVING_SEED ?? 1);
const AT_ONCE = 20;

@Controller('probe')
class ProbeController {
  @Get()
  probe(@CurrentUser('sub') sub: string) {
    return { sub };
  }
}

/** Mulberry32: the same numbers for the same seed. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

async function eachOf<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const waiting = [...items];
  const worker = async (): Promise<void> => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

/** What an instance of the host keeps of its former login in Redis. */
const hashesIn = (redis: RedisServer): FormerHashes => ({
  get: (id) => redis.client.get(`former:${id}`),
  set: (id, hash) => redis.client.set(`former:${id}`, hash),
  delete: (id) => redis.client.del(`former:${id}`),
});

describe.each(['signed refresh tokens', 'a refresh hash per user in Redis'])('moving in from %s', (layout) => {
  const secrets = { access: 'the former secret of access tokens', refresh: 'the former secret of refresh tokens' };
  const events: AuthEvent[] = [];
  let redis: RedisServer;
  let former: FormerAuthService;
  beforeAll(async () => {
    redis = await startRedis();
    former = new FormerAuthService(secrets, layout.startsWith('signed') ? undefined : hashesIn(redis));
  });

  async function instance(share: number) {
    const legacy = formerLogin(secrets, share)!;
    const redeem = former.hashes ? redeemHashed(former.hashes, secrets.refresh) : legacy.refreshTokens!.redeem;
    const auth = AuthModule.forRoot({
      issuer: ISSUER,
      keys,
      guard: 'global',
      // The longest: a slow machine must not make a thief of a client.
      grace: '60s',
      store: RedisTokenRepositoryModule.forRoot({ url: redis.url, commandTimeout: '5s' }),
      legacy: { ...legacy, refreshTokens: { ...legacy.refreshTokens, redeem } },
    });
    const { app } = await startApp('express', {
      imports: [auth],
      controllers: [FormerController, ProbeController],
      providers: [{ provide: FormerAuthService, useValue: former }],
    });
    app.get(AuthEvents).listen((event) => void events.push(event));
    return { url: await app.getUrl(), sessions: app.get(SessionService) };
  }

  it(`takes ${USERS} live sessions over and back, with lost answers: nobody is logged out, nobody comes back`, async () => {
    const random = randomOf(SEED);
    const clients: FormerClient[] = [];
    for (let id = 0; id < USERS; id++) {
      clients.push(new FormerClient(id, await former.login({ id, roles: ['buyer'] }, 600)));
    }
    const victims = clients.filter(({ id }) => id % 5 === 0);
    const others = clients.filter((client) => !victims.includes(client));
    const isMoved = ({ tokens }: FormerClient): boolean => hasKeyturnType(tokens.refreshToken);
    const inFirst = ({ id }: FormerClient): boolean => isInShare(String(id), 0.3);

    const some = await instance(0.3);
    // Each is admitted by what the former login has given it.
    await eachOf(clients, async (client) => expect(await client.probes(some.url)).toEqual([200]));

    let [lostAnswers, twins, unlike] = [0, 0, 0];
    /** The former login cannot be asked twice, so only answers of Keyturn are lost. */
    const refresh = async (client: FormerClient, url: string, willMove: boolean): Promise<void> => {
      if (!willMove && !isMoved(client)) return client.refresh(url);
      if (random() < 0.25) {
        twins++;
        if (!(await client.refreshTwice(url))) unlike++;
        return;
      }
      const lost = random() < 0.4 ? 1 + Math.floor(random() * 2) : 0;
      lostAnswers += lost;
      await client.refresh(url, lost);
    };
    const refreshAll = (url: () => string, willMove: (client: FormerClient) => boolean) =>
      eachOf(others, (client) => refresh(client, url(), willMove(client)));

    // A part is moved; of the victims each is logged out, or has a new password, in the midst of it.
    const ending = async (client: FormerClient): Promise<void> => {
      const isLogout = client.id % 2 === 0;
      const end = async (): Promise<void> => {
        if (isLogout) await client.logout(some.url);
        else await some.sessions.revokeAll(String(client.id), undefined, { cause: 'password_changed' });
        await former.forget(client.id);
      };
      if (inFirst(client) && random() < 0.5) await refresh(client, some.url, true);
      await Promise.all(inFirst(client) ? [end(), client.refresh(some.url)] : [end()]);
      // A refresh that was under way may have answered: its user logs out of what came.
      if (isLogout) await client.logout(some.url);
    };
    await Promise.all([refreshAll(() => some.url, inFirst), eachOf(victims, ending)]);
    const moved = others.filter(isMoved);
    expect(moved).toEqual(others.filter(inFirst));

    // Undone, with both settings at work side by side, then alone: who was moved goes on, and nobody else is.
    const none = await instance(0);
    await refreshAll(() => (random() < 0.5 ? some : none).url, inFirst);
    await refreshAll(
      () => none.url,
      () => false,
    );
    expect(others.filter(isMoved)).toEqual(moved);

    // And all.
    const all = await instance(1);
    await refreshAll(
      () => all.url,
      () => true,
    );
    await refreshAll(
      () => all.url,
      () => true,
    );
    expect(others.filter((client) => !isMoved(client))).toEqual([]);

    expect(others.flatMap(({ id, loggedOut }) => (loggedOut ? [`${id}: ${loggedOut}`] : []))).toEqual([]);
    expect(unlike).toBe(0);
    expect(lostAnswers + twins).toBeGreaterThan(USERS / 4);
    expect(events.filter(({ type }) => type === 'token.reused')).toEqual([]);
    await eachOf(others, async (client) => expect((await client.probes(all.url)).at(-1)).toBe(200));

    const revived: number[] = [];
    await eachOf(victims, async (client) => {
      const admitted = client.id % 2 === 1 && (await client.probes(all.url)).includes(200);
      if (admitted || (await client.isRevived(all.url))) revived.push(client.id);
    });
    expect(revived).toEqual([]);
    if (process.env.MOVING_USERS !== undefined) {
      const counts = { layout, users: USERS, seed: SEED, moved: moved.length, lostAnswers, twins };
      process.stdout.write(`${JSON.stringify(counts)}\n`);
    }
  });
});
