import { createLocalJWKSet, jwtVerify, type JSONWebKeySet } from 'jose';
import { AuthError, type TokenAnswer } from '../../src/index.js';
import { ADAPTERS, readToken, type AdapterName, type RunningApp } from '../support/adapters.js';
import { ISSUER } from '../support/auth-library.js';
import { credentials, startHost, type Users } from '../support/own-users-host.js';

describe.each(ADAPTERS)('a host with users of its own on %s', (adapter: AdapterName) => {
  const running: RunningApp[] = [];
  afterEach(() => Promise.all(running.splice(0).map((app) => app.close())));

  async function start(makeOptions?: Parameters<typeof startHost>[1]) {
    const host = await startHost(adapter, makeOptions);
    running.push(host);
    return host;
  }

  describe('that keeps its claims in the session', () => {
    it('logs in with a handler of five lines, and the answer is that of the contract', async () => {
      const { ask } = await start();
      const answer = await ask('POST /login', { body: credentials });
      expect([answer.status, answer.headers['cache-control']]).toEqual([201, 'no-store']);
      expect(answer.json()).toEqual({
        access_token: expect.any(String),
        token_type: 'Bearer',
        expires_in: 1800,
        renew_after: 900,
        refresh_token: expect.any(String),
        refresh_token_expires_in: 1_209_600,
        session_id: expect.any(String),
        session_expires_in: 90 * 86_400,
      });
      expect((await ask('POST /login', { body: { ...credentials, password: 'wrong' } })).status).toBe(401);
    });

    it('is told its claims on every guarded route, also after a refresh', async () => {
      const { ask, login, refresh, clock } = await start();
      const first = await login();
      expect((await ask('GET /profile', { token: first.access_token })).json()).toEqual({
        sub: 'u-1',
        roles: ['buyer'],
      });
      clock.advance('3d');
      const second = (await refresh(first.refresh_token)).json<TokenAnswer>();
      expect((await ask('GET /profile', { token: second.access_token })).json()).toEqual({
        sub: 'u-1',
        roles: ['buyer'],
      });
      expect((await ask('GET /profile', { token: first.access_token })).json()).toMatchObject({
        code: 'token_expired',
      });
    });

    it('gets the same successor for a lost answer, and an end of the session for a stolen token', async () => {
      const { login, refresh, clock } = await start();
      const { refresh_token: token } = await login();
      const headers = { 'idempotency-key': 'phone-1-3f0c9a7e51d24b' };
      const lost = (await refresh(token, headers)).json<TokenAnswer>();
      clock.advance('2h');
      expect((await refresh(token, headers)).json<TokenAnswer>().refresh_token).toBe(lost.refresh_token);
      const stolen = await refresh(token);
      expect([stolen.status, stolen.json().code]).toEqual([401, 'token_reused']);
      expect((await refresh(lost.refresh_token)).json().code).toBe('token_reused');
    });

    it.each([
      ['none', undefined, 401, 'token_missing'],
      ['garbage', 'garbage', 401, 'token_invalid'],
      ['an empty one', '', 401, 'token_invalid'],
      ['a number', 7, 400, 'invalid_request'],
      ['null', null, 400, 'invalid_request'],
      ['a list', ['a'], 400, 'invalid_request'],
      ['an object', { $ne: null }, 400, 'invalid_request'],
    ])('answers a refresh with %s as the contract says', async (_story, token, status, code) => {
      const { refresh } = await start();
      const answer = await refresh(token);
      expect([answer.status, answer.json().code]).toEqual([status, code]);
      expect(answer.headers['www-authenticate'] !== undefined).toBe(status === 401);
    });

    it('refuses unknown fields, since a misspelt one would have no effect', async () => {
      const { ask } = await start();
      const answer = await ask('POST /auth/refresh', { body: { refresh_token: 'x', refreshtoken: 'y' } });
      expect([answer.status, answer.json().code]).toEqual([400, 'invalid_request']);
      expect(answer.json().details).toEqual([expect.stringContaining('refreshtoken')]);
    });

    it('sees its sessions, device by device, and no token among them', async () => {
      const { ask, login, clock } = await start();
      const here = await login();
      clock.advance('1m');
      const there = await login();
      const answer = await ask('GET /auth/sessions', { token: here.access_token });
      const { sessions } = answer.json<{ sessions: Record<string, unknown>[] }>();
      expect(sessions.map(({ id, current }) => [id, current])).toEqual([
        [here.session_id, true],
        [there.session_id, false],
      ]);
      expect(sessions[0]).toMatchObject({
        client_id: 'default',
        device_name: 'laptop',
        ip: expect.stringContaining('127.0.0.1'),
      });
      for (const token of [here, there].flatMap((grant) => [grant.access_token, grant.refresh_token!])) {
        expect(answer.text).not.toContain(token);
      }
    });

    it('sees which of its sessions have ended and why, and no token among them', async () => {
      const { ask, login, clock } = await start();
      const [here, there, gone] = [await login(), await login(), await login()];
      clock.advance('1m');
      await ask('POST /auth/logout', { token: gone.access_token });
      clock.advance('1m');
      await ask(`DELETE /auth/sessions/${there.session_id}`, { token: here.access_token });
      const answer = await ask('GET /auth/sessions/ended', { token: here.access_token });
      const { sessions } = answer.json<{ sessions: Record<string, unknown>[] }>();
      const now = Math.floor(clock.now() / 1000);
      expect(sessions).toEqual([
        {
          id: there.session_id,
          client_id: 'default',
          device_name: 'laptop',
          user_agent: null,
          ip: expect.stringContaining('127.0.0.1'),
          created_at: now - 120,
          last_seen_at: now - 120,
          ended_at: now,
          reason: 'session_revoked',
          cause: 'other_device',
          ended_from: expect.stringContaining('127.0.0.1'),
        },
        expect.objectContaining({ id: gone.session_id, ended_at: now - 60, cause: 'logout' }),
      ]);
      for (const token of [here, there, gone].flatMap((grant) => [grant.access_token, grant.refresh_token!])) {
        expect(answer.text).not.toContain(token);
      }
      expect((await ask('GET /auth/sessions/ended', {})).status).toBe(401);
    });

    it('logs out by either token, spent or expired as it may be, and never with an error', async () => {
      const { ask, login, refresh, clock } = await start();
      const [byBearer, byBody] = [await login(), await login()];
      clock.advance('1h');
      expect((await ask('POST /auth/logout', { token: byBearer.access_token })).status).toBe(204);
      const next = (await refresh(byBody.refresh_token)).json<TokenAnswer>();
      expect((await ask('POST /auth/logout', { body: { refresh_token: byBody.refresh_token } })).status).toBe(204);
      for (const token of [byBearer.refresh_token, next.refresh_token]) {
        expect((await refresh(token)).json().code).toBe('session_revoked');
      }
      for (const request of [{}, { token: 'garbage' }, { body: { refresh_token: 'garbage' } }]) {
        expect((await ask('POST /auth/logout', request)).status).toBe(204);
      }
    });

    it('renews by asking, when it is due', async () => {
      const { ask, login, clock } = await start();
      const { access_token: token } = await login();
      const early = await ask('POST /auth/renew', { token });
      expect([early.status, early.json().code, early.headers['retry-after']]).toEqual([409, 'renewal_not_due', '900']);
      clock.advance('15m');
      const renewed = await ask('POST /auth/renew', { token });
      expect([renewed.status, renewed.headers['cache-control']]).toEqual([200, 'no-store']);
      expect(renewed.json()).toMatchObject({ expires_in: 1800, renew_after: 900 });
      expect(renewed.json()).not.toHaveProperty('refresh_token');
      expect((await ask('POST /auth/renew')).status).toBe(401);
    });

    it('is told at the end of sliding that a refresh is needed', async () => {
      const { ask, login, clock } = await start(() => ({ sliding: { slideLimit: '30m' } }));
      const { access_token: token } = await login();
      clock.advance('20m');
      expect((await ask('POST /auth/renew', { token })).json()).toMatchObject({
        statusCode: 409,
        code: 'renewal_exhausted',
      });
    });

    it('publishes keys by which a verifier that is not ours takes its tokens', async () => {
      const { ask, login, clock } = await start();
      const { access_token: token } = await login();
      const jwks = await ask('GET /.well-known/jwks.json');
      expect(jwks.headers['cache-control']).toBe('public, max-age=300');
      const { payload } = await jwtVerify(
        token!,
        createLocalJWKSet(jwks.json<JSONWebKeySet & Record<string, unknown>>()),
        {
          issuer: ISSUER,
          audience: 'shop',
          typ: 'at+jwt',
          currentDate: new Date(clock.now()),
        },
      );
      expect(payload.roles).toEqual(['buyer']);
    });
  });

  describe('that is asked by loadSubject on each refresh', () => {
    const loading = (users: Users) => ({ loadSubject: (sub: string) => users.load(sub) });

    it('puts fresh claims into the next access token', async () => {
      const { ask, login, refresh, users } = await start(loading);
      const first = await login();
      users.all[0]!.roles = ['buyer', 'admin'];
      const second = (await refresh(first.refresh_token)).json<TokenAnswer>();
      expect((await ask('GET /profile', { token: second.access_token })).json()).toEqual({
        sub: 'u-1',
        roles: ['buyer', 'admin'],
      });
      expect(readToken(second.access_token!).claims_at).toEqual(expect.any(Number));
    });

    it('ends the session of a user who is gone', async () => {
      const { login, refresh, users } = await start(loading);
      const { refresh_token: token } = await login();
      const [ann] = users.all.splice(0);
      expect((await refresh(token)).json()).toMatchObject({ statusCode: 401, code: 'session_revoked' });
      users.all.push(ann!);
      expect((await refresh(token)).json()).toMatchObject({ statusCode: 401, code: 'session_revoked' });
    });

    it('ends the sessions that are older than a password change, and takes a new login', async () => {
      const { login, refresh, users } = await start(loading);
      const { refresh_token: token } = await login();
      users.all[0]!.generation = 1;
      expect((await refresh(token)).json()).toMatchObject({ statusCode: 401, code: 'session_revoked' });
      expect((await refresh((await login()).refresh_token)).status).toBe(200);
    });

    it('answers 503 while the users cannot be read, writes nothing, and goes on when they can', async () => {
      const { login, refresh, users, repository } = await start(loading);
      const { refresh_token: token } = await login();
      repository.calls.length = 0;
      users.fault = new Error('connect ECONNREFUSED 10.0.0.5:5432');
      const answer = await refresh(token);
      expect([answer.status, answer.json().code, answer.headers['retry-after']]).toEqual([
        503,
        'store_unavailable',
        '1',
      ]);
      expect(answer.text).not.toContain('10.0.0.5');
      expect(repository.calls).toEqual([]);
      users.fault = undefined;
      expect((await refresh(token)).status).toBe(200);
    });
  });

  it('answers 503 with Retry-After where the store does not answer, and the token stays good', async () => {
    const { login, refresh, repository } = await start();
    const { refresh_token: token } = await login();
    repository.next('advance', () => Promise.reject(new AuthError('store_unavailable', 'Away.', { retryAfter: 1 })));
    const answer = await refresh(token);
    expect([answer.status, answer.headers['retry-after'], answer.headers['www-authenticate']]).toEqual([
      503,
      '1',
      undefined,
    ]);
    expect((await refresh(token)).status).toBe(200);
  });
});
