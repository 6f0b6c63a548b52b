import { Logger } from '@nestjs/common';
import {
  RequireLiveSession,
  SlidingSession,
  WhenStale,
  type AuthModuleOptions,
  type SessionMode,
} from '../../src/index.js';
import { ADAPTERS, readToken, type AdapterName, type RunningApp } from '../support/adapters.js';
import { HostController, startHost } from '../support/own-users-host.js';

interface Tokens {
  readonly access_token: string;
  readonly refresh_token: string;
  readonly refresh_token_expires_in: number;
  readonly session_id: string;
}

const running: RunningApp[] = [];
afterEach(() => Promise.all(running.splice(0).map((app) => app.close())));

/** A host with users of its own, in which time passes when it is told to. In `access*` it has no store. */
async function live(strategy: SessionMode, options: Partial<AuthModuleOptions> = {}, adapter: AdapterName = 'fastify') {
  const extras = strategy.startsWith('access') ? { strategy, store: undefined } : { strategy };
  const host = await startHost(adapter, () => options, extras);
  running.push(host);
  const asked = async (call: string, request?: Parameters<typeof host.ask>[1]): Promise<string> => {
    const { status, text } = await host.ask(call, request);
    const { code } = text.startsWith('{') ? (JSON.parse(text) as { code?: string }) : {};
    return code === undefined ? String(status) : `${status} ${code}`;
  };
  return {
    ...host,
    asked,
    logIn: async () => (await host.login()) as Tokens,
    /** What a token's bearer is told. */
    visit: (token: string) => asked('GET /profile', { token }),
  };
}

const UNKNOWN = '404';

