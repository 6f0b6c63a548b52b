import { Test } from '@nestjs/testing';
import type { DynamicModule } from '@nestjs/common';
import {
  AccessTokenService,
  AuthModule,
  InMemoryTokenRepositoryModule,
  RedisTokenRepositoryModule,
  Revocations,
  SessionService,
  type AuthModuleOptions,
  type TokenGrant,
} from '../../src/index.js';
import { ISSUER, codeOf, keys, startInstance, startLibrary } from '../support/auth-library.js';
import { startRedis, type RedisServer } from '../support/redis-server.js';

const TRIES = 1_000;
const LANES = 10;
/** What the users table says: each user has a role that is changed again and again. */
const roles = new Map<string, number>();
const loadSubject: AuthModuleOptions['loadSubject'] = (sub) => ({ claims: { role: roles.get(sub) }, generation: 0 });

async function startAsker(store: DynamicModule) {
  const started = await startInstance({ store, loadSubject });
  /** What a guarded route says to a token: its role, or why it is refused. */
  const ask = ({ accessToken }: TokenGrant) => {
    const claims = started.tokens.verify(accessToken);
    return started.revocations.check(claims) ?? (claims as { role?: number }).role;
  };
  return { ...started, ask };
}
type Asker = Awaited<ReturnType<typeof startAsker>>;

/** One try: how many refreshes a client needed after its role was changed; each must be the end of the old role. */
async function change(sub: string, role: number, { issuer, asked }: { issuer: Asker; asked: Asker }) {
  let grant = await issuer.sessions.open({ sub, generation: 0 });
  roles.set(sub, role);
  await asked.sessions.claimsChanged(sub);
  const missed = asked.ask(grant) === 'claims_outdated' ? 0 : 1;
  let refreshes = 0;
  while (asked.ask(grant) === 'claims_outdated' && refreshes < 10) {
    grant = await issuer.rotation.refresh(grant.refreshToken!);
    refreshes += 1;
  }
  return { missed, refreshes, role: asked.ask(grant) };
}

async function manyChanges(instances: { issuer: Asker; asked: Asker }) {
  const seen = { tries: 0, missed: 0, mostRefreshes: 0, wrongRoles: 0 };
  const lane = async (number: number): Promise<void> => {
    for (let role = 1; role <= TRIES / LANES; role += 1) {
      const result = await change(`user-${number}`, role, instances);
      seen.tries += 1;
      seen.missed += result.missed;
      seen.mostRefreshes = Math.max(seen.mostRefreshes, result.refreshes);
      if (result.role !== role) seen.wrongRoles += 1;
    }
  };
  await Promise.all(Array.from({ length: LANES }, (_, number) => lane(number)));
  return seen;
}

/** Beside the tokens of a change in the same millisecond, which came first nobody can tell: they count as older. */
describe('a role that was changed is in no token of before, from that moment on', () => {
  const held = { tries: TRIES, missed: 0, wrongRoles: 0 };

  it('in memory, and one refresh brings the new role', async () => {
    const instance = await startAsker(InMemoryTokenRepositoryModule.forRoot());
    const seen = await manyChanges({ issuer: instance, asked: instance });
    await instance.close();
    expect(seen).toEqual({ ...held, mostRefreshes: 1 });
  });

  describe('on Redis', () => {
    let redis: RedisServer;
    const store = () => RedisTokenRepositoryModule.forRoot({ url: redis.url, commandTimeout: '5s' });
    beforeAll(async () => {
      redis = await startRedis();
    });
    afterAll(() => redis.stop());

    it('with one instance, and one refresh brings the new role', async () => {
      const instance = await startAsker(store());
      const seen = await manyChanges({ issuer: instance, asked: instance });
      await instance.close();
      expect(seen).toEqual({ ...held, mostRefreshes: 1 });
    });

    it('with two instances, and one refresh brings the new role, though the issuing one may not have heard yet', async () => {
      const [issuer, asked] = await Promise.all([startAsker(store()), startAsker(store())]);
      const seen = await manyChanges({ issuer, asked });
      await Promise.all([issuer.close(), asked.close()]);
      expect(seen).toEqual({ ...held, mostRefreshes: 1 });
    });
  });
});

