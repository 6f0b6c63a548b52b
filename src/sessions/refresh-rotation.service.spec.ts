import { readToken } from '../../test/support/adapters.js';
import { codeOf, startLibrary, type Library } from '../../test/support/auth-library.js';
import { AuthError } from '../auth.errors.js';
import type { AuthEvent } from '../auth.events.js';
import { generateKeys } from '../tokens/generate-keys.js';
import { parseKeyRing } from '../tokens/key-ring.js';
import { hashSecret, RefreshTokens } from '../tokens/refresh-token.js';
import type { TokenGrant } from './token-grant.js';

const login = async (options: Parameters<typeof startLibrary>[0] = {}) => {
  const library = await startLibrary(options);
  const first = await library.sessions.open({ sub: 'ann', generation: options.loadSubject && 0 });
  library.events.length = 0;
  library.repository.calls.length = 0;
  return { ...library, first, sid: first.sessionId, t0: first.refreshToken! };
};

const lost = () => new AuthError('store_unavailable', 'The store did not answer.', { retryAfter: 1 });
const seqOf = ({ refreshToken }: TokenGrant) => readToken(refreshToken!).seq;
const types = (events: readonly AuthEvent[]) => events.map(({ type }) => type);
const recordOf = async ({ store }: Pick<Library, 'store'>, sid: string) => (await store.find('ann', sid)).record;

/** Takes the store back in time, as a failover without the last writes does. */
async function rollBack(
  { store }: Pick<Library, 'store'>,
  sid: string,
  to: { seq: number; idleEnd?: number },
): Promise<void> {
  const { sub, secretHash, generation, seq: expectSeq } = (await store.find('ann', sid)).record!;
  const older = { nextSeq: to.seq, attempt: 'older', idleTtl: null, healedIdleEnd: to.idleEnd ?? null };
  expect((await store.advance({ sub, sid, secretHash, generation, expectSeq, ...older })).advanced).toBe(true);
}

