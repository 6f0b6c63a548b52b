import { readToken } from '../../test/support/adapters.js';
import { codeOf, startLibrary } from '../../test/support/auth-library.js';
import { AuthConfigError } from '../auth.errors.js';

describe('opening a session', () => {
  it('gives tokens for the subject, and the lives they have', async () => {
    const { sessions, clock } = await startLibrary();
    const grant = await sessions.open({ sub: 'ann', claims: { roles: ['buyer'] } });
    expect(grant).toMatchObject({ expiresIn: 1800, renewAfter: 900, transport: 'body' });
    expect(readToken(grant.accessToken)).toMatchObject({
      sub: 'ann',
      sid: grant.sessionId,
      client_id: 'default',
      amr: ['pwd'],
      gen: 0,
      roles: ['buyer'],
      iat: Math.floor(clock.now() / 1000),
      auth_time: Math.floor(clock.now() / 1000),
    });
    expect(readToken(grant.refreshToken!)).toMatchObject({ sub: 'ann', sid: grant.sessionId, seq: 0 });
  });

  it('tells of no more life than there is: the seconds are those of the ends', async () => {
    const { sessions } = await startLibrary({ absoluteTtl: '10m' });
    const grant = await sessions.open({ sub: 'ann' });
    const { iat, exp } = readToken(grant.accessToken) as { iat: number; exp: number };
    expect(grant.expiresIn).toBe(exp - iat);
    expect(exp).toBeLessThanOrEqual(readToken(grant.refreshToken!).exp as number);
    expect(grant.renewAfter).toBeUndefined();
    expect(grant.refreshTokenExpiresIn).toBe(600);
  });

  it('keeps of the device what was told, and no token', async () => {
    const { sessions, store } = await startLibrary();
    const grant = await sessions.open({ sub: 'ann', device: { name: 'phone', ip: '::1', userAgent: 'app' } });
    const [session] = (await store.list('ann')).sessions;
    expect(session!.device).toEqual({ name: 'phone', ip: '::1', userAgent: 'app' });
    const { sec } = readToken(grant.refreshToken!) as { sec: string };
    for (const secret of [grant.accessToken, grant.refreshToken!, sec]) {
      expect(JSON.stringify(session)).not.toContain(secret);
    }
  });

  it('tells of itself in an event without a token', async () => {
    const { sessions, events } = await startLibrary();
    const { sessionId } = await sessions.open({ sub: 'ann', device: { ip: '::1' } });
    expect(events).toEqual([{ type: 'session.opened', sub: 'ann', sid: sessionId, clientId: 'default', ip: '::1' }]);
  });

  it('refuses a client that is not configured', async () => {
    const { sessions, repository } = await startLibrary();
    for (const clientId of ['web', '', '__proto__', 'constructor']) {
      expect(await codeOf(sessions.open({ sub: 'ann', clientId }))).toBe('invalid_request');
    }
    expect(repository.calls).toEqual([]);
  });

  it('refuses claims that a token cannot carry, before anything is written', async () => {
    const { sessions, repository } = await startLibrary();
    for (const claims of [{ sub: 'eve' }, { exp: 9e9 }, { constructor: 1 }] as object[]) {
      await expect(sessions.open({ sub: 'ann', claims })).rejects.toBeInstanceOf(AuthConfigError);
    }
    expect(await codeOf(sessions.open({ sub: 'ann', claims: { text: 'x'.repeat(2000) } as object }))).toBe(
      'claims_too_large',
    );
    expect(repository.calls).toEqual([]);
  });
});

describe('subjects of any spelling', () => {
  it.each(['*', '{x}', '{}', 'a:b', 'a\r\nDEL b', 'a\0b', '__proto__', 'constructor', '👩‍👩‍👧', ' ', 'x'.repeat(255)])(
    'is kept apart: %j',
    async (sub) => {
      const { sessions, rotation } = await startLibrary();
      const other = await sessions.open({ sub: 'ann' });
      const grant = await sessions.open({ sub });
      expect(readToken((await rotation.refresh(grant.refreshToken!)).accessToken).sub).toBe(sub);
      await sessions.revoke(sub, other.sessionId);
      expect(await codeOf(rotation.refresh(other.refreshToken!))).toBe('none');
    },
  );

  it.each(['', 'x'.repeat(256), 'x'.repeat(10_000), '\ud800', 'a\udc00', 7, null, undefined, {}, ['ann']])(
    'is refused: %j',
    async (sub) => {
      const { sessions, repository } = await startLibrary();
      expect(await codeOf(sessions.open({ sub: sub as string }))).toBe('invalid_request');
      expect(repository.calls).toEqual([]);
    },
  );
});

