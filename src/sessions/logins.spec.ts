import { readToken } from '../../test/support/adapters.js';
import { Test } from '@nestjs/testing';
import { codeOf, ISSUER, keys, startLibrary } from '../../test/support/auth-library.js';
import { AuthClock } from '../auth.clock.js';
import { AuthModule } from '../auth.module.js';
import { TestClock } from '../testing/index.js';
import type { SessionRequest } from './session-request.js';
import { SessionService } from './session.service.js';

/** The strategy that keeps no sessions: a login is its access token. */
async function withoutSessions(options: object = {}) {
  const clock = new TestClock(Date.parse('2026-03-01T12:00:00.400Z'));
  const auth = AuthModule.forRoot({ issuer: ISSUER, keys, strategy: 'access', ...options });
  const testing = Test.createTestingModule({ imports: [auth] })
    .overrideProvider(AuthClock)
    .useValue(clock.authClock);
  const module = await testing.compile();
  await module.init();
  return { clock, sessions: module.get(SessionService), close: () => module.close() };
}

describe('a login under way while the claims of its user change', () => {
  const admin = { roles: ['admin'] };
  const buyer = { roles: ['buyer'] };

  /** The user is read, the hash of the password takes 300 ms, and meanwhile the roles are lowered. */
  async function racing() {
    const library = await startLibrary();
    const { sessions, clock } = library;
    await library.init();
    const claimsReadAt = clock.now();
    const lower = async (took: Parameters<typeof clock.advance>[0] = '300ms') => {
      clock.advance('100ms');
      await sessions.claimsChanged('ann', { claims: buyer });
      clock.advance(took);
    };
    const open = (request: Partial<SessionRequest> = {}) => sessions.open({ sub: 'ann', ...request });
    return { ...library, claimsReadAt, lower, open };
  }

  it('does not keep the roles that were just taken away, for as long as its session lives', async () => {
    const { revocations, rotation, lower, open } = await racing();
    await lower();
    const grant = await open({ claims: admin });
    const refreshed = await rotation.refresh(grant.refreshToken!);
    for (const { accessToken } of [grant, refreshed]) {
      expect(readToken(accessToken)).toMatchObject(buyer);
      expect(revocations.check(readToken(accessToken) as never)).toBeNull();
    }
  });

  it('does not keep that there were no claims yet, which say nothing of what is forbidden now', async () => {
    const { lower, open } = await racing();
    await lower();
    expect(readToken((await open({ claims: {} })).accessToken)).toMatchObject(buyer);
  });

  it('has the roles it has read where it began after the change, by the word of the host or a minute later', async () => {
    const { clock, lower, open } = await racing();
    await lower();
    const claimsReadAt = clock.now();
    expect(readToken((await open({ claims: admin, claimsReadAt })).accessToken)).toMatchObject(admin);
    clock.advance('60s');
    expect(readToken((await open({ claims: admin })).accessToken)).toMatchObject(admin);
  });

  it('has the present roles however long it took, where the host says when it read them', async () => {
    const { claimsReadAt, lower, open } = await racing();
    await lower('10m');
    expect(readToken((await open({ claims: admin, claimsReadAt })).accessToken)).toMatchObject(buyer);
  });

  it('is to be tried again where no session could have the new roles', async () => {
    const { clock, sessions, close } = await withoutSessions();
    const claimsReadAt = clock.now();
    clock.advance('100ms');
    await sessions.claimsChanged('ann');
    clock.advance('300ms');
    const open = (changes: Partial<SessionRequest>) => sessions.open({ sub: 'ann', ...changes });
    expect(await codeOf(open({ claims: admin, claimsReadAt }))).toBe('temporarily_unavailable');
    expect(await codeOf(open({ claims: buyer, claimsReadAt: clock.now() }))).toBe('none');
    await close();
  });

  it.each([-1, 0.5, '2026-03-01' as never])('cannot say that it read them at %j', async (claimsReadAt) => {
    const { open } = await racing();
    await expect(open({ claims: admin, claimsReadAt })).rejects.toThrow(/^open\(\) needs a claimsReadAt/);
  });
});

describe('a login whose generation is over', () => {
  const user = { generation: 5 };
  const loadSubject = (sub: string) => ({ claims: {}, generation: sub === 'ann' ? user.generation : 1 });

  it.each(['refresh-sliding', 'access'] as const)(
    'gets no tokens in %s: the process died before it told the store of the new password',
    async (strategy) => {
      const { sessions, close } = strategy === 'access' ? await withoutSessions({ loadSubject }) : await kept();
      user.generation = 5;
      const generation = user.generation;
      user.generation = 6;
      expect(await codeOf(sessions.open({ sub: 'ann', generation }))).toBe('invalid_credentials');
      expect(await codeOf(sessions.open({ sub: 'ann', generation: 6 }))).toBe('none');
      await close();
    },
  );

  it('gets no tokens where it is that of who acts for the user, by what the host or the feed says', async () => {
    const act = { sub: 'support-7', generation: 0 };
    const { sessions } = await kept();
    expect(await codeOf(sessions.open({ sub: 'bob', generation: 1, act }))).toBe('invalid_credentials');
    const library = await startLibrary();
    await library.init();
    await library.sessions.revokeAll('support-7', 1);
    expect(await codeOf(library.sessions.open({ sub: 'bob', act }))).toBe('invalid_credentials');
    expect(await codeOf(library.sessions.open({ sub: 'bob', act: { ...act, generation: 1 } }))).toBe('none');
  });

  const kept = async () => ({ ...(await startLibrary({ loadSubject })), close: async () => undefined });
});
