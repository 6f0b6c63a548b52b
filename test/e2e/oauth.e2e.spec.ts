import { createHash, createPrivateKey, generateKeyPairSync, randomBytes } from 'node:crypto';
import { Controller, Get, type INestApplication } from '@nestjs/common';
import { SignJWT } from 'jose';
import {
  AuthModule,
  CurrentClient,
  CurrentUser,
  InMemoryTokenRepositoryModule,
  MachineTokens,
  RequireRole,
  RequireScope,
  SessionService,
  TokenRepository,
  type AuthClient,
  type AuthModuleOptions,
} from '../../src/index.js';
import { TestClock } from '../../src/testing/index.js';
import { ADAPTERS, readToken, startApp, type AdapterName, type RunningApp } from '../support/adapters.js';
import { keys } from '../support/auth-library.js';

const ISSUER = 'https://auth.example/tenant';
const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const secret = randomBytes(32).toString('base64url');
const other = randomBytes(32).toString('base64url');
const sha256 = (text: string): string => createHash('sha256').update(text).digest('base64url');
const robot = generateKeyPairSync('ec', { namedCurve: 'P-256' });

const clients: AuthModuleOptions['clients'] = {
  app: {},
  second: {},
  page: { transport: 'cookie' },
  rs: {
    secretHashes: [sha256(secret), sha256(other)],
    scope: 'orders:read orders:write',
    audience: [ISSUER, 'urn:orders'],
  },
  elsewhere: { secretHashes: [sha256(secret)], audience: ['https://orders.example'] },
  foreign: { secretHashes: [sha256(secret)], audience: ['urn:elsewhere'] },
  robot: { jwks: { keys: [{ ...robot.publicKey.export({ format: 'jwk' }), kid: 'r-1', alg: 'ES256', use: 'sig' }] } },
};

@Controller()
class OrdersController {
  @RequireScope('orders:read')
  @Get('orders')
  orders(@CurrentClient() client: AuthClient) {
    return client;
  }

  @RequireScope('orders:read')
  @RequireRole('admin')
  @Get('reports')
  reports() {
    return {};
  }

  @Get('profile')
  profile(@CurrentUser('sub') sub: string) {
    return { sub };
  }
}

