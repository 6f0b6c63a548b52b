import { readToken } from '../../test/support/adapters.js';
import { codeOf, startLibrary } from '../../test/support/auth-library.js';
import { logIn, recordOf, seqOf, types } from '../../test/support/logged-in.js';

describe('current: the token is the newest', () => {
  it('is spent, and its successor comes with a new access token, in one step of the store', async () => {
    const { rotation, repository, events, clock, t0, sid, first } = await logIn();
    clock.advance('20m');
    const second = await rotation.refresh(t0);
    expect(seqOf(second)).toBe(1);
    expect(second.sessionId).toBe(sid);
    expect(readToken(second.accessToken).iat).toBe(Math.floor(clock.now() / 1000));
    expect(readToken(second.accessToken).auth_time).toBe(readToken(first.accessToken).auth_time);
    expect(repository.calls).toEqual(['advance']);
    expect(events).toEqual([{ type: 'token.refreshed', sub: 'ann', sid, clientId: 'default', seq: 1 }]);
  });

  it('moves the idle end, so that who is active stays, but never past the absolute end', async () => {
    const { rotation, clock, t0 } = await logIn({ idleTtl: '2d', absoluteTtl: '5d' });
    let token = t0;
    for (let day = 1; day <= 4; day++) {
      clock.advance('1d');
      const grant = await rotation.refresh(token);
      token = grant.refreshToken!;
      expect(grant.refreshTokenExpiresIn).toBe(Math.min(2, 5 - day) * 86_400);
      expect(readToken(grant.accessToken).exp).toBeLessThanOrEqual(readToken(token).exp as number);
    }
    clock.advance('1d');
    expect(await codeOf(rotation.refresh(token))).toBe('session_ended');
  });

  it('cuts the last access tokens at the absolute end, and lets nothing slide past it', async () => {
    const { rotation, clock, t0 } = await logIn({ absoluteTtl: '1h' });
    clock.advance('50m');
    const grant = await rotation.refresh(t0);
    const end = readToken(t0).exp;
    expect(readToken(grant.accessToken)).toMatchObject({ exp: end, renew_until: end });
    expect(grant).toMatchObject({ expiresIn: 600, refreshTokenExpiresIn: 600 });
    expect(grant.renewAfter).toBeUndefined();
  });

  it('keeps one absolute end through every token of the session', async () => {
    const { rotation, clock, t0 } = await logIn();
    clock.advance('3d');
    const { refreshToken } = await rotation.refresh(t0);
    expect(readToken(refreshToken!).exp).toBe(readToken(t0).exp);
    expect(readToken(refreshToken!).sec).toBe(readToken(t0).sec);
  });

  it('leaves a record of the same size after a hundred rotations', async () => {
    const library = await logIn();
    const before = JSON.stringify(await recordOf(library, library.sid)).length;
    let token = library.t0;
    for (let turn = 0; turn < 100; turn++) token = (await library.rotation.refresh(token)).refreshToken!;
    expect(JSON.stringify(await recordOf(library, library.sid)).length - before).toBeLessThanOrEqual(2);
  });

  it('carries the claims of the login on, where there is no loadSubject', async () => {
    const { sessions, rotation } = await startLibrary();
    const { refreshToken } = await sessions.open({ sub: 'ann', claims: { roles: ['buyer'] } });
    expect(readToken((await rotation.refresh(refreshToken!)).accessToken).roles).toEqual(['buyer']);
  });

  it('asks the record for nothing that has to be inflated, where loadSubject says the claims', async () => {
    const { rotation, repository, t0 } = await logIn({
      loadSubject: () => ({ claims: { roles: ['buyer'] }, generation: 0 }),
    });
    const read = jest.fn();
    repository.next('advance', async (run) => {
      const { record, ...result } = await run();
      const member = { get: read, enumerable: true, configurable: true };
      const late = { device: member, subjectClaims: member, claimsAt: member };
      return { ...result, record: Object.defineProperties({ ...record! }, late) };
    });
    expect(readToken((await rotation.refresh(t0)).accessToken).roles).toEqual(['buyer']);
    expect(read).not.toHaveBeenCalled();
  });
});

