import { Controller, Get, Header, Post, Res } from '@nestjs/common';
import {
  AuthError,
  AuthModule,
  InMemoryTokenRepository,
  Revocations,
  RevocationFeed,
  SessionService,
  SlidingSession,
  type AuthModuleOptions,
} from '../../src/index.js';
import { TestClock } from '../../src/testing/index.js';
import { ADAPTERS, readToken, startApp, type AppSetup, type RunningApp } from '../support/adapters.js';
import { ISSUER, keys, storeOf } from '../support/auth-library.js';
import { FaultyRepository } from '../support/faulty-repository.js';

interface PlainResponse {
  send(text: string): unknown;
}

@Controller('cart')
class CartController {
  /** Of the last call of `later`, which answers by itself when it likes. */
  static unanswered: PlainResponse;

  @SlidingSession({ extendSession: true })
  @Post('items')
  add() {
    return 'added';
  }

  @SlidingSession({ extendSession: false })
  @Post('looks')
  look() {
    return 'looked';
  }

  @SlidingSession()
  @Post('notes')
  note() {
    return 'noted';
  }

  @SlidingSession({ extendSession: true })
  @Post('later')
  later(@Res() response: PlainResponse) {
    CartController.unanswered = response;
  }

  @SlidingSession({ extendSession: true })
  @Get('public')
  @Header('Cache-Control', 'public, max-age=60')
  cacheable() {
    return 'for caches';
  }

  @SlidingSession({ extendSession: true })
  @Post('failure')
  failure() {
    throw new AuthError('forbidden', 'No.');
  }
}

@SlidingSession({ extendSession: true })
@Controller('drafts')
class DraftsController {
  @SlidingSession({ extendSession: true })
  @Post()
  create() {
    return 'created';
  }
}