describe.each(ADAPTERS)('the OAuth endpoints on %s', (adapter: AdapterName) => {
  let host: RunningApp;
  let sessions: SessionService;
  let machineTokens: MachineTokens;
  const clock = new TestClock(Date.parse('2026-03-01T12:00:00Z'));
  const loaded = jest.fn((claims: object) => claims);

  beforeAll(async () => {
    host = await startApp(
      adapter,
      {
        imports: [
          AuthModule.forRoot({
            issuer: ISSUER,
            keys,
            clients,
            isGlobal: true,
            guard: 'global',
            routes: { path: 'auth' },
            oauth: { path: 'oauth' },
            store: InMemoryTokenRepositoryModule.forRoot({ clock: () => clock.now() }),
            loadUser: loaded,
            loadClient: (id) => (id === 'loaded' ? { secretHashes: [sha256(secret)], scope: 'orders:read' } : null),
          }),
        ],
        controllers: [OrdersController],
      },
      { clock, configure: (app: INestApplication) => app.enableShutdownHooks([]) },
    );
    sessions = host.app.get(SessionService);
    machineTokens = host.app.get(MachineTokens);
  });
  afterAll(() => host.close());

  const send = (path: string, form: Record<string, string> | string, headers: Record<string, string> = {}) =>
    host.ask(`POST /oauth/${path}`, {
      headers: { ...FORM, ...headers },
      form: typeof form === 'string' ? form : new URLSearchParams(form).toString(),
    });
  const basic = (id: string, password: string) => ({
    authorization: `Basic ${Buffer.from(`${encodeURIComponent(id)}:${encodeURIComponent(password)}`).toString('base64')}`,
  });
  const rs = basic('rs', secret);
  const open = (clientId = 'app', claims: object = { scope: 'cart:read cart:write' }) =>
    sessions.open({ sub: 'ann', clientId, claims: { ...claims } });
  const refresh = (token: string, more: Record<string, string> = {}, headers?: Record<string, string>) =>
    send('token', { grant_type: 'refresh_token', client_id: 'app', refresh_token: token, ...more }, headers);
  const introspect = async (token: string, headers = rs) => (await send('introspect', { token }, headers)).json();
  const machine = async (more: Record<string, string> = {}, headers = rs) =>
    (await send('token', { grant_type: 'client_credentials', ...more }, headers)).json<Record<string, string>>();

  describe('the metadata', () => {
    it('stands where RFC 8414 and OpenID Connect look for it, and names what exists', async () => {
      const answer = await host.ask('GET /.well-known/oauth-authorization-server/tenant');
      expect(answer.headers['cache-control']).toBe('public, max-age=300');
      expect(answer.json()).toEqual((await host.ask('GET /tenant/.well-known/openid-configuration')).json());
      expect(answer.json()).toMatchObject({
        issuer: ISSUER,
        jwks_uri: `${ISSUER}/.well-known/jwks.json`,
        token_endpoint: `${ISSUER}/oauth/token`,
        revocation_endpoint: `${ISSUER}/oauth/revoke`,
        introspection_endpoint: `${ISSUER}/oauth/introspect`,
        grant_types_supported: ['refresh_token', 'client_credentials'],
        response_types_supported: [],
        scopes_supported: ['orders:read', 'orders:write'],
      });
    });
  });

  describe('a refresh', () => {
    it('gives both tokens, and the same successor for the same Idempotency-Key', async () => {
      const { refreshToken } = await open();
      const headers = { 'idempotency-key': randomBytes(24).toString('base64url') };
      const first = await refresh(refreshToken!, {}, headers);
      expect([first.status, first.headers['cache-control']]).toEqual([200, 'no-store']);
      expect(first.json()).toMatchObject({ token_type: 'Bearer', expires_in: 1800, access_token: expect.any(String) });
      expect((await refresh(refreshToken!, {}, headers)).json().refresh_token).toBe(first.json().refresh_token);
    });

    it('may narrow the scope and never widen it; a refusal leaves the token good', async () => {
      const { refreshToken } = await open();
      const wider = await refresh(refreshToken!, { scope: 'cart:read admin' });
      expect([wider.status, wider.json().error]).toEqual([400, 'invalid_scope']);
      const narrowed = await refresh(refreshToken!, { scope: 'cart:read' });
      expect(readToken(narrowed.json<{ access_token: string }>().access_token).scope).toBe('cart:read');
      const again = await refresh(narrowed.json<{ refresh_token: string }>().refresh_token);
      expect(readToken(again.json<{ access_token: string }>().access_token).scope).toBe('cart:read cart:write');
    });

    it('for a resource that the token would not be for is refused, and leaves the token good (RFC 8707 section 2.2)', async () => {
      const { refreshToken } = await open();
      const elsewhere = await refresh(refreshToken!, { resource: 'https://orders.example' });
      expect([elsewhere.status, elsewhere.json().error]).toEqual([400, 'invalid_target']);
      expect((await refresh(refreshToken!, { resource: ISSUER })).status).toBe(200);
    });

    it("of another client's token changes nothing", async () => {
      const { refreshToken } = await open('second');
      const stolen = await refresh(refreshToken!);
      expect([stolen.status, stolen.json().error, stolen.json().code]).toEqual([400, 'invalid_grant', 'token_invalid']);
      expect((await refresh(refreshToken!, { client_id: 'second' })).status).toBe(200);
    });

    it('of a spent token is invalid_grant, with the reason beside it', async () => {
      const { refreshToken } = await open();
      await refresh(refreshToken!);
      clock.advance('1m');
      const reused = await refresh(refreshToken!);
      expect([reused.status, reused.json().error, reused.json().code]).toEqual([400, 'invalid_grant', 'token_reused']);
    });

    it('hands no tokens to a script of a session that has them in cookies, though its client has bodies by now', async () => {
      const repository = host.app.get(TokenRepository);
      const { refreshToken } = await open();
      const find = jest.spyOn(repository, 'advance');
      find.mockImplementationOnce(async (...args) => {
        find.mockRestore();
        const step = await repository.advance(...args);
        return { ...step, record: step.record && { ...step.record, transport: 'cookie' } };
      });
      const answer = await refresh(refreshToken!);
      expect([answer.status, answer.json().error]).toEqual([400, 'unauthorized_client']);
    });

    it('is not for clients whose tokens travel in cookies, and spends none of theirs', async () => {
      const { refreshToken, sessionId } = await open('page');
      const revoked = await send('revoke', { client_id: 'page', token: refreshToken! });
      expect((await refresh(refreshToken!, { client_id: 'page' })).json().error).toBe('unauthorized_client');
      expect(revoked.json().error).toBe('unauthorized_client');
      const { record } = await host.app.get(TokenRepository).find('ann', sessionId);
      expect(record).toMatchObject({ seq: 0 });
    });
  });

  describe('what is refused by name (RFC 6749 section 5.2)', () => {
    it.each([
      ['no grant_type', { client_id: 'app' }, {}, 400, 'invalid_request'],
      ['an unknown grant_type', { grant_type: 'password', client_id: 'app' }, {}, 400, 'unsupported_grant_type'],
      ['no client', { grant_type: 'refresh_token', refresh_token: 'x' }, {}, 401, 'invalid_client'],
      ['an unknown client', { grant_type: 'refresh_token', client_id: 'nobody' }, {}, 401, 'invalid_client'],
      [
        'a confidential client without its secret',
        { grant_type: 'client_credentials', client_id: 'rs' },
        {},
        401,
        'invalid_client',
      ],
      ['a wrong secret', { grant_type: 'client_credentials' }, basic('rs', 'wrong'), 401, 'invalid_client'],
      [
        'a public client that wants a machine token',
        { grant_type: 'client_credentials', client_id: 'app' },
        {},
        400,
        'unauthorized_client',
      ],
      [
        'two ways at once',
        { grant_type: 'client_credentials', client_id: 'rs', client_secret: secret },
        rs,
        400,
        'invalid_request',
      ],
      ['a parameter twice', 'grant_type=refresh_token&client_id=app&client_id=rs', {}, 400, 'invalid_request'],
      ['no refresh token', { grant_type: 'refresh_token', client_id: 'app' }, {}, 400, 'invalid_request'],
      ['garbage', { grant_type: 'refresh_token', client_id: 'app', refresh_token: 'x' }, {}, 400, 'invalid_grant'],
      ['a scope beyond the client', { grant_type: 'client_credentials', scope: 'admin' }, rs, 400, 'invalid_scope'],
      ['a foreign resource', { grant_type: 'client_credentials', resource: 'urn:x' }, rs, 400, 'invalid_target'],
    ] as const)('%s', async (_, form, headers, status, error) => {
      const answer = await send('token', form, headers);
      expect([answer.status, answer.json().error]).toEqual([status, error]);
      expect(answer.headers['cache-control']).toBe('no-store');
      expect(answer.json().error_description).toMatch(/^[\x20-\x21\x23-\x5b\x5d-\x7e]+$/);
      if (status === 401) expect(answer.headers['www-authenticate']).toMatch(/^Basic realm=/);
    });

    it('JSON, since the parameters are a form', async () => {
      const answer = await host.ask('POST /oauth/token', { body: { grant_type: 'refresh_token', client_id: 'app' } });
      expect([answer.status, answer.json().error]).toEqual([400, 'invalid_request']);
    });
  });

  describe('a machine', () => {
    it('gets a token that passes routes with a scope, and no others', async () => {
      const { access_token: token, scope, ...answer } = await machine({ scope: 'orders:read' });
      expect([scope, answer.refresh_token]).toEqual(['orders:read', undefined]);
      expect(readToken(token!)).toMatchObject({ sub: 'rs', client_id: 'rs', sub_type: 'client' });
      expect(readToken(token!).auth_time).toBeUndefined();
      expect((await host.ask('GET /orders', { token })).json()).toEqual({
        id: 'rs',
        scopes: ['orders:read'],
        isMachine: true,
      });
      for (const route of ['/profile', '/reports', '/auth/sessions']) {
        const refused = await host.ask(`GET ${route}`, { token });
        expect([route, refused.status, refused.json().code]).toEqual([route, 403, 'forbidden']);
      }
      for (const route of ['/auth/renew', '/auth/logout-all']) {
        expect((await host.ask(`POST ${route}`, { token })).status).toBe(403);
      }
    });

    it('authenticates by either of two secrets, so that they can be rotated, and by clients that the host loads', async () => {
      expect((await machine({}, basic('rs', other))).access_token).toBeDefined();
      expect((await machine({ client_id: 'rs', client_secret: other }, {} as typeof rs)).access_token).toBeDefined();
      expect((await machine({}, basic('loaded', secret))).scope).toBe('orders:read');
    });

    it('authenticates by an assertion that is good once', async () => {
      const sign = (claims: Record<string, unknown> = {}, life = 60) =>
        new SignJWT({ iss: 'robot', sub: 'robot', aud: ISSUER, jti: randomBytes(8).toString('hex'), ...claims })
          .setProtectedHeader({ alg: 'ES256', kid: 'r-1' })
          .setExpirationTime(Math.floor(clock.now() / 1000) + life)
          .sign(createPrivateKey(robot.privateKey.export({ type: 'pkcs8', format: 'pem' })));
      const ask = (assertion: string) =>
        send('token', {
          grant_type: 'client_credentials',
          client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
          client_assertion: assertion,
        });
      const assertion = await sign();
      expect((await ask(assertion)).status).toBe(200);
      expect((await ask(assertion)).json().error).toBe('invalid_client');
      // Python's `time.time()` has a fraction (RFC 7519 section 2).
      expect((await ask(await sign({ nbf: clock.now() / 1000 - 0.5 }, 59.5))).status).toBe(200);
      for (const wrong of [
        await sign({ aud: 'https://other.example' }),
        await sign({ iss: 'rs' }),
        await sign({}, 3600),
        await sign({}, -1),
        await sign({ jti: undefined }),
        `${assertion.slice(0, -4)}AAAA`,
      ]) {
        expect((await ask(wrong)).json().error).toBe('invalid_client');
      }
    });

    it('gets a token for one audience alone where it asks for it (RFC 8707)', async () => {
      const { access_token: token } = await machine({ resource: 'urn:orders' });
      expect(readToken(token!).aud).toBe('urn:orders');
      expect((await host.ask('GET /orders', { token })).status).toBe(401);
    });

    it('loses all its tokens at once when it is revoked, and a user of the same name loses none', async () => {
      const { access_token: before } = await machine();
      const person = await sessions.open({ sub: 'rs', claims: { scope: 'orders:read' } });
      clock.advance('1s');
      await machineTokens.revokeAll('rs');
      expect((await host.ask('GET /orders', { token: before })).json().code).toBe('session_revoked');
      expect((await host.ask('GET /orders', { token: person.accessToken })).status).toBe(200);
      clock.advance('1s');
      expect((await host.ask('GET /orders', { token: (await machine()).access_token })).status).toBe(200);
      await sessions.revokeAll('rs');
      expect((await host.ask('GET /orders', { token: (await machine()).access_token })).status).toBe(200);
    });

    it('opens no session for people', async () => {
      await expect(open('rs')).rejects.toMatchObject({ code: 'invalid_request' });
    });
  });

  describe('introspection', () => {
    it('tells a client that the token is for what it is, and another nothing', async () => {
      const { accessToken, sessionId } = await open();
      expect(await introspect(accessToken)).toMatchObject({
        active: true,
        sub: 'ann',
        client_id: 'app',
        sid: sessionId,
        scope: 'cart:read cart:write',
        token_type: 'Bearer',
        auth_time: expect.any(Number),
      });
      expect(await introspect(accessToken, basic('foreign', secret))).toEqual({ active: false });
      expect((await send('introspect', { token: accessToken, client_id: 'app' })).status).toBe(401);
    });

    it('says how sure the login was and when, since a resource server may ask for more (RFC 9470 section 6.2)', async () => {
      const { accessToken } = await sessions.open({
        sub: 'ann',
        clientId: 'app',
        acr: 'silver',
        authTime: clock.now() / 1000,
      });
      expect(await introspect(accessToken)).toMatchObject({ acr: 'silver', auth_time: clock.now() / 1000 });
    });

    it('tells a client with an audience of its own, which no guard of the issuer accepts', async () => {
      const client = basic('elsewhere', secret);
      const { access_token: token } = await machine({}, client);
      expect(await introspect(token!, client)).toMatchObject({ active: true, aud: 'https://orders.example' });
      expect(await introspect(token!, rs)).toEqual({ active: false });
    });

    it('says inactive and nothing else of an ended session, an expired token, a spent token and garbage', async () => {
      const ended = await open();
      await sessions.revoke('ann', ended.sessionId);
      const expired = (await open()).accessToken;
      clock.advance('31m');
      for (const token of [ended.accessToken, expired, 'garbage', `${expired.slice(0, -4)}AAAA`]) {
        expect(await introspect(token)).toEqual({ active: false });
      }
    });

    it('never advances, replays or ends a session', async () => {
      const { refreshToken } = await open();
      for (let n = 0; n < 3; n++) expect(await introspect(refreshToken!)).toEqual({ active: false });
      expect((await refresh(refreshToken!)).status).toBe(200);
    });
  });

  describe('a revocation', () => {
    it('ends the session of a refresh token, spent as it may be, and of an access token', async () => {
      const spent = await open();
      await refresh(spent.refreshToken!);
      clock.advance('5m');
      const revoke = (token: string, client_id = 'app') =>
        send('revoke', { token, client_id, token_type_hint: 'access_token' });
      expect((await revoke(spent.refreshToken!)).status).toBe(200);
      expect((await host.ask('GET /profile', { token: spent.accessToken })).json().code).toBe('session_revoked');
      const access = await open();
      await revoke(access.accessToken);
      expect((await refresh(access.refreshToken!)).json().code).toBe('session_revoked');
    });

    it("changes nothing for another client's token and for what is none, and answers alike", async () => {
      const { accessToken } = await open();
      const foreign = await send('revoke', { token: accessToken, client_id: 'second' });
      const none = await send('revoke', { token: 'nonsense', client_id: 'app' });
      expect([foreign.status, foreign.text, none.status, none.text]).toEqual([200, '', 200, '']);
      expect((await host.ask('GET /profile', { token: accessToken })).status).toBe(200);
    });

    it("ends a machine's token, also one for an audience of the client alone", async () => {
      const client = basic('elsewhere', secret);
      const { access_token: foreign } = await machine({}, client);
      await send('revoke', { token: foreign! }, client);
      expect(await introspect(foreign!, client)).toEqual({ active: false });
      const { access_token: token } = await machine();
      await send('revoke', { token: token! }, rs);
      expect((await host.ask('GET /orders', { token })).json().code).toBe('session_revoked');
    });
  });

  describe('forward authentication', () => {
    const check = (query: string, token?: string) => host.ask(`GET /auth/check${query}`, { token });

    it('tells a proxy who calls, in four headers that always stand there', async () => {
      const { accessToken, sessionId } = await sessions.open({ sub: 'änn %', clientId: 'app' });
      const { status, headers } = await check('', accessToken);
      expect([status, headers['cache-control']]).toEqual([204, 'no-store']);
      expect(headers['x-auth-subject']).toBe('%C3%A4nn %25');
      expect([headers['x-auth-session'], headers['x-auth-client'], headers['x-auth-scope']]).toEqual([
        sessionId,
        'app',
        '',
      ]);
    });

    it('asks for scopes and a recent login', async () => {
      const { accessToken } = await open();
      expect((await check('?scope=cart:read', accessToken)).status).toBe(204);
      const narrow = await check('?scope=admin', accessToken);
      expect([narrow.status, narrow.json().code]).toEqual([403, 'insufficient_scope']);
      clock.advance('10m');
      const old = await check('?max_age=300', accessToken);
      expect([old.status, old.headers['www-authenticate']]).toEqual([401, expect.stringContaining('max_age="300"')]);
      expect((await check('?max_age=3600', accessToken)).status).toBe(204);
      for (const query of ['?scope=a&scope=b', '?max_age=0', '?max_age=x', '?scope=%22']) {
        expect((await check(query, accessToken)).status).toBe(400);
      }
    });

    it('asks the host for no user: it answers each request of a proxy from memory', async () => {
      const { accessToken } = await open();
      loaded.mockClear();
      expect((await check('', accessToken)).status).toBe(204);
      expect(loaded).not.toHaveBeenCalled();
      expect((await host.ask('GET /profile', { token: accessToken })).status).toBe(200);
      expect(loaded).toHaveBeenCalled();
    });

    it("answers as the guard does without a token, with a bad one, and for a machine's", async () => {
      expect((await check('')).headers['www-authenticate']).toMatch(/^Bearer realm="[^"]*"$/);
      expect((await check('', 'x.y.z')).json().code).toBe('token_invalid');
      const { access_token: token } = await machine();
      expect((await check('', token)).status).toBe(403);
      expect((await check('?scope=orders:read', token)).status).toBe(204);
    });
  });
});

