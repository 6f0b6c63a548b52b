import { codeOf } from '../../test/support/auth-library.js';
import { logIn, recordOf, rollBack, seqOf, types } from '../../test/support/logged-in.js';
import { AuthError } from '../auth.errors.js';

const lost = () => new AuthError('store_unavailable', 'The store did not answer.', { retryAfter: 1 });

describe('ahead: the store went back in time', () => {
  it('adopts the token, so that a failover logs nobody out, and says so', async () => {
    const { rotation, events, t0, sid, ...library } = await logIn();
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
    const { rotation, clock, t0, sid, ...library } = await logIn({ idleTtl: '1d' });
    const { idleEnd } = (await recordOf(library, sid))!;
    clock.advance('20h');
    const { refreshToken } = await rotation.refresh(t0);
    await rollBack(library, sid, { seq: 0, idleEnd });
    clock.advance('10h');
    expect(clock.now()).toBeGreaterThan(idleEnd);
    expect(await codeOf(rotation.refresh(refreshToken!))).toBe('none');
  });

  it('ends when the token itself is older than the idle time', async () => {
    const { rotation, clock, t0, sid, ...library } = await logIn({ idleTtl: '1h' });
    const { refreshToken } = await rotation.refresh(t0);
    await rollBack(library, sid, { seq: 0 });
    clock.advance('61m');
    expect(await codeOf(rotation.refresh(refreshToken!))).toBe('session_ended');
  });
});

describe('a session that ends while its refresh is under way', () => {
  const loadSubject = async () => ({ claims: {}, generation: 0 });

  it.each([
    ['a host without users', {}],
    ['a host that says what a user is', { loadSubject }],
  ])(
    'is refused after the step of a store that fell back to before the end, and removed: %s',
    async (_host, options) => {
      const { rotation, repository, revocations, feed, t0, sid, ...library } = await logIn(options);
      await revocations.onModuleInit();
      repository.next('advance', async (run) => {
        const advanced = await run();
        // Published meanwhile; the store, which does not know of it, has advanced.
        await feed.publish([{ kind: 'session', sub: 'ann', sid, reason: 'session_revoked' }]);
        return advanced;
      });
      expect(await codeOf(rotation.refresh(t0))).toBe('session_revoked');
      expect((await library.store.find('ann', sid)).record).toBeNull();
    },
  );
});

describe('faults of the store', () => {
  it.each([
    ['within grace', '30s', '1s'],
    ['after grace', '30s', '4m'],
    ['in strict mode', '0s', '1s'],
  ] as const)(
    'an advance whose answer was lost is 503, and the retry %s gets the successor without an alarm',
    async (_story, grace, wait) => {
      const { rotation, repository, clock, events, t0 } = await logIn({ grace });
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

  it('two tabs that both lost their answers get one successor, whichever of them had advanced', async () => {
    for (const advancing of [0, 1]) {
      const { rotation, repository, clock, events, t0 } = await logIn({ grace: '0s' });
      const faults = [0, 1].map((tab) => async (run: () => Promise<unknown>) => {
        if (tab === advancing) await run();
        throw lost();
      });
      repository.next('advance', ...faults);
      for (let tab = 0; tab < 2; tab++) expect(await codeOf(rotation.refresh(t0))).toBe('store_unavailable');
      clock.advance('4m');
      expect(seqOf(await rotation.refresh(t0))).toBe(1);
      expect(types(events)).not.toContain('token.reused');
    }
  });

  it('an advance that was lost on the way is 503, and the retry advances', async () => {
    const { rotation, repository, t0 } = await logIn();
    repository.next('advance', () => Promise.reject(lost()));
    expect(await codeOf(rotation.refresh(t0))).toBe('store_unavailable');
    expect(seqOf(await rotation.refresh(t0))).toBe(1);
  });

  it('a lost answer protects its own client only: in strict mode another use is still a reuse', async () => {
    const { rotation, repository, t0 } = await logIn({ grace: '0s' });
    repository.next('advance', async (run) => {
      await run();
      throw lost();
    });
    expect(await codeOf(rotation.refresh(t0, { idempotencyKey: 'the-key-of-the-phone-22' }))).toBe('store_unavailable');
    expect(await codeOf(rotation.refresh(t0, { idempotencyKey: 'the-key-of-the-thief-22' }))).toBe('token_reused');
  });

  it('a command that ran twice, as clients resend when a connection is cut, is one refresh and no replay', async () => {
    const { rotation, repository, events, t0 } = await logIn({ grace: '0s' });
    repository.next('advance', async (run) => {
      await run();
      return run();
    });
    expect(seqOf(await rotation.refresh(t0))).toBe(1);
    expect(types(events)).toEqual(['token.refreshed']);
  });

  it('a store that never settles is 503 with Retry-After after a few tries, never 401', async () => {
    const { rotation, repository, store, t0, sid } = await logIn();
    const record = (await store.find('ann', sid)).record!;
    const stuck = async () => ({
      record,
      ended: null,
      generation: 0,
      claimsChangedAt: 0,
      now: record.rotatedAt,
      advanced: false,
    });
    repository.next('advance', ...Array.from({ length: 20 }, () => stuck));
    const error = await rotation.refresh(t0).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'store_unavailable', retryAfter: 1 });
    expect(repository.calls.length).toBeLessThan(10);
    expect((await store.find('ann', sid)).record).toEqual(record);
  });

  it('a second step that never answers is 503 within the time of the request', async () => {
    const { rotation, repository, clock, store, t0, sid } = await logIn();
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
    const { rotation, repository, clock, store, events, t0, sid } = await logIn();
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
    expect(types(events).filter((type) => type === 'token.reused')).toHaveLength(1);
  });

  it('a removal that fails is 503, and the next use of the token removes; the reuse is told of once', async () => {
    const { rotation, repository, clock, store, events, t0, sid } = await logIn();
    await rotation.refresh(t0);
    clock.advance('1m');
    repository.next('end', () => Promise.reject(lost()));
    expect(await codeOf(rotation.refresh(t0))).toBe('store_unavailable');
    expect(await codeOf(rotation.refresh(t0))).toBe('token_reused');
    expect((await store.find('ann', sid)).record).toBeNull();
    expect(types(events)).toEqual(['token.refreshed', 'token.reused', 'session.ended']);
  });

  it('a subject that must not advance is only looked at, so that a password change never loses to a refresh', async () => {
    let generation = 0;
    const { rotation, repository, t0 } = await logIn({ loadSubject: () => ({ claims: {}, generation }) });
    generation = 1;
    await codeOf(rotation.refresh(t0));
    expect(repository.calls).toEqual(['find', 'end']);
  });
});