describe('the limit of sessions', () => {
  it('lets the oldest session go for a new login, and tells its device why', async () => {
    const { sessions, rotation, clock, events } = await startLibrary({ maxSessionsPerSubject: 2 });
    const first = await sessions.open({ sub: 'ann' });
    clock.advance('1s');
    const second = await sessions.open({ sub: 'ann' });
    clock.advance('1s');
    const third = await sessions.open({ sub: 'ann' });

    expect((await sessions.list('ann')).map(({ sid }) => sid)).toEqual([second.sessionId, third.sessionId]);
    expect(events).toContainEqual({
      type: 'session.ended',
      sub: 'ann',
      sid: first.sessionId,
      reason: 'session_replaced',
      cause: 'session_limit',
    });
    expect(await codeOf(rotation.refresh(first.refreshToken!))).toBe('session_replaced');
    expect(await codeOf(rotation.refresh(second.refreshToken!))).toBe('none');
  });

  it('goes by when a session was opened, not by when it was used', async () => {
    const { sessions, rotation, clock } = await startLibrary({ maxSessionsPerSubject: 2 });
    const first = await sessions.open({ sub: 'ann' });
    clock.advance('1s');
    const second = await sessions.open({ sub: 'ann' });
    clock.advance('1h');
    await rotation.refresh(first.refreshToken!);
    const third = await sessions.open({ sub: 'ann' });
    expect((await sessions.list('ann')).map(({ sid }) => sid)).toEqual([second.sessionId, third.sessionId]);
  });

  it('of 1 is the latest login per user, and the replaced device does no harm to it', async () => {
    const { sessions, rotation } = await startLibrary({ maxSessionsPerSubject: 1 });
    const first = await sessions.open({ sub: 'ann' });
    const second = await sessions.open({ sub: 'ann' });
    expect(await codeOf(rotation.refresh(first.refreshToken!))).toBe('session_replaced');
    expect(await codeOf(rotation.refresh(second.refreshToken!))).toBe('none');
  });

  it('can refuse the login instead, and takes one again when there is room', async () => {
    const { sessions } = await startLibrary({ maxSessionsPerSubject: 2, whenFull: 'refuse' });
    const first = await sessions.open({ sub: 'ann' });
    await sessions.open({ sub: 'ann' });
    expect(await codeOf(sessions.open({ sub: 'ann' }))).toBe('session_limit_reached');
    expect(await codeOf(sessions.open({ sub: 'bob' }))).toBe('none');
    await sessions.revoke('ann', first.sessionId);
    expect(await codeOf(sessions.open({ sub: 'ann' }))).toBe('none');
  });

  it('does not count sessions that are over', async () => {
    const { sessions, clock, events } = await startLibrary({ maxSessionsPerSubject: 1, whenFull: 'refuse' });
    await sessions.open({ sub: 'ann' });
    clock.advance('15d');
    expect(await codeOf(sessions.open({ sub: 'ann' }))).toBe('none');
    expect(events.map(({ type }) => type)).toEqual(['session.opened', 'session.opened']);
  });

  it('is exact under many logins at once', async () => {
    const { sessions, repository } = await startLibrary({ maxSessionsPerSubject: 3 });
    // Another login takes the room between the making of it and its use.
    repository.next('end', async (run) => {
      const ended = await run();
      await sessions.open({ sub: 'ann' });
      return ended;
    });
    await Promise.all(Array.from({ length: 10 }, () => sessions.open({ sub: 'ann' })));
    expect(await sessions.list('ann')).toHaveLength(3);
  });
});