describe('a client that calls the OAuth routes too often', () => {
  let host: RunningApp;
  let looked: string[];
  beforeEach(async () => {
    looked = [];
    host = await startApp('express', {
      imports: [
        AuthModule.forRoot({
          issuer: ISSUER,
          keys,
          clients,
          oauth: { path: 'oauth' },
          loginLimits: { client: '3/1m' },
          store: InMemoryTokenRepositoryModule.forRoot(),
          loadClient: (id) => {
            looked.push(id);
            return null;
          },
        }),
      ],
    });
  });
  afterEach(() => host.close());
  const machine = async (id: string, password: string) => {
    const { status, headers, json } = await host.ask('POST /oauth/token', {
      headers: { ...FORM, authorization: `Basic ${Buffer.from(`${id}:${password}`).toString('base64')}` },
      form: 'grant_type=client_credentials',
    });
    return { status, wait: headers['retry-after'], body: json<{ error: string; code?: string }>() };
  };

  it('waits, also with the right secret, and no other client waits with it', async () => {
    for (let calls = 0; calls < 3; calls++) expect((await machine('rs', 'wrong')).status).toBe(401);
    const refused = await machine('rs', secret);
    expect(refused).toMatchObject({
      status: 429,
      body: { error: 'temporarily_unavailable', code: 'too_many_attempts' },
    });
    expect(Number(refused.wait)).toBeGreaterThan(0);
    expect((await machine('foreign', secret)).status).toBe(200);
  });

  it('under names that it makes up counts as one, and is refused before the host is asked for its name', async () => {
    for (let calls = 0; calls < 3; calls++) expect((await machine(`nobody-${calls}`, 'x')).status).toBe(401);
    expect((await machine('nobody-3', 'x')).status).toBe(429);
    expect(looked).toEqual(['nobody-0', 'nobody-1', 'nobody-2']);
  });
});