describe('replay: two tabs, or an answer that was lost', () => {
  it('gets the same successor within grace, byte for byte, and writes nothing', async () => {
    const library = await logIn();
    const { rotation, clock, events, t0, sid } = library;
    const second = await rotation.refresh(t0);
    const written = await recordOf(library, sid);
    clock.advance('30s');
    const again = await rotation.refresh(t0, { device: { ip: '::1', userAgent: 'tab' } });
    expect(again.refreshToken).toBe(second.refreshToken);
    expect(readToken(again.accessToken).jti).not.toBe(readToken(second.accessToken).jti);
    expect(await recordOf(library, sid)).toEqual(written);
    expect(events.at(-1)).toEqual({
      type: 'token.replayed',
      sub: 'ann',
      sid,
      clientId: 'default',
      seq: 0,
      ip: '::1',
      userAgent: 'tab',
      age: 30_000,
      sameAttempt: false,
    });
  });

  it('cannot stretch grace: it counts from the first use', async () => {
    const { rotation, clock, t0 } = await logIn();
    await rotation.refresh(t0);
    for (let second = 0; second < 30; second += 10) {
      clock.advance('10s');
      expect(await codeOf(rotation.refresh(t0))).toBe('none');
    }
    clock.advance('1s');
    expect(await codeOf(rotation.refresh(t0))).toBe('token_reused');
  });

  it('gives fifty tabs one successor', async () => {
    const { rotation, t0, events } = await logIn();
    const grants = await Promise.all(Array.from({ length: 50 }, () => rotation.refresh(t0)));
    expect(new Set(grants.map(({ refreshToken }) => refreshToken)).size).toBe(1);
    expect(types(events).filter((type) => type === 'token.refreshed')).toHaveLength(1);
    expect(await codeOf(rotation.refresh(grants[0]!.refreshToken!))).toBe('none');
  });

  it('ends with the use of the successor: then the token is two steps old', async () => {
    const { rotation, t0 } = await logIn();
    const { refreshToken } = await rotation.refresh(t0);
    await rotation.refresh(refreshToken!);
    expect(await codeOf(rotation.refresh(t0))).toBe('token_reused');
  });
});

describe('reuse: the token was stolen, or its thief was first', () => {
  it('ends the session for both, and tells how old the token was', async () => {
    const { rotation, clock, events, t0, sid } = await logIn();
    const { refreshToken } = await rotation.refresh(t0);
    clock.advance('31s');
    expect(await codeOf(rotation.refresh(t0, { device: { ip: '203.0.113.7', userAgent: 'thief' } }))).toBe(
      'token_reused',
    );
    expect(await codeOf(rotation.refresh(refreshToken!))).toBe('token_reused');
    expect(events.slice(1)).toEqual([
      {
        type: 'token.reused',
        sub: 'ann',
        sid,
        clientId: 'default',
        seq: 0,
        distance: 1,
        age: 31_000,
        ip: '203.0.113.7',
        userAgent: 'thief',
      },
      {
        type: 'session.ended',
        sub: 'ann',
        sid,
        reason: 'token_reused',
        cause: 'reused',
        ip: '203.0.113.7',
        userAgent: 'thief',
      },
    ]);
  });

  it.each([2, 3, 50])('is seen %d steps later, for the whole life of the session', async (distance) => {
    const { rotation, clock, events, t0 } = await logIn();
    let token = t0;
    for (let step = 0; step < distance; step++) token = (await rotation.refresh(token)).refreshToken!;
    clock.advance('13d');
    expect(await codeOf(rotation.refresh(t0))).toBe('token_reused');
    expect(events).toContainEqual(expect.objectContaining({ type: 'token.reused', distance }));
  });

  it('leaves the other sessions of the user alone, unless onReuse says otherwise', async () => {
    for (const [onReuse, code] of [
      ['session', 'none'],
      ['subject', 'token_reused'],
    ] as const) {
      const { sessions, rotation, clock, t0 } = await logIn({ onReuse });
      const laptop = await sessions.open({ sub: 'ann' });
      const bob = await sessions.open({ sub: 'bob' });
      await rotation.refresh(t0);
      clock.advance('31s');
      expect(await codeOf(rotation.refresh(t0))).toBe('token_reused');
      expect(await codeOf(rotation.refresh(laptop.refreshToken!))).toBe(code);
      expect(await codeOf(rotation.refresh(bob.refreshToken!))).toBe('none');
    }
  });

  it('is told of with `onReuse: report`, once for each spent token, and ends nothing', async () => {
    const { rotation, clock, events, t0 } = await logIn({ onReuse: 'report' });
    const { refreshToken: t1 } = await rotation.refresh(t0);
    clock.advance('31s');

    const codes = [await codeOf(rotation.refresh(t0)), await codeOf(rotation.refresh(t0))];
    expect(codes).toEqual(['token_reused', 'token_reused']);
    expect(events.filter(({ type }) => type === 'token.reused')).toHaveLength(1);
    expect(events.map(({ type }) => type)).not.toContain('session.ended');
    expect(await codeOf(rotation.refresh(t1!))).toBe('none');
  });

  it('is every second use in strict mode, at once', async () => {
    const { rotation, t0 } = await logIn({ grace: '0s' });
    await rotation.refresh(t0);
    expect(await codeOf(rotation.refresh(t0))).toBe('token_reused');
  });
});

