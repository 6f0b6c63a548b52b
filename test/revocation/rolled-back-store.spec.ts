import { Test, type TestingModule } from '@nestjs/testing';
import {
  KeyRing,
  RedisRevocationFeedModule,
  RedisTokenRepositoryModule,
  ResourceServerModule,
  Revocations,
  type AuthModuleOptions,
  type TokenGrant,
} from '../../src/index.js';
import { ISSUER, startInstance } from '../support/auth-library.js';
import { eventually } from '../support/eventually.js';
import { letPassInRedis } from '../stores/redis-time-travel.js';
import { startRolledBackRedis, type RolledBackRedis } from '../support/rolled-back-redis.js';

const DAY = 86_400_000;

/** A store that loses its last writes: killed, and started again from an older dump. */
let redis: RolledBackRedis;
const open = new Set<TestingModule>();

beforeEach(async () => {
  redis = await startRolledBackRedis();
});
afterEach(async () => {
  await stopAll();
  await redis.stop();
});

async function stopAll(): Promise<void> {
  for (const module of open) await module.close();
  open.clear();
}

async function instance(options: Partial<AuthModuleOptions> = {}) {
  const store = RedisTokenRepositoryModule.forRoot({ url: redis.server.url, commandTimeout: '5s' });
  const started = await startInstance({ store, ...options });
  open.add(started.module);
  /** A client keeps its token on a 503 and tries again. */
  const refresh = async (grant: TokenGrant): Promise<string> => {
    let code: string;
    await eventually(async () => (code = await started.refresh(grant)) !== 'store_unavailable');
    return code!;
  };
  return { ...started, refresh };
}

type Instance = Awaited<ReturnType<typeof instance>>;

/** A client that has lost its connection may still be on its way back: then nobody can tell. */
const isGone = async ({ repository }: Instance, sub: string, { sessionId }: TokenGrant): Promise<boolean> => {
  const found = await repository.find(sub, sessionId).catch(() => undefined);
  return found?.record === null;
};

/**
 * A day later: every entry of the feed is forgotten, and every instance was restarted since. Redis keeps its clock, so
 * what is stored is set back instead.
 */
async function aDayLater(subs: readonly string[]): Promise<Instance> {
  await stopAll();
  await redis.server.client.del('kt:feed');
  for (const sub of subs) await letPassInRedis(redis.server.client, 'kt:', sub, DAY);
  return instance();
}

