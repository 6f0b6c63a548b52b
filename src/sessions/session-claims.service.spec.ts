import { readToken } from '../../test/support/adapters.js';
import { codeOf, startLibrary } from '../../test/support/auth-library.js';
import { types } from '../../test/support/logged-in.js';
import type { TestClock } from '../testing/index.js';
import type { AuthModuleOptions } from '../options/options.js';
import type { SessionRequest } from './session-request.js';

/** Claims that nobody has declared in `RegisteredClaims`. */
const own = (claims: object): object => claims;

/** Ann's session, with what the host says of her by `loadSubject`. */
async function withLoadSubject(options: Partial<AuthModuleOptions> = {}, request: Partial<SessionRequest> = {}) {
  const host = { claims: { roles: ['buyer'], email: 'ann@example.org' } as Record<string, unknown> };
  const library = await startLibrary({
    loadSubject: () => ({ claims: host.claims, generation: 0 }),
    ...options,
  });
  await library.revocations.onModuleInit();
  const open = (changes: Partial<SessionRequest> = {}) =>
    library.sessions.open({ sub: 'ann', generation: 0, ...request, ...changes });
  const first = await open();
  return { ...library, host, open, first, sid: first.sessionId };
}
/** Milliseconds pass while the work is done: a token of changed claims waits for some. */
async function meanwhile<T>(clock: TestClock, work: Promise<T>): Promise<T> {
  const ticking = setInterval(() => clock.advance('1ms'), 1);
  return work.finally(() => clearInterval(ticking));
}
const revocable = (token: string) => readToken(token) as never;

describe('claims of a session, such as its tenant', () => {
  it.each(['claims', 'sessionClaims'] as const)(
    'given as %s at the login are in each refreshed token, beside what loadSubject says',
    async (name) => {
      const { rotation, first } = await withLoadSubject({}, { [name]: own({ tenant: 'a' }) });
      const expected = { tenant: 'a', roles: ['buyer'], email: 'ann@example.org' };
      expect(readToken(first.accessToken)).toMatchObject(expected);
      const refreshed = await rotation.refresh(first.refreshToken!);
      expect(readToken(refreshed.accessToken)).toMatchObject(expected);
    },
  );

  it('are changed without a login: the old token is refused, the new one and each refresh have them', async () => {
    const { sessions, rotation, revocations, clock, events, first, sid } = await withLoadSubject(
      {},
      { claims: own({ tenant: 'a' }) },
    );
    const changing = meanwhile(clock, sessions.setClaims('ann', sid, own({ tenant: 'b' })));
    const changed = await changing;
    expect(changed.sessionId).toBe(sid);
    expect(changed.refreshToken).toBeUndefined();
    expect(readToken(changed.accessToken)).toMatchObject({ tenant: 'b', roles: ['buyer'] });
    expect(revocations.check(revocable(first.accessToken))).toBe('claims_outdated');
    expect(revocations.check(revocable(changed.accessToken))).toBeNull();
    expect(readToken((await meanwhile(clock, rotation.refresh(first.refreshToken!))).accessToken).tenant).toBe('b');
    expect(types(events)).toContain('session.claims_changed');
  });

  it('touch no other session of the user', async () => {
    const { sessions, revocations, clock, open, sid } = await withLoadSubject();
    const other = await open();
    const changing = meanwhile(clock, sessions.setClaims('ann', sid, own({ tenant: 'b' })));
    await changing;
    expect(revocations.check(revocable(other.accessToken))).toBeNull();
  });

  it('can never be roles, scope, permissions or what the host names, else a role that was taken away shines through', async () => {
    const { sessions, open, sid } = await withLoadSubject({ subjectOnly: ['plan'] });
    for (const name of ['roles', 'scope', 'permissions', 'plan']) {
      await expect(open({ claims: { [name]: 'x' } })).rejects.toThrow(`open(): ${name} cannot be set for a session`);
      await expect(sessions.setClaims('ann', sid, { [name]: 'x' })).rejects.toThrow(
        `setClaims(): ${name} cannot be set`,
      );
    }
  });

  it('are there for loadSubject, where it asks for them: roles in one tenant are not those in another', async () => {
    const seen: unknown[] = [];
    const loadSubject: AuthModuleOptions['loadSubject'] = (_sub, session) => {
      seen.push(session);
      return { claims: { roles: [`buyer in ${String(session.sessionClaims.tenant)}`] }, generation: 0 };
    };
    const { sessions, rotation, clock, first, sid } = await withLoadSubject(
      { loadSubject },
      { claims: own({ tenant: 'a' }) },
    );
    expect(readToken(first.accessToken).roles).toEqual(['buyer in a']);
    const changing = meanwhile(clock, sessions.setClaims('ann', sid, own({ tenant: 'b' })));
    expect(readToken((await changing).accessToken).roles).toEqual(['buyer in b']);
    const refreshed = await meanwhile(clock, rotation.refresh(first.refreshToken!));
    expect(readToken(refreshed.accessToken).roles).toEqual(['buyer in b']);
    expect(seen.at(-1)).toEqual({ sid, clientId: 'default', sessionClaims: own({ tenant: 'b' }), act: undefined });
  });

  it('stay when the password is given again', async () => {
    const { sessions, first } = await withLoadSubject({}, { claims: own({ tenant: 'a' }) });
    const again = await sessions.reissue(readToken(first.accessToken) as never);
    expect(readToken(again.accessToken)).toMatchObject({ tenant: 'a', roles: ['buyer'] });
  });

  it('of a session that is over are not changed: its owner is told why it ended', async () => {
    const { sessions, sid } = await withLoadSubject();
    await sessions.revoke('ann', sid);
    expect(await codeOf(sessions.setClaims('ann', sid, own({ tenant: 'b' })))).toBe('session_revoked');
  });
});

