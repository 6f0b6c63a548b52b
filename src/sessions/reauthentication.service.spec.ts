import { readToken } from '../../test/support/adapters.js';
import { codeOf } from '../../test/support/auth-library.js';
import { logIn, types } from '../../test/support/logged-in.js';
import type { AuthModuleOptions } from '../options/options.js';
import { AuthError } from '../auth.errors.js';
import type { AccessTokenClaims } from '../tokens/claims-rules.js';

const claimsOf = (token: string) => readToken(token) as unknown as AccessTokenClaims;

/** Ann logged in ten minutes ago, and has just given her password again. */
async function atTheCheckout(options: Partial<AuthModuleOptions> = {}) {
  const library = await logIn(options);
  await library.revocations.onModuleInit();
  library.clock.advance('10m');
  const user = claimsOf(library.first.accessToken);
  return { ...library, user, now: Math.floor(library.clock.now() / 1000) };
}

describe('a token for who has given the password again', () => {
  it('says so, and is the same in all else but its times', async () => {
    const { sessions, user, now } = await atTheCheckout();
    const grant = await sessions.reissue(user, { amr: ['pwd', 'otp'] });
    expect(claimsOf(grant.accessToken)).toEqual({
      ...user,
      auth_time: now,
      amr: ['pwd', 'otp'],
      iat: now,
      exp: now + 1800,
      jti: expect.any(String),
    });
    expect(grant).toMatchObject({ expiresIn: 1800, renewAfter: 900, sessionId: user.sid });
  });

  it('is an access token alone: who shares the session does not get it by a refresh', async () => {
    const { sessions, rotation, user, store, t0 } = await atTheCheckout();
    const before = (await store.find('ann', user.sid)).record;
    expect((await sessions.reissue(user)).refreshToken).toBeUndefined();
    expect((await store.find('ann', user.sid)).record).toEqual(before);
    expect(claimsOf((await rotation.refresh(t0)).accessToken).auth_time).toBe(user.auth_time);
  });

  it('slides no further than the old one', async () => {
    const { sessions, user } = await atTheCheckout({ sliding: { slideLimit: '20m' } });
    const grant = await sessions.reissue(user);
    expect(claimsOf(grant.accessToken).renew_until).toBe(user.renew_until);
    expect(grant.renewAfter).toBeUndefined();
  });

  it('never outlives its session', async () => {
    const { sessions, user, store } = await atTheCheckout({ absoluteTtl: '20m', accessTtl: '15m' });
    const { absoluteEnd } = (await store.find('ann', user.sid)).record!;
    expect(claimsOf((await sessions.reissue(user)).accessToken).exp).toBe(absoluteEnd / 1000);
  });

  it('tells of it', async () => {
    const { sessions, user, events } = await atTheCheckout();
    await sessions.reissue(user, { requestId: 'r-1' });
    expect(events).toEqual([
      expect.objectContaining({ type: 'session.reauthenticated', sub: 'ann', sid: user.sid, requestId: 'r-1' }),
    ]);
  });

  it('takes the time that the host names, when that was a moment ago', async () => {
    const { sessions, user, now } = await atTheCheckout();
    expect(claimsOf((await sessions.reissue(user, { authTime: now - 5 })).accessToken).auth_time).toBe(now - 5);
  });

  it.each([
    ['in the future', (now: number) => ({ authTime: now + 1 })],
    ['in milliseconds', (now: number) => ({ authTime: now * 1000 })],
    ['not whole', (now: number) => ({ authTime: now - 0.5 })],
    ['negative', () => ({ authTime: -1 })],
    ['no number', () => ({ authTime: 'now' as never })],
    ['fine, by methods that are no list', () => ({ amr: 'pwd' as never })],
  ])('refuses a time that is %s, which is a mistake in the host', async (_story, request) => {
    const { sessions, user, now, events } = await atTheCheckout();
    await expect(sessions.reissue(user, request(now))).rejects.toThrow(/^reissue\(\) needs/);
    expect(events).toEqual([]);
  });

  it('has the roles of now, where the host can be asked', async () => {
    let roles = ['buyer'];
    const { sessions, user } = await atTheCheckout({ loadSubject: () => ({ claims: { roles }, generation: 0 }) });
    roles = [];
    expect(claimsOf((await sessions.reissue(user)).accessToken).roles).toEqual([]);
  });
});

describe('there is no such token', () => {
  type World = Awaited<ReturnType<typeof atTheCheckout>>;

  it.each<[string, string, (world: World) => unknown]>([
    ['session_revoked', 'after a logout', ({ sessions, user }) => sessions.revoke('ann', user.sid)],
    ['session_revoked', 'after everything of the user was ended', ({ sessions }) => sessions.revokeAll('ann')],
    ['token_expired', 'while roles that were lowered are still in the token', ({ endings }) => endings.outdate('ann')],
    ['token_expired', 'for a token that is over', ({ clock }) => clock.advance('20m')],
    [
      'session_replaced',
      'where the store alone knows of the end yet',
      ({ store, user }) => store.end('ann', [user.sid], 'session_replaced', 60_000),
    ],
    [
      'session_revoked',
      'where the store alone knows of a raised generation yet',
      ({ store, user }) => store.raiseGeneration('ann', user.gen + 1, 60_000),
    ],
    [
      'session_revoked',
      'where the end becomes known while the store answers',
      ({ repository, sessions, user }) =>
        repository.next('find', async (run) => {
          const found = await run();
          await sessions.revoke('ann', user.sid);
          return found;
        }),
    ],
    [
      'store_unavailable',
      'where the store does not answer',
      ({ repository }) => repository.next('find', () => Promise.reject(new AuthError('store_unavailable', 'away'))),
    ],
  ])('%s %s', async (code, _story, happens) => {
    const world = await atTheCheckout();
    await happens(world);
    world.events.length = 0;
    expect(await codeOf(world.sessions.reissue(world.user))).toBe(code);
    expect(types(world.events)).not.toContain('session.reauthenticated');
  });

  it('on knowledge that may be old', async () => {
    const { sessions, user, revocations } = await atTheCheckout();
    jest.spyOn(revocations, 'isStale').mockReturnValue(true);
    expect(await codeOf(sessions.reissue(user))).toBe('temporarily_unavailable');
  });

  it.each([
    ['is gone', null],
    [
      'has a newer generation, as after a password change that the store was not told of',
      { claims: {}, generation: 9 },
    ],
  ])('where the user %s', async (_story, later) => {
    let subject: object | null = { claims: {}, generation: 0 };
    const { sessions, user } = await atTheCheckout({ loadSubject: () => subject as never });
    subject = later;
    expect(await codeOf(sessions.reissue(user))).toBe('session_revoked');
  });

  it('where the host cannot be asked, and the session goes on', async () => {
    let fails = false;
    const loadSubject = () => {
      if (fails) throw new Error('database away');
      return { claims: {}, generation: 0 };
    };
    const { sessions, rotation, user, t0 } = await atTheCheckout({ loadSubject });
    fails = true;
    expect(await codeOf(sessions.reissue(user))).toBe('store_unavailable');
    fails = false;
    expect(await codeOf(rotation.refresh(t0))).toBe('none');
  });
});