describe('Idempotency-Key: a phone dies in the middle of a refresh', () => {
  it.each(['30s', '0s'] as const)('fetches the lost answer hours later, with grace %s', async (grace) => {
    const { rotation, clock, events, t0 } = await logIn({ grace });
    const lost = await rotation.refresh(t0, { idempotencyKey: 'phone-1-3f0c9a7e51d24b' });
    clock.advance('9h');
    const fetched = await rotation.refresh(t0, { idempotencyKey: 'phone-1-3f0c9a7e51d24b' });
    expect(fetched.refreshToken).toBe(lost.refreshToken);
    expect(readToken(fetched.accessToken).iat).toBe(Math.floor(clock.now() / 1000));
    expect(events.at(-1)).toMatchObject({ type: 'token.replayed', sameAttempt: true, age: 9 * 3_600_000 });
    expect(await codeOf(rotation.refresh(fetched.refreshToken!))).toBe('none');
  });

  it('is no use to a thief who has the token and not the key', async () => {
    for (const idempotencyKey of [undefined, 'phone-2-3f0c9a7e51d24b', 'PHONE-1-3F0C9A7E51D24B']) {
      const { rotation, clock, t0 } = await logIn();
      await rotation.refresh(t0, { idempotencyKey: 'phone-1-3f0c9a7e51d24b' });
      clock.advance('9h');
      expect(await codeOf(rotation.refresh(t0, { idempotencyKey }))).toBe('token_reused');
    }
  });

  it.each<[string, object, string, string]>([
    ['24 hours', {}, '24h', 'none'],
    ['no longer than 24 hours', {}, '86401s', 'token_reused'],
    ['as long as the options say', { attemptTtl: '30d', idleTtl: '60d' }, '30d', 'none'],
    ['a minute for a server that renders pages', { clients: { default: { bff: true } } }, '60s', 'none'],
    ['no longer there', { clients: { default: { bff: true } } }, '61s', 'token_reused'],
    [
      'less there where the options say less',
      { attemptTtl: '45s', clients: { default: { bff: true } } },
      '46s',
      'token_reused',
    ],
  ])('fetches a lost answer for %s', async (_, options, later, code) => {
    const { rotation, clock, t0 } = await logIn(options);
    const idempotencyKey = 'phone-1-3f0c9a7e51d24b';
    await rotation.refresh(t0, { idempotencyKey });
    clock.advance(later);
    expect(await codeOf(rotation.refresh(t0, { idempotencyKey }))).toBe(code);
  });

  it('is its own twin where a command runs twice, though nothing else is forgiven', async () => {
    const { rotation, repository, t0 } = await logIn({ grace: '0s', attemptTtl: '0s' });
    repository.next('advance', async (run) => {
      await run();
      return run();
    });
    expect(await codeOf(rotation.refresh(t0, { idempotencyKey: 'phone-1-3f0c9a7e51d24b' }))).toBe('none');
  });

  it('fetches nothing once the successor was used', async () => {
    const { rotation, t0 } = await logIn();
    const { refreshToken } = await rotation.refresh(t0, { idempotencyKey: 'phone-1-3f0c9a7e51d24b' });
    await rotation.refresh(refreshToken!, { idempotencyKey: 'phone-1-3f0c9a7e51d24b' });
    expect(await codeOf(rotation.refresh(t0, { idempotencyKey: 'phone-1-3f0c9a7e51d24b' }))).toBe('token_reused');
  });

  it.each([
    '',
    '1',
    'x'.repeat(21),
    'x'.repeat(256),
    'with blank'.repeat(3),
    'line\nbreak'.repeat(3),
    'ключ'.repeat(6),
    '\u007f'.repeat(22),
  ])('is refused as %j before the store is asked: 22 to 255 visible ASCII characters', async (idempotencyKey) => {
    const { rotation, repository, t0 } = await logIn();
    expect(await codeOf(rotation.refresh(t0, { idempotencyKey }))).toBe('invalid_request');
    expect(repository.calls).toEqual([]);
  });

  it.each(['!'.repeat(22), '~'.repeat(255), '"8e03978e-40d5-43dd-bc93-6894a57f9324"'])(
    'is taken as %j',
    async (idempotencyKey) => {
      const { rotation, t0 } = await logIn();
      expect(await codeOf(rotation.refresh(t0, { idempotencyKey }))).toBe('none');
    },
  );
});

describe('events', () => {
  it('carry no token and no secret, whatever happened', async () => {
    const { rotation, clock, events, t0, first } = await logIn();
    const second = await rotation.refresh(t0, { idempotencyKey: 'the-key-of-the-phone-22' });
    await rotation.refresh(t0, { idempotencyKey: 'the-key-of-the-phone-22' });
    clock.advance('1m');
    await codeOf(rotation.refresh(t0));
    expect(types(events)).toEqual(['token.refreshed', 'token.replayed', 'token.reused', 'session.ended']);
    const told = JSON.stringify(events);
    const { sec } = readToken(t0) as { sec: string };
    for (const secret of [
      t0,
      first.accessToken,
      second.accessToken,
      second.refreshToken!,
      sec,
      'the-key-of-the-phone-22',
    ]) {
      expect(told).not.toContain(secret);
    }
  });
});