describe('claims of a subject, where the host has no loadSubject', () => {
  async function start() {
    const library = await startLibrary();
    await library.revocations.onModuleInit();
    const claims = { roles: ['admin'] };
    const first = await library.sessions.open({ sub: 'ann', claims, sessionClaims: own({ tenant: 'a' }) });
    return { ...library, first };
  }

  it('are replaced in all sessions by claimsChanged, and one refresh brings them, with the session as it was', async () => {
    const { sessions, rotation, revocations, first } = await start();
    await sessions.claimsChanged('ann', { claims: { roles: ['buyer'] } });
    expect(revocations.check(revocable(first.accessToken))).toBe('claims_outdated');
    const refreshed = await rotation.refresh(first.refreshToken!);
    expect(readToken(refreshed.accessToken)).toMatchObject({ roles: ['buyer'], tenant: 'a' });
    expect(revocations.check(revocable(refreshed.accessToken))).toBeNull();
  });

  it('are not brought back by a store that has lost the change: the session ends, and a login has the present ones', async () => {
    const { sessions, rotation, store, first } = await start();
    await sessions.claimsChanged('ann', { claims: { roles: ['buyer'] } });
    // The change is kept beside the session: without it the record says what it said before.
    (store as unknown as { claims: { kept: Map<string, unknown> } }).claims.kept.clear();
    expect(await codeOf(rotation.refresh(first.refreshToken!))).toBe('session_revoked');
    expect((await store.find('ann', first.sessionId)).record).toBeNull();
  });

  it('cannot be given where loadSubject says them', async () => {
    const { sessions } = await withLoadSubject();
    await expect(sessions.claimsChanged('ann', { claims: {} })).rejects.toThrow(
      /takes no claims, as loadSubject is given/,
    );
  });
});

describe('claims that no token can carry', () => {
  const large = { x: 'y'.repeat(600) };

  it('are refused where they are given, for subject and session together', async () => {
    const { sessions } = await startLibrary();
    expect(
      await codeOf(sessions.open({ sub: 'ann', claims: own(large), sessionClaims: own({ z: 'y'.repeat(600) }) })),
    ).toBe('claims_too_large');
    const { sessionId } = await sessions.open({ sub: 'ann', claims: own(large) });
    expect(await codeOf(sessions.setClaims('ann', sessionId, own({ z: 'y'.repeat(600) })))).toBe('claims_too_large');
    expect(await codeOf(sessions.claimsChanged('ann', { claims: own({ x: 'y'.repeat(1100) }) }))).toBe(
      'claims_too_large',
    );
  });

  it('are up to 4 KiB where tokens travel in bodies, and the host says so', async () => {
    const { sessions, rotation } = await startLibrary({ claimsLimit: 4096 });
    const { refreshToken } = await sessions.open({ sub: 'ann', claims: own({ x: 'y'.repeat(4000) }) });
    expect(readToken((await rotation.refresh(refreshToken!)).accessToken).x).toHaveLength(4000);
  });

  it('are at most 1 KiB where they travel in cookies', async () => {
    const web = { clients: { web: { transport: 'cookie' as const } }, claimsLimit: 1025 };
    await expect(startLibrary(web)).rejects.toThrow(
      /claimsLimit is 1025; with a client of transport 'cookie' it must be/,
    );
  });
});