describe('current: the token is the newest', () => {
  it('is spent, and its successor comes with a new access token, in one step of the store', async () => {
    const { rotation, repository, events, clock, t0, sid, first } = await login();
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
    const { rotation, clock, t0 } = await login({ idleTtl: '2d', absoluteTtl: '5d' });
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

  it('keeps one absolute end through every token of the session', async () => {
    const { rotation, clock, t0 } = await login();
    clock.advance('3d');
    const { refreshToken } = await rotation.refresh(t0);
    expect(readToken(refreshToken!).exp).toBe(readToken(t0).exp);
    expect(readToken(refreshToken!).sec).toBe(readToken(t0).sec);
  });

  it('leaves a record of the same size after a hundred rotations', async () => {
    const library = await login();
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
});

describe('replay: two tabs, or an answer that was lost', () => {
  it('gets the same successor within grace, byte for byte, and writes nothing', async () => {
    const library = await login();
    const { rotation, clock, events, t0, sid } = library;
    const second = await rotation.refresh(t0);
    const written = await recordOf(library, sid);
    clock.advance('30s');
    const again = await rotation.refresh(t0, { device: { ip: '::1', userAgent: 'tab' } });
    expect(again.refreshToken).toBe(second.refreshToken);
    expect(readToken(again.accessToken).jti).not.toBe(readToken(second.accessToken).jti);
    expect(await recordOf(library, sid)).toEqual(written);
    expect(events.at(-1)).toEqual({
      ...{ type: 'token.replayed', sub: 'ann', sid, clientId: 'default', seq: 0, ip: '::1', userAgent: 'tab' },
      ...{ age: 30_000, sameAttempt: false },
    });
  });

  it('cannot stretch grace: it counts from the first use', async () => {
    const { rotation, clock, t0 } = await login();
    await rotation.refresh(t0);
    for (let second = 0; second < 30; second += 10) {
      clock.advance('10s');
      expect(await codeOf(rotation.refresh(t0))).toBe('none');
    }
    clock.advance('1s');
    expect(await codeOf(rotation.refresh(t0))).toBe('token_reused');
  });

  it('gives fifty tabs one successor', async () => {
    const { rotation, t0, events } = await login();
    const grants = await Promise.all(Array.from({ length: 50 }, () => rotation.refresh(t0)));
    expect(new Set(grants.map(({ refreshToken }) => refreshToken)).size).toBe(1);
    expect(types(events).filter((type) => type === 'token.refreshed')).toHaveLength(1);
    expect(await codeOf(rotation.refresh(grants[0]!.refreshToken!))).toBe('none');
  });

  it('ends with the use of the successor: then the token is two steps old', async () => {
    const { rotation, t0 } = await login();
    const { refreshToken } = await rotation.refresh(t0);
    await rotation.refresh(refreshToken!);
    expect(await codeOf(rotation.refresh(t0))).toBe('token_reused');
  });
});

describe('reuse: the token was stolen, or its thief was first', () => {
  it('ends the session for both, and tells how old the token was', async () => {
    const { rotation, clock, events, t0, sid } = await login();
    const { refreshToken } = await rotation.refresh(t0);
    clock.advance('31s');
    expect(await codeOf(rotation.refresh(t0, { device: { ip: '203.0.113.7', userAgent: 'thief' } }))).toBe(
      'token_reused',
    );
    expect(await codeOf(rotation.refresh(refreshToken!))).toBe('token_reused');
    expect(events.slice(1)).toEqual([
      {
        ...{ type: 'token.reused', sub: 'ann', sid, clientId: 'default', seq: 0, distance: 1, age: 31_000 },
        ...{ ip: '203.0.113.7', userAgent: 'thief' },
      },
      { type: 'session.ended', sub: 'ann', sid, reason: 'token_reused' },
    ]);
  });

  it.each([2, 3, 50])('is seen %d steps later, for the whole life of the session', async (distance) => {
    const { rotation, clock, events, t0 } = await login();
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
      const { sessions, rotation, clock, t0 } = await login({ onReuse });
      const laptop = await sessions.open({ sub: 'ann' });
      const bob = await sessions.open({ sub: 'bob' });
      await rotation.refresh(t0);
      clock.advance('31s');
      expect(await codeOf(rotation.refresh(t0))).toBe('token_reused');
      expect(await codeOf(rotation.refresh(laptop.refreshToken!))).toBe(code);
      expect(await codeOf(rotation.refresh(bob.refreshToken!))).toBe('none');
    }
  });

  it('is every second use in strict mode, at once', async () => {
    const { rotation, t0 } = await login({ grace: '0s' });
    await rotation.refresh(t0);
    expect(await codeOf(rotation.refresh(t0))).toBe('token_reused');
  });
});

describe('Idempotency-Key: a phone dies in the middle of a refresh', () => {
  it.each(['30s', '0s'])('fetches the lost answer hours later, with grace %s', async (grace) => {
    const { rotation, clock, events, t0 } = await login({ grace });
    const lost = await rotation.refresh(t0, { idempotencyKey: 'phone-1' });
    clock.advance('9h');
    const fetched = await rotation.refresh(t0, { idempotencyKey: 'phone-1' });
    expect(fetched.refreshToken).toBe(lost.refreshToken);
    expect(readToken(fetched.accessToken).iat).toBe(Math.floor(clock.now() / 1000));
    expect(events.at(-1)).toMatchObject({ type: 'token.replayed', sameAttempt: true, age: 9 * 3_600_000 });
    expect(await codeOf(rotation.refresh(fetched.refreshToken!))).toBe('none');
  });

  it('is no use to a thief who has the token and not the key', async () => {
    for (const idempotencyKey of [undefined, 'phone-2', 'PHONE-1']) {
      const { rotation, clock, t0 } = await login();
      await rotation.refresh(t0, { idempotencyKey: 'phone-1' });
      clock.advance('9h');
      expect(await codeOf(rotation.refresh(t0, { idempotencyKey }))).toBe('token_reused');
    }
  });

  it('fetches nothing once the successor was used', async () => {
    const { rotation, t0 } = await login();
    const { refreshToken } = await rotation.refresh(t0, { idempotencyKey: 'phone-1' });
    await rotation.refresh(refreshToken!, { idempotencyKey: 'phone-1' });
    expect(await codeOf(rotation.refresh(t0, { idempotencyKey: 'phone-1' }))).toBe('token_reused');
  });

  it.each(['', 'x'.repeat(256), 'with blank', 'line\nbreak', 'ключ', '\u007f'])(
    'is refused as %j before the store is asked: 1 to 255 visible ASCII characters',
    async (idempotencyKey) => {
      const { rotation, repository, t0 } = await login();
      expect(await codeOf(rotation.refresh(t0, { idempotencyKey }))).toBe('invalid_request');
      expect(repository.calls).toEqual([]);
    },
  );

  it.each(['!', '~'.repeat(255), '"8e03978e-40d5-43dd-bc93-6894a57f9324"'])(
    'is taken as %j',
    async (idempotencyKey) => {
      const { rotation, t0 } = await login();
      expect(await codeOf(rotation.refresh(t0, { idempotencyKey }))).toBe('none');
    },
  );
});

describe('gone: there is no such session any more', () => {
  it.each(['session_revoked', 'session_replaced', 'token_reused', 'session_ended'] as const)(
    'tells its owner why: %s',
    async (reason) => {
      const { rotation, sessions, repository, t0, sid } = await login();
      await sessions.end('ann', [sid], reason);
      repository.calls.length = 0;
      expect(await codeOf(rotation.refresh(t0))).toBe(reason);
      expect(repository.calls).toEqual(['advance']);
    },
  );

  it('says session_ended when the reason is no longer kept, or never was', async () => {
    const forgetful = await login({ endedRetention: '1h' });
    await forgetful.sessions.revoke('ann', forgetful.sid);
    forgetful.clock.advance('1h');
    expect(await codeOf(forgetful.rotation.refresh(forgetful.t0))).toBe('session_ended');

    const silent = await login({ endedRetention: '0s' });
    await silent.sessions.revoke('ann', silent.sid);
    expect(await codeOf(silent.rotation.refresh(silent.t0))).toBe('session_ended');
  });

  it('is said of every token after the store was emptied, without an alarm', async () => {
    const { rotation, store, events, t0, sid } = await login();
    await store.end('ann', [sid], 'session_ended', 0);
    expect(await codeOf(rotation.refresh(t0))).toBe('session_ended');
    expect(events).toEqual([]);
  });
});

describe('foreign: well signed, but not of this session', () => {
  it('is refused and changes nothing', async () => {
    const keys = generateKeys();
    const { rotation, repository, clock, store, sid, t0 } = await login({ keys });
    const forged = new RefreshTokens(parseKeyRing(keys, 'ES256'), 'https://auth.example');
    const record = (await store.find('ann', sid)).record!;
    for (const seq of [0, 1, 7]) {
      expect(await codeOf(rotation.refresh(forged.sign({ ...record, seq }, 'guessed', clock.now())))).toBe(
        'token_invalid',
      );
    }
    expect(record.secretHash).not.toBe(hashSecret('guessed'));
    expect(new Set(repository.calls)).toEqual(new Set(['advance']));
    expect((await store.find('ann', sid)).record).toEqual(record);
    expect(await codeOf(rotation.refresh(t0))).toBe('none');
  });

  it('is refused unsigned or as an access token, before the store is asked', async () => {
    const { rotation, repository, first, t0 } = await login();
    for (const token of ['', 'garbage', `${t0}x`, first.accessToken]) {
      expect(await codeOf(rotation.refresh(token))).toBe('token_invalid');
    }
    expect(repository.calls).toEqual([]);
  });
});

describe('the subject', () => {
  it('is revoked when the host knows it no more', async () => {
    let subject: { claims: object; generation: number } | null = { claims: {}, generation: 0 };
    const { rotation, events, t0, sid, ...library } = await login({ loadSubject: () => subject as never });
    subject = null;
    expect(await codeOf(rotation.refresh(t0))).toBe('session_revoked');
    expect(await recordOf(library, sid)).toBeNull();
    expect(events).toEqual([{ type: 'session.ended', sub: 'ann', sid, reason: 'session_revoked' }]);
  });

  it('is revoked when the host has raised its generation, as by a password change', async () => {
    let generation = 0;
    const { rotation, sessions, events, t0, sid } = await login({
      loadSubject: async () => ({ claims: {}, generation }),
    });
    generation = 1;
    expect(await codeOf(rotation.refresh(t0))).toBe('session_revoked');
    expect(types(events)).toEqual(['session.ended']);
    const { refreshToken, sessionId } = await sessions.open({ sub: 'ann', generation });
    expect(sessionId).not.toBe(sid);
    expect(await codeOf(rotation.refresh(refreshToken!))).toBe('none');
  });

  it('is revoked when the store has noted a higher generation, for hosts without one of their own', async () => {
    const { rotation, store, t0, sid, ...library } = await login();
    await store.raiseGeneration('ann', 1, 86_400_000);
    expect(await codeOf(rotation.refresh(t0))).toBe('session_revoked');
    expect(await recordOf({ ...library, store }, sid)).toBeNull();
  });

  it('that the host knows no more, and whose session is gone, is told the reason that was there first', async () => {
    let known = true;
    const loadSubject = () => (known ? { claims: {}, generation: 0 } : null);
    const { rotation, sessions, t0, sid } = await login({ loadSubject });
    known = false;
    await sessions.end('ann', [sid], 'session_replaced');
    expect(await codeOf(rotation.refresh(t0))).toBe('session_replaced');
  });

  it.each([
    ['throws', () => Promise.reject(new Error('connection refused'))],
    [
      'throws at once',
      () => {
        throw new Error('connection refused');
      },
    ],
    ['gives no generation', () => ({ claims: {} })],
    ['gives half a generation', () => ({ claims: {}, generation: 0.5 })],
    ['gives claims that are ours', () => ({ claims: { sub: 'eve' }, generation: 0 })],
    ['gives claims too large for a token', () => ({ claims: { x: 'y'.repeat(2000) }, generation: 0 })],
    ['gives claims that cannot be signed', () => ({ claims: { toString: 1 }, generation: 0 })],
    ['gives no claims', () => ({ generation: 0 })],
  ])('when loadSubject %s: 503, nothing written, and the token still good', async (_story, fault) => {
    let load: () => unknown = () => ({ claims: {}, generation: 0 });
    const { rotation, repository, t0 } = await login({ loadSubject: () => load() as never });
    load = fault;
    const error = await rotation.refresh(t0).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'store_unavailable', retryAfter: 1 });
    expect(repository.calls).toEqual([]);
    load = () => ({ claims: { roles: ['buyer'] }, generation: 0 });
    expect(readToken((await rotation.refresh(t0)).accessToken).roles).toEqual(['buyer']);
  });

  it('is asked before the store, because nothing may fail after the advance', async () => {
    const order: string[] = [];
    const { rotation, repository, t0 } = await login({
      loadSubject: async () => {
        order.push('loadSubject');
        return { claims: {}, generation: 0 };
      },
    });
    order.length = 0;
    repository.next('advance', (run) => {
      order.push('advance');
      return run();
    });
    await rotation.refresh(t0);
    expect(order).toEqual(['loadSubject', 'advance']);
  });
});

describe('over: an end is reached', () => {
  it.each([
    ['the idle end', { idleTtl: '1h' }, '1h'],
    ['the absolute end', { idleTtl: '1h', absoluteTtl: '1h' }, '1h'],
  ])('at %s the session is removed', async (_story, options, after) => {
    const { rotation, clock, events, t0, sid, ...library } = await login(options);
    clock.advance(after);
    expect(await codeOf(rotation.refresh(t0))).toBe('session_ended');
    expect(await recordOf(library, sid)).toBeNull();
    expect(types(events)).toEqual(['session.ended']);
  });

  it('is no alarm: a spent token after the end is not taken for theft', async () => {
    const { rotation, clock, events, t0 } = await login({ idleTtl: '1h' });
    await rotation.refresh(t0);
    clock.advance('61m');
    expect(await codeOf(rotation.refresh(t0))).toBe('session_ended');
    expect(types(events)).not.toContain('token.reused');
  });
});

describe('ahead: the store went back in time', () => {
  it('adopts the token, so that a failover logs nobody out, and says so', async () => {
    const { rotation, events, t0, sid, ...library } = await login();
    let token = t0;
    for (let step = 0; step < 3; step++) token = (await rotation.refresh(token)).refreshToken!;
    await rollBack(library, sid, { seq: 1 });
    events.length = 0;
    expect(seqOf(await rotation.refresh(token))).toBe(4);
    expect(events).toEqual([
      { type: 'store.rollback_detected', sub: 'ann', sid, clientId: 'default', tokenSeq: 3, recordSeq: 1 },
      { type: 'token.refreshed', sub: 'ann', sid, clientId: 'default', seq: 4 },
    ]);
  });

  it('heals the idle end that was lost with the writes', async () => {
    const { rotation, clock, t0, sid, ...library } = await login({ idleTtl: '1d' });
    const { idleEnd } = (await recordOf(library, sid))!;
    clock.advance('20h');
    const { refreshToken } = await rotation.refresh(t0);
    await rollBack(library, sid, { seq: 0, idleEnd });
    clock.advance('10h');
    expect(clock.now()).toBeGreaterThan(idleEnd);
    expect(await codeOf(rotation.refresh(refreshToken!))).toBe('none');
  });

  it('ends when the token itself is older than the idle time', async () => {
    const { rotation, clock, t0, sid, ...library } = await login({ idleTtl: '1h' });
    const { refreshToken } = await rotation.refresh(t0);
    await rollBack(library, sid, { seq: 0 });
    clock.advance('61m');
    expect(await codeOf(rotation.refresh(refreshToken!))).toBe('session_ended');
  });
});

describe('faults of the store', () => {
  it.each([
    ['within grace', '30s', '1s'],
    ['after grace', '30s', '4m'],
    ['in strict mode', '0s', '1s'],
  ])(
    'an advance whose answer was lost is 503, and the retry %s gets the successor without an alarm',
    async (_story, grace, wait) => {
      const { rotation, repository, clock, events, t0 } = await login({ grace });
      repository.next('advance', async (run) => {
        await run();
        throw lost();
      });
      expect(await codeOf(rotation.refresh(t0))).toBe('store_unavailable');
      clock.advance(wait);
      const retried = await rotation.refresh(t0);
      expect(seqOf(retried)).toBe(1);
      expect(types(events)).toEqual(['token.replayed']);
      expect(await codeOf(rotation.refresh(retried.refreshToken!))).toBe('none');
    },
  );

  it('an advance that was lost on the way is 503, and the retry advances', async () => {
    const { rotation, repository, t0 } = await login();
    repository.next('advance', () => Promise.reject(lost()));
    expect(await codeOf(rotation.refresh(t0))).toBe('store_unavailable');
    expect(seqOf(await rotation.refresh(t0))).toBe(1);
  });

  it('a lost answer protects its own client only: in strict mode another use is still a reuse', async () => {
    const { rotation, repository, t0 } = await login({ grace: '0s' });
    repository.next('advance', async (run) => {
      await run();
      throw lost();
    });
    expect(await codeOf(rotation.refresh(t0, { idempotencyKey: 'phone' }))).toBe('store_unavailable');
    expect(await codeOf(rotation.refresh(t0, { idempotencyKey: 'thief' }))).toBe('token_reused');
  });

  it('a command that ran twice, as clients resend when a connection is cut, is one refresh and no replay', async () => {
    const { rotation, repository, events, t0 } = await login({ grace: '0s' });
    repository.next('advance', async (run) => {
      await run();
      return run();
    });
    expect(seqOf(await rotation.refresh(t0))).toBe(1);
    expect(types(events)).toEqual(['token.refreshed']);
  });

  it('a store that never settles is 503 with Retry-After after a few tries, never 401', async () => {
    const { rotation, repository, store, t0, sid } = await login();
    const record = (await store.find('ann', sid)).record!;
    const stuck = async () => ({ record, ended: null, generation: 0, now: record.rotatedAt, advanced: false });
    repository.next('advance', ...Array.from({ length: 20 }, () => stuck));
    const error = await rotation.refresh(t0).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'store_unavailable', retryAfter: 1 });
    expect(repository.calls.length).toBeLessThan(10);
    expect((await store.find('ann', sid)).record).toEqual(record);
  });

  it('a second step that never answers is 503 within the time of the request', async () => {
    const { rotation, repository, clock, store, t0, sid } = await login();
    const { refreshToken } = await rotation.refresh(t0);
    await rollBack({ store }, sid, { seq: 0 });
    const record = (await store.find('ann', sid)).record;
    // The first step finds the token ahead, and uses up the request's time.
    repository.next(
      'advance',
      async (run) => {
        const result = await run();
        clock.advance('499ms');
        return result;
      },
      () => new Promise(() => {}),
    );
    expect(await codeOf(rotation.refresh(refreshToken!))).toBe('store_unavailable');
    expect((await store.find('ann', sid)).record).toEqual(record);
  });

  it('who is out of time ends no session: a reuse that was found too late is 503', async () => {
    const { rotation, repository, clock, store, events, t0, sid } = await login();
    await rotation.refresh(t0);
    clock.advance('1m');
    repository.next('advance', async (run) => {
      const result = await run();
      clock.advance('500ms');
      return result;
    });
    repository.calls.length = 0;
    expect(await codeOf(rotation.refresh(t0))).toBe('store_unavailable');
    expect(repository.calls).toEqual(['advance']);
    expect((await store.find('ann', sid)).record).not.toBeNull();
    expect(types(events)).not.toContain('session.ended');
    expect(await codeOf(rotation.refresh(t0))).toBe('token_reused');
  });

  it('a removal that fails is 503, and the next use of the token removes', async () => {
    const { rotation, repository, clock, store, t0, sid } = await login();
    await rotation.refresh(t0);
    clock.advance('1m');
    repository.next('end', () => Promise.reject(lost()));
    expect(await codeOf(rotation.refresh(t0))).toBe('store_unavailable');
    expect(await codeOf(rotation.refresh(t0))).toBe('token_reused');
    expect((await store.find('ann', sid)).record).toBeNull();
  });

  it('a subject that must not advance is only looked at, so that a password change never loses to a refresh', async () => {
    let generation = 0;
    const { rotation, repository, t0 } = await login({ loadSubject: () => ({ claims: {}, generation }) });
    generation = 1;
    await codeOf(rotation.refresh(t0));
    expect(repository.calls).toEqual(['find', 'end']);
  });
});

describe('events', () => {
  it('carry no token and no secret, whatever happened', async () => {
    const { rotation, clock, events, t0, first } = await login();
    const second = await rotation.refresh(t0, { idempotencyKey: 'the-key-of-the-phone' });
    await rotation.refresh(t0, { idempotencyKey: 'the-key-of-the-phone' });
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
      'the-key-of-the-phone',
    ]) {
      expect(told).not.toContain(secret);
    }
  });
});