describe('generations', () => {
  it('refuse a login whose password was read before the generation was raised', async () => {
    const { sessions, store } = await startLibrary();
    const generation = await sessions.generationOf('ann');
    await store.raiseGeneration('ann', 5, 86_400_000);
    expect(await codeOf(sessions.open({ sub: 'ann', generation }))).toBe('invalid_credentials');
    expect(await codeOf(sessions.open({ sub: 'ann', generation: await sessions.generationOf('ann') }))).toBe('none');
  });

  it('are put into the tokens as the store has them, where the login names none', async () => {
    const { sessions, store } = await startLibrary();
    await store.raiseGeneration('ann', 5, 86_400_000);
    const grant = await sessions.open({ sub: 'ann' });
    expect([readToken(grant.accessToken).gen, readToken(grant.refreshToken!).gen]).toEqual([5, 5]);
  });

  it('must be given where the host has loadSubject, as nobody else knows when the password was read', async () => {
    const loadSubject = () => ({ claims: {}, generation: 3 });
    const { sessions } = await startLibrary({ loadSubject });
    await expect(sessions.open({ sub: 'ann' })).rejects.toThrow(/open\(\) needs the generation/);
    expect(readToken((await sessions.open({ sub: 'ann', generation: 3 })).accessToken).gen).toBe(3);
  });
});

describe('claims of the host', () => {
  it('are kept in the record where there is no loadSubject', async () => {
    const { sessions, store } = await startLibrary();
    await sessions.open({ sub: 'ann', claims: { roles: ['buyer'] } });
    expect((await store.list('ann')).sessions[0]!.subjectClaims).toEqual({ roles: ['buyer'] });
  });

  it('come from loadSubject where the login brings none, and are not kept', async () => {
    const { sessions, store } = await startLibrary({
      loadSubject: () => ({ claims: { roles: ['admin'] }, generation: 0 }),
    });
    const grant = await sessions.open({ sub: 'ann', generation: 0 });
    expect(readToken(grant.accessToken).roles).toEqual(['admin']);
    expect((await store.list('ann')).sessions[0]).not.toHaveProperty('claims');
  });

  it('of a subject that loadSubject does not know open nothing', async () => {
    const { sessions, repository } = await startLibrary({ loadSubject: () => null });
    expect(await codeOf(sessions.open({ sub: 'ann', generation: 0 }))).toBe('invalid_credentials');
    expect(repository.calls).toEqual([]);
  });
});

describe('ending', () => {
  it('ends one session and leaves the others', async () => {
    const { sessions, rotation, events } = await startLibrary();
    const [phone, laptop] = [await sessions.open({ sub: 'ann' }), await sessions.open({ sub: 'ann' })];
    await sessions.revoke('ann', phone.sessionId);
    expect(await codeOf(rotation.refresh(phone.refreshToken!))).toBe('session_revoked');
    expect(await codeOf(rotation.refresh(laptop.refreshToken!))).toBe('none');
    expect(events).toContainEqual({
      type: 'session.ended',
      sub: 'ann',
      sid: phone.sessionId,
      reason: 'session_revoked',
    });
  });

  it('needs subject and session: knowing the id of a session gives no power over it', async () => {
    const { sessions, rotation } = await startLibrary();
    const grant = await sessions.open({ sub: 'ann' });
    await sessions.revoke('eve', grant.sessionId);
    expect(await codeOf(rotation.refresh(grant.refreshToken!))).toBe('none');
  });

  it('is the same when it is done again', async () => {
    const { sessions, rotation } = await startLibrary();
    const grant = await sessions.open({ sub: 'ann' });
    await sessions.revoke('ann', grant.sessionId);
    await sessions.revoke('ann', grant.sessionId);
    expect(await codeOf(rotation.refresh(grant.refreshToken!))).toBe('session_revoked');
  });

  it('ends all of a subject', async () => {
    const { sessions, endings } = await startLibrary();
    await Promise.all([sessions.open({ sub: 'ann' }), sessions.open({ sub: 'ann' }), sessions.open({ sub: 'bob' })]);
    await endings.endAll('ann', 'session_revoked');
    expect([await sessions.list('ann'), await sessions.list('bob')]).toEqual([[], [expect.anything()]]);
  });
});