describe('somebody who acts for a user', () => {
  const act = { sub: 'support-7', generation: 0 };

  it('is named in each token, for an hour at the latest', async () => {
    const { rotation, first } = await withLoadSubject({}, { act });
    expect(first.sessionExpiresIn).toBeLessThanOrEqual(3600);
    const claim = { sub: 'support-7', gen: 0 };
    expect(readToken(first.accessToken).act).toEqual(claim);
    const refreshed = await rotation.refresh(first.refreshToken!);
    expect(readToken(refreshed.accessToken).act).toEqual(claim);
  });

  it('is told of in the event of the login', async () => {
    const { events } = await withLoadSubject({}, { act });
    expect(events).toContainEqual(expect.objectContaining({ type: 'session.opened', sub: 'ann', actor: 'support-7' }));
  });

  it.each(['ann', 'support-7'])('is out when all tokens of %s are ended', async (sub) => {
    const { sessions, rotation, revocations, first } = await withLoadSubject({ loadSubject: undefined }, { act });
    await sessions.revokeAll(sub);
    expect(revocations.check(revocable(first.accessToken))).toBe('session_revoked');
    expect(await codeOf(sessions.assertLive(revocable(first.accessToken)))).toBe('session_revoked');
    expect(await codeOf(rotation.refresh(first.refreshToken!))).toBe('session_revoked');
  });

  it('is out when the host knows a newer generation of the actor, whatever this instance has read', async () => {
    const generations = new Map([['support-7', 0]]);
    const loadSubject = (sub: string) => ({ claims: {}, generation: generations.get(sub) ?? 0 });
    const { rotation, first, store } = await withLoadSubject({ loadSubject }, { act });
    generations.set('support-7', 1);
    expect(await codeOf(rotation.refresh(first.refreshToken!))).toBe('session_revoked');
    expect((await store.find('ann', first.sessionId)).record).toBeNull();
  });

  it('cannot give the password of the user', async () => {
    const { sessions, first } = await withLoadSubject({}, { act });
    expect(await codeOf(sessions.reissue(revocable(first.accessToken)))).toBe('forbidden');
  });

  it('ends none of the sessions of the user by the limit', async () => {
    const { rotation, open, first } = await withLoadSubject({ maxSessionsPerSubject: 1 });
    await open({ act });
    expect(await codeOf(rotation.refresh(first.refreshToken!))).toBe('none');
  });
});

describe('a login that is taken over from elsewhere', () => {
  it('keeps its time, its methods and how sure it was, through each refresh', async () => {
    const { sessions, rotation, clock } = await startLibrary();
    const authTime = Math.floor(clock.now() / 1000) - 86_400 * 365;
    const login = { authTime, amr: ['otp', 'hwk'], acr: 'gold' };
    const grant = await sessions.open({ sub: 'ann', ...login });
    const expected = { auth_time: authTime, amr: ['otp', 'hwk'], acr: 'gold' };
    expect(readToken(grant.accessToken)).toMatchObject(expected);
    expect(readToken((await rotation.refresh(grant.refreshToken!)).accessToken)).toMatchObject(expected);
  });

  it.each([
    ['an authTime in the future', { authTime: 9e9 }],
    ['an authTime in milliseconds', { authTime: Date.now() }],
    ['an amr that is no list', { amr: 'pwd' as never }],
    ['an acr that is no text', { acr: 7 as never }],
    ['an actor without a generation', { act: { sub: 'eve' } as never }],
    ['a persistent that is no boolean', { persistent: 'yes' as never }],
  ])('is refused with %s, which is a mistake of the host', async (_story, request) => {
    const { sessions, repository } = await startLibrary();
    await expect(sessions.open({ sub: 'ann', ...request })).rejects.toThrow(/^open\(\) needs/);
    expect(repository.calls).toEqual([]);
  });
});