describe.each(ADAPTERS)('a renewal that extends its session, on %s', (adapter) => {
  const running: RunningApp[] = [];
  afterEach(() => Promise.all(running.splice(0).map((app) => app.close())));

  /** Ann has worked for twenty minutes with a token of thirty; her session ends an hour after its last use. */
  async function working(options: Partial<AuthModuleOptions> = {}, setup: AppSetup = {}) {
    const clock = new TestClock(Date.parse('2026-03-01T12:00:00.400Z'));
    const store = new InMemoryTokenRepository(() => clock.now());
    const repository = new FaultyRepository(store);
    const auth = AuthModule.forRoot({
      issuer: ISSUER,
      keys,
      store: storeOf(repository),
      guard: 'global',
      routes: { path: 'auth' },
      idleTtl: '1h',
      sliding: { slideLimit: '1h' },
      ...options,
    });
    const host = await startApp(
      adapter,
      { imports: [auth], controllers: [CartController, DraftsController] },
      { clock, ...setup },
    );
    running.push(host);
    const {
      accessToken: token,
      sessionId: sid,
      refreshToken,
    } = await host.app.get(SessionService).open({ sub: 'ann' });
    const recordOf = async () => (await store.find('ann', sid)).record;
    const before = (await recordOf())!;
    clock.advance('20m');
    repository.calls.length = 0;
    const renews = async (call: string, held = token) =>
      (await host.ask(call, { token: held })).headers['renewed-access-token'] !== undefined;
    return { ...host, clock, store, repository, token, sid, refreshToken, before, recordOf, renews };
  }

  it('moves the idle end, and nothing else of the record', async () => {
    const { renews, before, recordOf, clock } = await working();
    expect(await renews('POST /cart/items')).toBe(true);
    expect(await recordOf()).toEqual({ ...before, idleEnd: Math.floor(clock.now() / 1000) * 1000 + 3_600_000 });
  });

  it('asks the store once for a class and a method that are both marked', async () => {
    const { renews, repository } = await working();
    expect(await renews('POST /drafts')).toBe(true);
    expect(repository.calls).toEqual(['extend']);
  });

  it('writes once for each renewal that is due, and never where none is', async () => {
    const { ask, clock, repository, token } = await working({ idleTtl: '14d', sliding: { slideLimit: '3h' } });
    let held = token;
    let renewals = 0;
    for (let minute = 0; minute < 120; minute++) {
      const answer = await ask('POST /cart/items', { token: held });
      const renewed = answer.headers['renewed-access-token'] as string | undefined;
      if (renewed !== undefined) renewals++;
      held = renewed ?? held;
      clock.advance('1m');
    }
    expect(renewals).toBeGreaterThan(4);
    expect(repository.calls).toEqual(Array(renewals).fill('extend'));
  });

  it.each(['GET /cart/public', 'POST /cart/failure'])(
    'does not touch the store for %s, which renews nothing',
    async (call) => {
      const { renews, repository, before, recordOf } = await working();
      expect(await renews(call)).toBe(false);
      expect(repository.calls).toEqual([]);
      expect(await recordOf()).toEqual(before);
    },
  );

  it.each([
    [true, 'POST /cart/looks', false],
    [true, 'POST /cart/notes', true],
    [false, 'POST /cart/notes', false],
    [false, 'POST /cart/items', true],
  ])('by the option (%s), unless the route %s says otherwise: %s', async (extendSession, call, extends_) => {
    const { renews, repository } = await working({ sliding: { extendSession, slideLimit: '1h' } });
    expect(await renews(call)).toBe(true);
    expect(repository.calls).toEqual(extends_ ? ['extend'] : []);
  });

  it('also when the client asks for it', async () => {
    const { ask, token, before, recordOf } = await working({ sliding: { extendSession: true } });
    expect((await ask('POST /auth/renew', { token })).status).toBe(200);
    expect((await recordOf())!.idleEnd).toBe(before.idleEnd + 20 * 60_000);
  });

  it('never goes past the absolute end', async () => {
    const { renews, recordOf } = await working({ absoluteTtl: '70m', idleTtl: '1h' });
    expect(await renews('POST /cart/items')).toBe(true);
    const { idleEnd, absoluteEnd } = (await recordOf())!;
    expect(idleEnd).toBe(absoluteEnd);
  });

  it('keeps the refresh token in the client good beyond the idle end it was given', async () => {
    const { renews, ask, clock, refreshToken } = await working();
    expect(await renews('POST /cart/items')).toBe(true);
    clock.advance('50m');
    const answer = await ask('POST /auth/refresh', { body: { refresh_token: refreshToken } });
    expect(answer.status).toBe(200);
  });

  it('brings no session back that is gone from the store, and renews nothing for it', async () => {
    const { renews, ask, store, sid, token, recordOf } = await working();
    // By another instance, whose announcement has not been heard here.
    await store.end('ann', [sid], 'session_revoked', 60_000);
    expect(await renews('POST /cart/items')).toBe(false);
    expect(await recordOf()).toBeNull();
    expect((await ask('POST /cart/items', { token })).status).toBe(201);
  });

  it('tells a client that asks for it why there is no renewal', async () => {
    const { ask, store, sid, token } = await working({ sliding: { extendSession: true } });
    await store.end('ann', [sid], 'session_replaced', 60_000);
    const answer = await ask('POST /auth/renew', { token });
    expect([answer.status, answer.json().code]).toEqual([401, 'session_replaced']);
  });

  it('renews nothing where the end of the session was heard of while the store answered', async () => {
    const { renews, repository, app, sid } = await working();
    repository.next('extend', async (run) => {
      const extended = await run();
      await app.get(SessionService).revoke('ann', sid);
      return extended;
    });
    expect(await renews('POST /cart/items')).toBe(false);
  });

  it('leaves an answer alone that was sent while the store answered, at which Node would throw', async () => {
    const failures: unknown[] = [];
    const collect = { catch: (error: unknown) => failures.push(error) };
    const { ask, repository, token } = await working({}, { configure: (app) => app.useGlobalFilters(collect) });
    repository.next('extend', (run) => {
      CartController.unanswered.send('sent meanwhile');
      return run();
    });
    const { text, headers } = await ask('POST /cart/later', { token });
    expect([text, headers['renewed-access-token']]).toEqual(['sent meanwhile', undefined]);
    expect(failures).toEqual([]);
  });

  it('renews the token all the same when the store does not answer: the next renewal moves the end', async () => {
    const { renews, repository, before, recordOf } = await working();
    repository.next('extend', () => Promise.reject(new AuthError('store_unavailable', 'away')));
    expect(await renews('POST /cart/items')).toBe(true);
    expect(await recordOf()).toEqual(before);
  });

  it('keeps who and when: session, login and claims stay', async () => {
    const { ask, token } = await working();
    const renewed = (await ask('POST /cart/items', { token })).headers['renewed-access-token'] as string;
    const { sid, auth_time, sub } = readToken(token);
    expect(readToken(renewed)).toMatchObject({ sid, auth_time, sub });
  });
});

describe.each(ADAPTERS)('what is not known for sure is not renewed, on %s', (adapter) => {
  const running: RunningApp[] = [];
  afterEach(() => Promise.all(running.splice(0).map((app) => app.close())));

  it.each(['accept', 'check'] as const)(
    'where revocations cannot be heard, though the route goes on (%s)',
    async (whenStale) => {
      const clock = new TestClock();
      const auth = AuthModule.forRoot({
        issuer: ISSUER,
        keys,
        store: clock.store(),
        guard: 'global',
        routes: { path: 'auth' },
        revocation: { whenStale },
      });
      const host = await startApp(adapter, { imports: [auth], controllers: [CartController] }, { clock });
      running.push(host);
      const { accessToken: token } = await host.app.get(SessionService).open({ sub: 'ann' });
      clock.advance('20m');
      jest.spyOn(host.app.get(RevocationFeed, { strict: false }), 'staleness').mockReturnValue(60_000);
      expect(host.app.get(Revocations).isStale()).toBe(true);
      for (const call of ['POST /cart/items', 'POST /cart/looks']) {
        const answer = await host.ask(call, { token });
        expect([answer.status, answer.headers['renewed-access-token']]).toEqual([201, undefined]);
      }
      const asked = await host.ask('POST /auth/renew', { token });
      expect([asked.status, asked.json().code, asked.headers['retry-after']]).toEqual([
        503,
        'temporarily_unavailable',
        '1',
      ]);
    },
  );
});