describe.each(ADAPTERS)('the strategies on %s', (adapter) => {
  describe('access: one token, good for as long as it says', () => {
    it('is logged in for two weeks, logs in again, and never has more than that one token', async () => {
      const { ask, logIn, visit, clock } = await live('access', { accessTtl: '14d' }, adapter);
      const answer = await ask('POST /login', { body: { name: 'ann', password: 'correct horse' } });
      expect(Object.keys(answer.json())).toEqual([
        'access_token',
        'token_type',
        'expires_in',
        'session_expires_in',
        'session_id',
      ]);
      const first = answer.json<Tokens>().access_token;
      expect(readToken(first)).not.toHaveProperty('renew_until');
      clock.advance('13d');
      expect(await visit(first)).toBe('200');
      clock.advance('1d');
      expect(await visit(first)).toBe('401 token_expired');
      expect(await visit((await logIn()).access_token)).toBe('200');
    });

    it('has neither refresh, renewal nor a list of sessions', async () => {
      const { asked, logIn } = await live('access', {}, adapter);
      const { access_token: token, session_id: id } = await logIn();
      expect(await asked('POST /auth/refresh', { body: { refresh_token: 'x' } })).toBe(UNKNOWN);
      expect(await asked('POST /auth/renew', { token })).toBe(UNKNOWN);
      expect(await asked('GET /auth/sessions', { token })).toBe(UNKNOWN);
      expect(await asked('DELETE /auth/sessions', { token })).toBe(UNKNOWN);
      expect(await asked(`DELETE /auth/sessions/${id}`, { token })).toBe(UNKNOWN);
    });

    it('logs out here, and everywhere, though no session is kept', async () => {
      const { asked, logIn, visit, users, clock } = await live('access', {}, adapter);
      const [phone, laptop, tablet] = [await logIn(), await logIn(), await logIn()];
      expect(await asked('POST /auth/logout', { token: phone.access_token })).toBe('204');
      expect(await visit(phone.access_token)).toBe('401 session_revoked');
      expect(await visit(laptop.access_token)).toBe('200');
      clock.advance('1s');
      expect(await asked('POST /auth/logout-all', { token: laptop.access_token })).toBe('204');
      expect([await visit(laptop.access_token), await visit(tablet.access_token)]).toEqual([
        '401 session_revoked',
        '401 session_revoked',
      ]);
      // A login that read its user before must lose; one that read the raised generation lives.
      expect(await asked('POST /login', { body: { name: 'ann', password: 'correct horse' } })).toBe(
        '401 invalid_credentials',
      );
      users.all[0]!.generation = clock.now();
      expect(await visit((await logIn()).access_token)).toBe('200');
    });

    it('renews nothing on a sliding route', async () => {
      const { ask, logIn, clock } = await live('access', {}, adapter);
      const { access_token: token } = await logIn();
      clock.advance('29m');
      const { status, headers } = await ask('POST /cart', { token });
      expect([status, headers['renewed-access-token']]).toEqual([200, undefined]);
    });
  });

  describe('access-sliding: one token, reissued while its user is at work', () => {
    it('goes from login to the absolute end by sliding alone, and not a second further', async () => {
      const { ask, asked, logIn, visit, clock } = await live('access-sliding', { accessTtl: '2d' }, adapter);
      let { access_token: token } = await logIn();
      const { renew_until: end } = readToken(token);
      expect(end).toBe(Math.floor(clock.now() / 1000) + 90 * 86_400);
      for (let day = 1; day < 90; day++) {
        clock.advance('1d');
        const renewed = (await ask('POST /cart', { token })).headers['renewed-access-token'] as string | undefined;
        if (renewed) token = renewed;
        expect(readToken(token).exp).toBeLessThanOrEqual(end as number);
        expect(readToken(token).renew_until).toBe(end);
      }
      expect(readToken(token).exp).toBe(end);
      expect(await asked('POST /auth/renew', { token })).toBe('409 renewal_exhausted');
      clock.advance('1d');
      expect(await visit(token)).toBe('401 token_expired');
    });

    it('is over for whoever was away for longer than the token lives', async () => {
      const { asked, logIn, clock } = await live('access-sliding', {}, adapter);
      const { access_token: token } = await logIn();
      clock.advance('31m');
      expect(await asked('POST /cart', { token })).toBe('401 token_expired');
      expect(await asked('POST /auth/renew', { token })).toBe('401 token_expired');
    });

    it('renews on request, with no refresh token in the answer, and never what was logged out', async () => {
      const { ask, asked, logIn, clock } = await live('access-sliding', {}, adapter);
      const { access_token: first } = await logIn();
      clock.advance('15m');
      const answer = await ask('POST /auth/renew', { token: first });
      expect(answer.json()).toEqual({
        access_token: expect.any(String),
        token_type: 'Bearer',
        expires_in: 1800,
        renew_after: 900,
        session_id: expect.any(String),
        session_expires_in: 90 * 86_400 - 900,
      });
      const second = answer.json<Tokens>().access_token;
      await asked('POST /auth/logout', { token: second });
      expect(await asked('POST /auth/renew', { token: first })).toBe('401 session_revoked');
      expect(await asked('POST /auth/refresh', { body: { refresh_token: second } })).toBe(UNKNOWN);
    });
  });

  describe('refresh: refresh tokens that turn and keep their first end', () => {
    it('lives through a month of daily refreshes, and no refresh makes it longer', async () => {
      const { ask, refresh, logIn, clock } = await live('refresh', {}, adapter);
      let tokens = await logIn();
      expect(tokens).not.toHaveProperty('renew_after');
      for (let day = 1; day < 30; day++) {
        clock.advance('1d');
        tokens = (await refresh(tokens.refresh_token)).json<Tokens>();
        expect(tokens.refresh_token_expires_in).toBe((30 - day) * 86_400);
      }
      expect(readToken(tokens.access_token)).not.toHaveProperty('renew_until');
      clock.advance('1d');
      expect((await refresh(tokens.refresh_token)).json()).toMatchObject({ statusCode: 401, code: 'session_ended' });
      expect((await ask('POST /auth/renew', { token: tokens.access_token })).status).toBe(404);
    });

    it('takes whoever comes back after four weeks', async () => {
      const { refresh, logIn, clock } = await live('refresh', {}, adapter);
      const { refresh_token: token } = await logIn();
      clock.advance('29d');
      expect((await refresh(token)).status).toBe(200);
    });

    it('gives no access token that outlives the session', async () => {
      const { refresh, logIn, clock } = await live('refresh', { absoluteTtl: '1h' }, adapter);
      const { refresh_token: token } = await logIn();
      clock.advance('50m');
      const { exp } = readToken((await refresh(token)).json<Tokens>().access_token);
      expect(exp).toBe(readToken(token).exp);
    });
  });

  describe('refresh-sliding: refresh tokens whose session goes on while it is used', () => {
    it('lives through a quarter of weekly refreshes, until the absolute end', async () => {
      const { refresh, logIn, clock } = await live('refresh-sliding', {}, adapter);
      let tokens = await logIn();
      for (let week = 1; week <= 12; week++) {
        clock.advance('7d');
        tokens = (await refresh(tokens.refresh_token)).json<Tokens>();
        expect(tokens.refresh_token_expires_in).toBe(Math.min(14, 90 - 7 * week) * 86_400);
      }
      clock.advance('7d');
      expect((await refresh(tokens.refresh_token)).json()).toMatchObject({ code: 'session_ended' });
    });

    it('is over for whoever was away for a fortnight', async () => {
      const { refresh, logIn, clock } = await live('refresh-sliding', {}, adapter);
      const { refresh_token: token } = await logIn();
      clock.advance('14d');
      expect((await refresh(token)).json()).toMatchObject({ code: 'session_ended' });
    });

    it('slides for two hours after a refresh, and asks for one then', async () => {
      const { ask, asked, logIn, clock } = await live('refresh-sliding', {}, adapter);
      let { access_token: token } = await logIn();
      const start = Math.floor(clock.now() / 1000);
      expect(readToken(token).renew_until).toBe(start + 7200);
      while ((await asked('POST /auth/renew', { token })) !== '409 renewal_exhausted') {
        clock.advance('20m');
        token = (await ask('POST /auth/renew', { token })).json<Tokens>().access_token ?? token;
      }
      expect(readToken(token).exp).toBe(start + 7200);
    });

    it('slides no further than the idle time of the client', async () => {
      const { ask } = await live('refresh-sliding', { clients: { kiosk: { idleTtl: '1h' } } }, adapter);
      const body = { name: 'ann', password: 'correct horse', client_id: 'kiosk' };
      const { iat, renew_until: until } = readToken((await ask('POST /login', { body })).json<Tokens>().access_token);
      expect(until).toBe((iat as number) + 3600);
    });
  });
});

