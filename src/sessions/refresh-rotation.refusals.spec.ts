import { readToken } from '../../test/support/adapters.js';
import { codeOf } from '../../test/support/auth-library.js';
import { logIn, recordOf, types } from '../../test/support/logged-in.js';
import { generateKeys } from '../tokens/generate-keys.js';
import { parseKeyRing } from '../tokens/key-ring.js';
import { hashSecret, RefreshTokens } from '../tokens/refresh-token.js';

describe('gone: there is no such session any more', () => {
  it.each(['session_revoked', 'session_replaced', 'token_reused', 'session_ended'] as const)(
    'tells its owner why: %s',
    async (reason) => {
      const { rotation, endings, repository, t0, sid } = await logIn();
      await endings.end('ann', [sid], reason);
      repository.calls.length = 0;
      expect(await codeOf(rotation.refresh(t0))).toBe(reason);
      expect(repository.calls).toEqual(['advance']);
    },
  );

  it('says session_ended when the reason is no longer kept, or never was', async () => {
    const forgetful = await logIn({ endedRetention: '1h' });
    await forgetful.sessions.revoke('ann', forgetful.sid);
    forgetful.clock.advance('1h');
    expect(await codeOf(forgetful.rotation.refresh(forgetful.t0))).toBe('session_ended');

    const silent = await logIn({ endedRetention: '0s' });
    await silent.sessions.revoke('ann', silent.sid);
    expect(await codeOf(silent.rotation.refresh(silent.t0))).toBe('session_ended');
  });

  it('is said of every token after the store was emptied, without an alarm', async () => {
    const { rotation, store, events, t0, sid } = await logIn();
    await store.end('ann', [sid], 'session_ended', 0);
    expect(await codeOf(rotation.refresh(t0))).toBe('session_ended');
    expect(events).toEqual([]);
  });
});

describe('foreign: well signed, but not of this session', () => {
  it('is refused and changes nothing', async () => {
    const keys = generateKeys();
    const { rotation, repository, clock, store, sid, t0 } = await logIn({ keys });
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
    const { rotation, repository, first, t0 } = await logIn();
    for (const token of ['', 'garbage', `${t0}x`, first.accessToken]) {
      expect(await codeOf(rotation.refresh(token))).toBe('token_invalid');
    }
    expect(repository.calls).toEqual([]);
  });
});

describe('the subject', () => {
  it('is revoked when the host knows it no more', async () => {
    let subject: { claims: object; generation: number } | null = { claims: {}, generation: 0 };
    const { rotation, events, t0, sid, ...library } = await logIn({ loadSubject: () => subject as never });
    subject = null;
    expect(await codeOf(rotation.refresh(t0))).toBe('session_revoked');
    expect(await recordOf(library, sid)).toBeNull();
    expect(events).toEqual([
      { type: 'session.ended', sub: 'ann', sid, reason: 'session_revoked', cause: 'subject_gone' },
    ]);
  });

  it('is revoked when the host has raised its generation, as by a password change', async () => {
    let generation = 0;
    const { rotation, sessions, events, t0, sid } = await logIn({
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
    const { rotation, store, t0, sid, ...library } = await logIn();
    await store.raiseGeneration('ann', 1, 86_400_000);
    expect(await codeOf(rotation.refresh(t0))).toBe('session_revoked');
    expect(await recordOf({ ...library, store }, sid)).toBeNull();
  });

  it('that the host knows no more, and whose session is gone, is told the reason that was there first', async () => {
    let known = true;
    const loadSubject = () => (known ? { claims: {}, generation: 0 } : null);
    const { rotation, endings, t0, sid } = await logIn({ loadSubject });
    known = false;
    await endings.end('ann', [sid], 'session_replaced');
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
    ['gives claims that cannot be signed', () => ({ claims: { toString: 1 }, generation: 0 })],
    ['gives no claims', () => ({ generation: 0 })],
  ])('when loadSubject %s: 503, nothing written, and the token still good', async (_story, fault) => {
    let load: () => unknown = () => ({ claims: {}, generation: 0 });
    const { rotation, repository, t0 } = await logIn({ loadSubject: () => load() as never });
    load = fault;
    const error = await rotation.refresh(t0).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'store_unavailable', retryAfter: 1 });
    expect(repository.calls).toEqual([]);
    load = () => ({ claims: { roles: ['buyer'] }, generation: 0 });
    expect(readToken((await rotation.refresh(t0)).accessToken).roles).toEqual(['buyer']);
  });

  it('whose claims a token cannot carry is an error of the host that trying again does not mend, and nothing is written', async () => {
    let size = 0;
    const loadSubject = () => ({ claims: { x: 'y'.repeat(size) }, generation: 0 });
    const { rotation, repository, t0 } = await logIn({ loadSubject });
    size = 2000;
    const error = await rotation.refresh(t0).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'claims_too_large', retryAfter: undefined });
    expect(error).toMatchObject({ fault: expect.stringMatching(/^loadSubject gave claims of 20\d\d bytes .* 1024/) });
    expect(repository.calls).toEqual([]);
    size = 0;
    expect(await codeOf(rotation.refresh(t0))).toBe('none');
  });

  it('is asked before the store, because nothing may fail after the advance', async () => {
    const order: string[] = [];
    const { rotation, repository, t0 } = await logIn({
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
  ] as const)('at %s the session is removed', async (_story, options, after) => {
    const { rotation, clock, events, t0, sid, ...library } = await logIn(options);
    clock.advance(after);
    expect(await codeOf(rotation.refresh(t0))).toBe('session_ended');
    expect(await recordOf(library, sid)).toBeNull();
    expect(types(events)).toEqual(['session.ended']);
  });

  it('is no alarm: a spent token after the end is not taken for theft', async () => {
    const { rotation, clock, events, t0 } = await logIn({ idleTtl: '1h' });
    await rotation.refresh(t0);
    clock.advance('61m');
    expect(await codeOf(rotation.refresh(t0))).toBe('session_ended');
    expect(types(events)).not.toContain('token.reused');
  });
});

it('who holds a spent token does not use up the pace of the owner, whose session goes on', async () => {
  const { rotation, clock, t0 } = await logIn({ onReuse: 'report', grace: '0s' });
  const { refreshToken } = await rotation.refresh(t0);
  clock.advance('60s');
  const refusals = new Set<string>();
  for (let calls = 0; calls < 302; calls++) refusals.add(await codeOf(rotation.refresh(t0)));
  expect([...refusals]).toEqual(['token_reused', 'too_many_attempts']);
  expect(await codeOf(rotation.refresh(refreshToken!))).toBe('none');
});