describe('sessions that were ended before the store lost its last writes', () => {
  /** How a session ends, and what its owner is told. */
  const ENDS: Readonly<Record<string, [code: string, end: (at: Instance, sub: string, grant: TokenGrant) => unknown]>> =
    {
      'by a logout': ['session_revoked', ({ sessions }, sub, { sessionId }) => sessions.revoke(sub, sessionId)],
      'on the other devices': ['session_revoked', ({ sessions }, sub) => sessions.revokeOthers(sub, 'none')],
      'by a raised generation': ['session_revoked', ({ sessions }, sub) => sessions.revokeAll(sub)],
      'by a reuse': [
        'token_reused',
        async ({ rotation, refresh }, _sub, grant) => {
          await rotation.refresh((await rotation.refresh(grant.refreshToken!)).refreshToken!);
          expect(await refresh(grant)).toBe('token_reused');
        },
      ],
    };

  it('do not come back where an instance remembers: at once, after a day, anywhere; whatever ended them', async () => {
    const [here, there] = [await instance(), await instance()];
    const opened = await Promise.all(
      Object.keys(ENDS).map(async (sub) => ({ sub, grant: await here.sessions.open({ sub }) })),
    );
    const alive = await here.sessions.open({ sub: 'alive' });
    await redis.save();
    for (const { sub, grant } of opened) await ENDS[sub]![1](here, sub, grant);

    await redis.fallBack();
    await eventually(async () =>
      (await Promise.all(opened.map(({ sub, grant }) => isGone(there, sub, grant)))).every(Boolean),
    );

    for (const { sub, grant } of opened) {
      expect([sub, await here.refresh(grant), await there.refresh(grant)]).toEqual([sub, ENDS[sub]![0], ENDS[sub]![0]]);
    }
    const later = await aDayLater(['alive', ...opened.map(({ sub }) => sub)]);
    for (const { sub, grant } of opened) expect([sub, await later.refresh(grant)]).toEqual([sub, ENDS[sub]![0]]);
    expect(await later.refresh(alive)).toBe('none');
  });

  it('do not take with them what was opened with the new password', async () => {
    const here = await instance();
    const old = await here.sessions.open({ sub: 'ann' });
    await redis.save();
    await here.sessions.revokeAll('ann');
    await redis.fallBack();
    await eventually(async () => isGone(here, 'ann', old));
    const generation = await here.sessions.generationOf('ann');
    expect(generation).toBeGreaterThan(0);
    const fresh = await here.sessions.open({ sub: 'ann', generation });

    // A second fall, to a dump that holds the new session and the raised generation: it is none of the lost ones.
    await redis.save();
    await here.sessions.revoke('bob', 'some-session-of-bob');
    await redis.fallBack();
    // What is lost has its effects repeated first, and is published after that.
    const published = async () => JSON.stringify(await redis.server.client.xrange('kt:feed', '-', '+'));
    await eventually(async () => (await published()).includes('some-session-of-bob'));
    expect(await here.refresh(fresh)).toBe('none');
    expect(await (await aDayLater(['ann'])).refresh(old)).not.toBe('none');
  });

  it('stay ended when they were found by an older name: only that id under that subject is ended', async () => {
    const here = await instance();
    const [ann, bob] = [await here.sessions.open({ sub: 'ann' }), await here.sessions.open({ sub: 'bob' })];
    await redis.save();
    // An id is public; knowing the id of somebody else's session is no power over it, in the repetition neither.
    await here.sessions.revoke('ann', bob.sessionId);
    await here.sessions.revoke('ann', ann.sessionId);
    await redis.fallBack();
    await eventually(async () => isGone(here, 'ann', ann));
    expect(await here.refresh(bob)).toBe('none');
  });

  it('are removed by the first refresh that is refused, though only another node of the store has lost them', async () => {
    const here = await instance();
    const grant = await here.sessions.open({ sub: 'ann' });
    const key = (await redis.server.client.keys('kt:{*'))[0]!;
    const before = await redis.server.client.dump(key).then(() => redis.server.client.dumpBuffer(key));
    await here.sessions.revoke('ann', grant.sessionId);
    // The stream has kept all, so nothing tells that the sessions went back.
    await redis.server.client.restore(key, 0, before, 'REPLACE');
    expect(await isGone(here, 'ann', grant)).toBe(false);
    expect(await here.refresh(grant)).toBe('session_revoked');
    expect(await isGone(here, 'ann', grant)).toBe(true);
    expect(await (await aDayLater(['ann'])).refresh(grant)).toBe('session_revoked');
  });

  it('end again when another instance heard of it only: the one that was asked is gone', async () => {
    const [here, there] = [await instance(), await instance()];
    const grant = await here.sessions.open({ sub: 'ann' });
    await redis.save();
    await here.sessions.revoke('ann', grant.sessionId);
    await eventually(() =>
      there.revocations.holds({ kind: 'session', sub: 'ann', sid: grant.sessionId, reason: 'session_revoked' }),
    );
    await here.module.close();
    open.delete(here.module);
    await redis.fallBack();
    await eventually(async () => isGone(there, 'ann', grant));
  });
});

describe('what remembers nothing, or may not write', () => {
  it('ends nothing: an app that only reads the feed leaves the sessions to the auth service', async () => {
    const here = await instance();
    const grant = await here.sessions.open({ sub: 'ann' });
    await redis.save();
    const reader = await Test.createTestingModule({
      imports: [
        ResourceServerModule.forRoot({
          issuer: ISSUER,
          audience: ISSUER,
          keys: here.module.get(KeyRing).publicJwks(Date.now()),
          feed: RedisRevocationFeedModule.forRoot({ url: redis.server.url }),
        }),
      ],
    }).compile();
    await reader.init();
    open.add(reader);
    await here.sessions.revoke('ann', grant.sessionId);
    const known = reader.get(Revocations);
    await eventually(() =>
      known.holds({ kind: 'session', sub: 'ann', sid: grant.sessionId, reason: 'session_revoked' }),
    );
    await here.module.close();
    open.delete(here.module);
    await redis.fallBack();
    await eventually(() => !known.isStale());

    const later = await instance();
    expect(await isGone(later, 'ann', grant)).toBe(false);
    // Nobody who remembers may write: told among what remains.
    expect(await later.refresh(grant)).toBe('none');
  });
});