describe('a strategy without sessions', () => {
  it("calls back what was made until now where the generation is the host's and nobody raises it", async () => {
    const { asked, logIn, clock } = await live('access', { loadSubject: () => ({ claims: {}, generation: 0 }) });
    const { access_token: token } = await logIn();
    clock.advance('1s');
    expect(await asked('POST /auth/logout-all', { token })).toBe('204');
    expect(await asked('GET /profile', { token })).toBe('401 token_expired');
    // A login waits until the change has passed by the clock, which stands still here.
    clock.advance('1s');
    expect(await asked('GET /profile', { token: (await logIn()).access_token })).toBe('200');
  });

  it('needs no key for refresh tokens', async () => {
    const { keys } = await import('../support/auth-library.js');
    const accessOnly = { keys: keys.keys.filter(({ purpose }) => purpose === 'access') };
    const { visit, logIn } = await live('access', { keys: accessOnly });
    expect(await visit((await logIn()).access_token)).toBe('200');
    await expect(live('refresh', { keys: accessOnly })).rejects.toThrow(/no key with "purpose": "refresh"/);
  });
});

describe('decorators that a strategy cannot honour', () => {
  const marked = { strategy: 'access', store: undefined } as const;
  const profile = Object.getOwnPropertyDescriptor(HostController.prototype, 'profile')!;
  const decorate = (decorator: MethodDecorator) => decorator(HostController.prototype, 'profile', profile);
  afterEach(() => {
    for (const key of ['keyturn:live-session', 'keyturn:when-stale', 'keyturn:sliding', '__interceptors__'])
      Reflect.deleteMetadata(key, profile.value);
  });

  it.each<[string, MethodDecorator]>([
    ['@RequireLiveSession()', RequireLiveSession()],
    ["@WhenStale('check')", WhenStale('check')],
  ])('%s stops a start where there is no store to ask, and names its route', async (name, decorator) => {
    decorate(decorator);
    await expect(startHost('fastify', undefined, marked)).rejects.toThrow(
      `${name} has no store to ask in strategy 'access': HostController.profile`,
    );
    running.push(await startHost('fastify', undefined, { strategy: 'refresh' }));
  });

  it('@WhenStale with another word is fine', async () => {
    decorate(WhenStale('reject'));
    running.push(await startHost('fastify', undefined, marked));
  });

  it.each([
    ['access', ["@SlidingSession() has no effect in strategy 'access': HostController.fill"]],
    ['refresh', ["@SlidingSession() has no effect in strategy 'refresh': HostController.fill"]],
    ['access-sliding', []],
    ['refresh-sliding', []],
  ] as const)('@SlidingSession() is told of in strategy %s as %j', async (strategy, told) => {
    const warn = jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
    await live(strategy);
    const said = warn.mock.calls.map(([message]) => String(message)).filter((line) => line.includes('SlidingSession'));
    warn.mockRestore();
    expect(said).toEqual(told);
  });

  it.each([
    ['access-sliding', 1],
    ['refresh-sliding', 0],
  ] as const)('in %s a session that is to be extended is told of %i times', async (strategy, times) => {
    decorate(SlidingSession({ extendSession: true }));
    const warn = jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
    await live(strategy);
    const said = warn.mock.calls.map(([message]) => String(message));
    warn.mockRestore();
    const sentence = `@SlidingSession({ extendSession: true }) has no effect in strategy '${strategy}': HostController.profile`;
    expect(said.filter((line) => line === sentence)).toHaveLength(times);
  });
});
