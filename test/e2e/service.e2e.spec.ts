import { JWT_SHAPE } from '../support/jwt-shape.js';
import { startPostgres, type PostgresDatabase } from '../support/postgres-server.js';
import { startRedis, type RedisServer } from '../support/redis-server.js';
import { EMBEDDED, startService, type Answer, type RunningService } from '../support/service.js';

const PASSWORD = 'correct horse battery';
const CLAIMS = /^[\w-]+\.([\w-]+)\.[\w-]+$/;
const claimsOf = (token: string) =>
  JSON.parse(Buffer.from(CLAIMS.exec(token)![1]!, 'base64url').toString()) as Record<string, unknown>;

let redis: RedisServer;
let postgres: PostgresDatabase;
beforeAll(async () => {
  [redis, postgres] = await Promise.all([startRedis(), startPostgres()]);
});
afterAll(() => Promise.all([redis.stop(), postgres.stop()]));

describe.each(['in memory', 'in Redis, users in PostgreSQL'] as const)('the service, sessions %s', (where) => {
  let service: RunningService;
  let users = 0;

  beforeAll(async () => {
    service = await startService(
      where === 'in memory' ? EMBEDDED : { REDIS_URL: redis.url, DATABASE_URL: postgres.url },
    );
  });
  afterAll(() => service.stop());

  const register = async (): Promise<{ email: string; password: string }> => {
    const account = { email: `user${++users}@shop.example`, password: PASSWORD };
    expect((await service.call('/auth/register', { body: account })).status).toBe(201);
    return account;
  };
  const login = async (more: object = {}): Promise<Answer['body']> =>
    (await service.call('/auth/login', { body: { ...(await register()), ...more } })).body;
  const refresh = (token: unknown, headers?: Record<string, string>) =>
    service.call('/auth/refresh', { body: { refresh_token: token }, headers });

  it('registers an account once, whatever the case of its address', async () => {
    const account = await register();
    const again = await service.call('/auth/register', { body: { ...account, email: account.email.toUpperCase() } });
    expect(again).toMatchObject({ status: 409, body: { statusCode: 409, error: 'Conflict', code: 'email_taken' } });
  });

  it('gives the token answer of the contract at login, and keeps it out of caches', async () => {
    const account = await register();
    const { status, headers, body } = await service.call('/auth/login', { body: account });
    expect(status).toBe(200);
    expect(headers.get('cache-control')).toBe('no-store');
    expect(body).toEqual({
      device_token: expect.stringMatching(/^[\w-]+\.[\w-]+$/),
      access_token: expect.stringMatching(CLAIMS),
      token_type: 'Bearer',
      expires_in: 1800,
      renew_after: 900,
      refresh_token: expect.stringMatching(CLAIMS),
      refresh_token_expires_in: 14 * 86_400,
      session_expires_in: 90 * 86_400,
      session_id: expect.stringMatching(/^[\w-]{22}$/),
    });
  });

  it('answers a wrong password, an unknown address and a missing account alike', async () => {
    const { email } = await register();
    const answers = await Promise.all(
      [email, 'nobody@shop.example', 'no address'].map((who) =>
        service.call('/auth/login', { body: { email: who, password: 'wrong horse battery' } }),
      ),
    );
    for (const { status, headers, body } of answers) {
      expect(status).toBe(401);
      expect(headers.get('www-authenticate')).toBe('Bearer realm="http://localhost:3000"');
      expect(body).toEqual(answers[0]!.body);
      expect(body.code).toBe('invalid_credentials');
    }
  });

  it('says who is calling, without asking a store', async () => {
    const tokens = await login();
    const { status, body } = await service.call('/auth/me', { token: tokens.access_token });
    expect(status).toBe(200);
    const claims = claimsOf(tokens.access_token);
    expect(body).toEqual({
      sub: claims.sub,
      sid: tokens.session_id,
      email: `user${users}@shop.example`,
      roles: [],
      auth_time: claims.auth_time,
      issued_at: claims.iat,
      expires_at: claims.exp,
      renew_after: expect.any(Number),
      renew_until: (claims.iat as number) + 7200,
      session_expires_in: expect.any(Number),
    });
  });

  it('turns a refresh token, and gives the same successor to a second tab', async () => {
    const { refresh_token: first } = await login();
    const answers = await Promise.all(Array.from({ length: 8 }, () => refresh(first)));
    expect(answers.map(({ status }) => status)).toEqual(Array(8).fill(200));
    const successors = new Set(answers.map(({ body }) => body.refresh_token));
    expect(successors.size).toBe(1);
    expect(new Set(answers.map(({ body }) => body.access_token)).size).toBe(8);
    expect(claimsOf([...successors][0] as string).seq).toBe(1);
  });

  it('ends the session of a spent token that comes again, and tells the owner why', async () => {
    const { refresh_token: first } = await login();
    const { refresh_token: second } = (await refresh(first)).body;
    const { refresh_token: third } = (await refresh(second)).body;
    const thief = await refresh(first);
    expect(thief).toMatchObject({ status: 401, body: { code: 'token_reused' } });
    expect(thief.headers.get('www-authenticate')).toMatch(/^Bearer realm="[^"]+", error="invalid_token"/);
    expect((await refresh(third)).body.code).toBe('token_reused');
  });

  it('refuses garbage without harm: no token, no text, no token of ours, an access token', async () => {
    const { refresh_token: good, access_token: access } = await login();
    expect((await service.call('/auth/refresh', { method: 'POST' })).body.code).toBe('token_missing');
    expect((await refresh(7)).status).toBe(400);
    expect((await refresh(null)).status).toBe(400);
    expect((await refresh('garbage')).body.code).toBe('token_invalid');
    expect((await refresh(access)).body.code).toBe('token_invalid');
    expect((await refresh(`${good.slice(0, -1)}${good.endsWith('A') ? 'B' : 'A'}`)).body.code).toBe('token_invalid');
    expect((await refresh(good)).status).toBe(200);
  });

  it('takes an Idempotency-Key of 22 to 255 visible characters, because a short one is guessed', async () => {
    const { refresh_token: token } = await login();
    expect((await refresh(token, { 'idempotency-key': 'x'.repeat(256) })).body.code).toBe('invalid_request');
    expect((await refresh(token, { 'idempotency-key': 'x'.repeat(21) })).body.code).toBe('invalid_request');
    expect((await refresh(token, { 'idempotency-key': 'two words that are long' })).body.code).toBe('invalid_request');
    expect((await refresh(token, { 'idempotency-key': 'b7e23ec2-9d3c-4f0e-8a51-0d1c6b2f7e94' })).status).toBe(200);
  });

  it('does not renew what is not due, and says when it will be', async () => {
    const { access_token: token } = await login();
    const { status, headers, body } = await service.call('/auth/renew', { method: 'POST', token });
    expect({ status, code: body.code }).toEqual({ status: 409, code: 'renewal_not_due' });
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(890);
  });

  it("lists a user's sessions, and marks the one that asks", async () => {
    const account = await register();
    const phone = (await service.call('/auth/login', { body: { ...account, device_name: 'Phone' } })).body;
    const laptop = (
      await service.call('/auth/login', { body: account, headers: { 'user-agent': 'Test/1.0 (laptop)' } })
    ).body;
    const { body } = await service.call('/auth/sessions', { token: laptop.access_token });
    expect(body.sessions).toEqual([
      expect.objectContaining({ id: phone.session_id, current: false, device_name: 'Phone', client_id: 'default' }),
      expect.objectContaining({
        id: laptop.session_id,
        current: true,
        user_agent: 'Test/1.0 (laptop)',
        ip: '127.0.0.1',
      }),
    ]);
    expect(JSON.stringify(body)).not.toMatch(JWT_SHAPE);
  });

  it('logs out by the refresh token, spent or not, by the bearer, and changes nothing for a token of others', async () => {
    const logout = (body?: object, token?: string) => service.call('/auth/logout', { method: 'POST', body, token });
    const [bySpent, byBearer] = [await login(), await login()];
    const { refresh_token: successor } = (await refresh(bySpent.refresh_token)).body;
    expect((await logout({ refresh_token: 'not ours' })).status).toBe(204);
    expect((await logout()).status).toBe(204);
    expect((await logout({ refresh_token: bySpent.refresh_token })).status).toBe(204);
    expect((await refresh(successor)).body.code).toBe('session_revoked');
    expect((await logout(undefined, byBearer.access_token)).status).toBe(204);
    expect((await refresh(byBearer.refresh_token)).body.code).toBe('session_revoked');
  });

  it('refuses a client it does not know, and fields it does not know', async () => {
    const account = await register();
    const login = (more: object) => service.call('/auth/login', { body: { ...account, ...more } });
    expect(await login({ client_id: 'tv' })).toMatchObject({ status: 400, body: { code: 'invalid_request' } });
    expect((await login({ remember_me: true })).body.details).toEqual(['property remember_me should not exist']);
  });

  it.each([
    ['a body that is no JSON', '/auth/login', { body: '{' }, 400, 'invalid_request'],
    ['a list as body', '/auth/login', { body: '[]' }, 400, 'invalid_request'],
    ['a text as body', '/auth/refresh', { body: '"text"' }, 400, 'invalid_request'],
    ['a polluting body', '/auth/login', { body: '{"__proto__":{"email":"a@b.example"}}' }, 400, 'invalid_request'],
    ['a body too large', '/auth/login', { body: { email: 'x'.repeat(17_000) } }, 413, 'payload_too_large'],
    [
      'a form',
      '/auth/login',
      { body: 'a=b', headers: { 'content-type': 'application/x-www-form-urlencoded' } },
      415,
      'unsupported_media_type',
    ],
    [
      'a text type',
      '/auth/login',
      { body: 'a=b', headers: { 'content-type': 'text/plain' } },
      415,
      'unsupported_media_type',
    ],
    ['a path that is not there', '/auth/nothing', {}, 404, 'not_found'],
    [
      'an address that is none',
      '/auth/register',
      { body: { email: 'shop', password: PASSWORD } },
      400,
      'invalid_request',
    ],
    [
      'a password too short',
      '/auth/register',
      { body: { email: 'a@shop.example', password: 'short' } },
      400,
      'invalid_request',
    ],
    [
      'a password that everybody uses',
      '/auth/register',
      { body: { email: 'a@shop.example', password: 'password1' } },
      400,
      'invalid_request',
    ],
  ])('tells what is wrong with %s', async (_, path, request, status, code) => {
    const answer = await service.call(path, request);
    expect(answer).toMatchObject({ status, body: { statusCode: status, code, message: expect.any(String) } });
  });

  it('is live and ready, and says of what', async () => {
    expect(await service.call('/health/live')).toMatchObject({ status: 200, body: { status: 'ok' } });
    const ready = await service.call('/health/ready');
    expect(ready).toMatchObject({
      status: 200,
      body: { status: 'ok', parts: { store: 'up', users: 'up', feed: 'up' } },
    });
  });

  it('publishes public keys only', async () => {
    const { headers, body } = await service.call('/.well-known/jwks.json');
    expect(headers.get('cache-control')).toMatch(/^public, max-age=\d+$/);
    expect(body.keys).toEqual([
      {
        kty: 'EC',
        crv: 'P-256',
        x: expect.any(String),
        y: expect.any(String),
        kid: expect.any(String),
        alg: 'ES256',
        use: 'sig',
      },
    ]);
  });
});
