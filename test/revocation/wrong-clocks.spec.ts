import type { DynamicModule } from '@nestjs/common';
import { Logger } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import {
  AuthClock,
  AuthModule,
  RedisRevocationFeedModule,
  RedisTokenRepositoryModule,
  ResourceServerModule,
  Revocations,
  SessionService,
  type AuthModuleRootOptions,
} from '../../src/index.js';
import { parseKeyRing } from '../../src/tokens/key-ring.js';
import { readToken } from '../support/adapters.js';
import { codeOf, ISSUER, keys } from '../support/auth-library.js';
import { eventually } from '../support/eventually.js';
import { startRedis, type RedisServer } from '../support/redis-server.js';

const HOUR = 3_600_000;
const monotonic = () => performance.now();

let redis: RedisServer;
const closers: (() => Promise<void>)[] = [];
beforeAll(async () => {
  redis = await startRedis();
});
beforeEach(() => {
  for (const level of ['warn', 'error'] as const) jest.spyOn(Logger.prototype, level).mockImplementation();
});
afterEach(async () => {
  await Promise.all(closers.splice(0).map((close) => close()));
  jest.restoreAllMocks();
});
afterAll(() => redis.stop());

async function startWith(imported: DynamicModule, clock: AuthClock) {
  const module = await Test.createTestingModule({ imports: [imported] })
    .overrideProvider(AuthClock)
    .useValue(clock)
    .compile();
  closers.push(() => module.close());
  await module.init();
  const revocations = module.get(Revocations);
  const verdict = (token: string) => revocations.check(readToken(token) as never);
  return { module, clock, revocations, verdict };
}

/** One machine with the library. */
async function machine(local: () => number = Date.now, options: Partial<AuthModuleRootOptions> = {}, { url } = redis) {
  const store = RedisTokenRepositoryModule.forRoot({ url });
  const auth = AuthModule.forRoot({ issuer: ISSUER, keys, ...options, store });
  const started = await startWith(auth, new AuthClock(local, monotonic, true));
  return { ...started, sessions: started.module.get(SessionService) };
}

type Machine = Awaited<ReturnType<typeof machine>>;

/** @returns the access token of a session that was logged out on that machine */
async function loggedOut({ sessions }: Machine, sub: string): Promise<string> {
  const { accessToken, sessionId } = await sessions.open({ sub });
  await sessions.revoke(sub, sessionId);
  return accessToken;
}

describe('a machine whose clock is wrong', () => {
  it.each([60_000, HOUR, -HOUR])(
    'by %d ms at its start knows from its first request on what was revoked, as its own clock judges no entry',
    async (ahead) => {
      const right = await machine();
      const token = await loggedOut(right, 'ann');
      const { accessToken } = await right.sessions.open({ sub: 'ann' });
      await right.sessions.revokeAll('ann');

      const wrong = await machine(() => Date.now() + ahead);
      expect([wrong.verdict(token), wrong.verdict(accessToken)]).toEqual(['session_revoked', 'session_revoked']);
    },
  );

  it('forgets nothing when NTP puts it right in the middle of work, since the step is not the time that has passed', async () => {
    let behind = HOUR;
    const right = await machine();
    const wrong = await machine(() => Date.now() - behind);
    const token = await loggedOut(right, 'ann');
    await eventually(() => wrong.verdict(token) !== null);

    behind = 0;
    // What comes next is an occasion to forget what is over.
    const next = await loggedOut(right, 'eve');
    await eventually(() => wrong.verdict(next) !== null);
    expect(wrong.verdict(token)).toBe('session_revoked');
  });

  it('goes by the time of the store also when somebody sets it, so that tokens end when they should', async () => {
    let ahead = 0;
    const { clock } = await machine(() => Date.now() + ahead);
    ahead = HOUR;
    expect(Math.abs(clock.now() - Date.now())).toBeLessThan(HOUR / 2);
  });

  it('and that starts without its store dates no claims before it knows the time, else lowered roles would not reach them', async () => {
    const gone = await startRedis();
    await gone.stop();
    const role = { of: 'admin' };
    const options = { loadSubject: () => ({ claims: { roles: [role.of] }, generation: 0 }) };
    const wrong = await machine(() => Date.now() + 20_000, options, gone);
    expect(wrong.revocations.isStale()).toBe(true);

    const back = await startRedis({ port: gone.port });
    const right = await machine(Date.now, options, back);
    await eventually(() => !wrong.revocations.isStale());
    const { accessToken } = await wrong.sessions.open({ sub: 'ann', generation: 0 });
    role.of = 'buyer';
    await right.sessions.claimsChanged('ann');
    expect(right.verdict(accessToken)).toBe('claims_outdated');
    await back.stop();
  });

  it('opens no session without a store for it either, while the time is not known', async () => {
    const gone = await startRedis();
    await gone.stop();
    const { sessions } = await machine(() => Date.now() + HOUR, { strategy: 'access' }, gone);
    expect(await codeOf(sessions.open({ sub: 'ann' }))).toBe('store_unavailable');
  });
});

describe('an app that only verifies, and cannot ask for the time of the store', () => {
  it('forgets nothing when its clock was ahead at its start and is set back, since the tokens come to life again', async () => {
    const right = await machine();
    const token = await loggedOut(right, 'ann');

    let ahead = HOUR;
    const feed = RedisRevocationFeedModule.forRoot({ url: redis.url });
    const jwks = parseKeyRing(keys, 'ES256').publicJwks(0);
    const shop = await startWith(
      ResourceServerModule.forRoot({ issuer: ISSUER, audience: 'shop', keys: jwks, feed }),
      new AuthClock(() => Date.now() + ahead),
    );
    ahead = 0;
    expect(shop.verdict(token)).toBe('session_revoked');
  });
});