describe('a token of claims that are just being changed', () => {
  const host = () => startLibrary({ loadSubject: () => ({ claims: {}, generation: 0 }) });

  it('is given out only once the clock has passed the change, else its own instance would refuse it', async () => {
    const { sessions, rotation, revocations, clock } = await host();
    await revocations.onModuleInit();
    const { refreshToken } = await sessions.open({ sub: 'ann', generation: 0 });
    await sessions.claimsChanged('ann');
    const refreshed = rotation.refresh(refreshToken!);
    clock.advance('1ms');
    const { accessToken } = await refreshed;
    const claims = JSON.parse(Buffer.from(accessToken.split('.')[1]!, 'base64url').toString());
    expect(claims.claims_at).toBe(clock.now());
    expect(revocations.check(claims)).toBeNull();
  });

  it('is not waited for longer than a second: 503, and the refresh token is good as before', async () => {
    const { sessions, rotation, revocations, clock } = await host();
    await revocations.onModuleInit();
    const { refreshToken } = await sessions.open({ sub: 'ann', generation: 0 });
    await sessions.claimsChanged('ann');
    expect(await codeOf(rotation.refresh(refreshToken!))).toBe('temporarily_unavailable');
    clock.advance('1s');
    expect(await codeOf(rotation.refresh(refreshToken!))).toBe('none');
  });

  it('is dated before the error of the clock, so that no change can hide in it', async () => {
    const { sessions, revocations, clock } = await host();
    await revocations.onModuleInit();
    // The answer took 80 ms, so the store may be 41 ms behind what this clock says.
    await clock.authClock.follow(async () => {
      clock.advance('80ms');
      return clock.now() - 40;
    });
    const { accessToken } = await sessions.open({ sub: 'ann', generation: 0 });
    const { claims_at: at } = JSON.parse(Buffer.from(accessToken.split('.')[1]!, 'base64url').toString());
    expect(clock.now() - at).toBe(clock.authClock.error);
    expect(clock.authClock.error).toBeGreaterThanOrEqual(41);
  });
});

describe('an instance that knows the clock of the store by more than 250 ms only', () => {
  it('counts as stale: it renews nothing', async () => {
    const { revocations, clock } = await startLibrary();
    await clock.authClock.follow(async () => {
      clock.advance('600ms');
      return clock.now();
    });
    expect(revocations.isStale()).toBe(true);
    await clock.authClock.follow(async () => clock.now());
    expect(revocations.isStale()).toBe(false);
  });
});

describe('a host without loadSubject', () => {
  it('cannot say that claims changed and not to what: refreshed tokens would be refused again and again', async () => {
    const { sessions, events } = await startLibrary();
    const said = sessions.claimsChanged('ann');
    await expect(said).rejects.toThrow(/^claimsChanged\(\) needs the new claims, .* or the option loadSubject: /);
    expect(events).toEqual([]);
  });

  it('may say so where no sessions are kept: its users log in again', async () => {
    const auth = AuthModule.forRoot({ issuer: ISSUER, keys, strategy: 'access' });
    const module = await Test.createTestingModule({ imports: [auth] }).compile();
    await module.init();
    const [sessions, revocations] = [module.get(SessionService), module.get(Revocations)];
    const { accessToken } = await sessions.open({ sub: 'ann' });
    await sessions.claimsChanged('ann');
    const claims = module.get(AccessTokenService).verify(accessToken);
    await module.close();
    expect(revocations.check(claims)).toBe('claims_outdated');
  });
});

describe('the clock of a machine', () => {
  it('is measured when the service starts', async () => {
    const { clock } = await startInstance({ store: InMemoryTokenRepositoryModule.forRoot() });
    const { error } = clock;
    expect(error).toBeGreaterThan(0);
  });
});
