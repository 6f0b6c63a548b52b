import { once } from 'node:events';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { httpServer } from '../../src/service/http/http-server.js';
import { PASSWORD, startAccounts, type ServiceWithAccounts, type Tokens } from '../support/accounts.js';
import { startService } from '../support/service.js';

let service: ServiceWithAccounts;
let admin: Tokens;
beforeAll(async () => {
  service = await startAccounts();
  admin = await service.login(await service.account(['admin']));
});
afterAll(() => service.stop());

describe('what every answer says to browsers', () => {
  it.each([
    ['a success', '/health/live', 200],
    ['a refusal of the guard', '/auth/me', 401],
    ['a route that is not there', '/nowhere', 404],
    ['public keys', '/.well-known/jwks.json', 200],
  ])('%s: no guessing of types, nothing to load, no frame', async (_, path, status) => {
    const answer = await service.call(path);
    expect(answer.status).toBe(status);
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
    expect(answer.headers.get('content-security-policy')).toBe("default-src 'none'; frame-ancestors 'none'");
    if (status >= 400)
      expect(answer.body).toMatchObject({ statusCode: status, code: expect.stringMatching(/^[a-z_]+$/) });
  });

  it('an address that cannot be decoded is refused in the shape of all errors', async () => {
    const answer = await service.call('/%E0%A4%A');
    expect([answer.status, answer.body.statusCode, answer.body.code]).toEqual([400, 400, 'invalid_request']);
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
  });

  it.each(['/auth/me', '/auth/sessions', '/auth/sessions/ended', '/admin/users'])(
    '%s is kept by no cache',
    async (path) => {
      const answer = await service.call(path, { token: admin.access_token });
      expect([answer.status, answer.headers.get('cache-control')]).toEqual([200, 'no-store']);
    },
  );

  it('the public keys may be kept, since every verifier asks for them', async () => {
    const answer = await service.call('/.well-known/jwks.json');
    expect(answer.headers.get('cache-control')).toBe('public, max-age=300');
  });

  it('the API page may run its own scripts, and no other', async () => {
    const policy = (await service.call('/docs')).headers.get('content-security-policy');
    expect(policy).toContain("default-src 'self'");
    expect(policy).not.toContain("script-src 'unsafe");
  });

  it('only in production does it say that TLS is the only way, because a first look has none', async () => {
    expect((await service.call('/health/live')).headers.has('strict-transport-security')).toBe(false);
    const production = await startService({
      NODE_ENV: 'production',
      AUTH_ISSUER: 'https://auth.example',
      ALLOW_IN_PRODUCTION: 'memory-sessions,generated-keys',
    });
    const answer = await production.call('/health/live');
    expect(answer.headers.get('strict-transport-security')).toBe('max-age=31536000');
    // Nor are there metrics on PORT: a proxy on this machine would show them to everybody.
    expect((await production.call('/metrics')).status).toBe(404);
    expect((await production.call('/')).status).toBe(404);
    await production.stop();
  });
});

describe('a body that is nested more than any of ours', () => {
  it.each([
    ['lists', '['.repeat(8_000) + ']'.repeat(8_000)],
    ['objects', '{"a":'.repeat(2_500) + '1' + '}'.repeat(2_500)],
  ])('is refused, because its check would need more stack than there is: %s', async (_, value) => {
    for (const path of ['/auth/login', '/auth/register', '/auth/refresh', '/auth/logout']) {
      const { status, body } = await service.call(path, { body: `{"email":${value}}` });
      expect([path, status, body.code]).toEqual([path, 400, 'invalid_request']);
    }
  });
});

describe('no body at all', () => {
  it('is none also where its type is named, as many clients do in every request: a logout was refused', async () => {
    const { access_token: token } = await service.login(await service.account([]));
    const ask = async (method: string, path: string): Promise<number> => {
      const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
      return (await fetch(service.url + path, { method, headers, body: '' })).status;
    };
    expect(await ask('POST', '/auth/login')).toBe(400);
    expect(await ask('DELETE', '/auth/sessions')).toBe(204);
    expect(await ask('POST', '/auth/logout')).toBe(204);
    expect((await service.call('/auth/me', { token })).status).toBe(401);
  });
});

describe('text that is not well-formed Unicode', () => {
  const ILL_FORMED = {
    'half a character by an escape': '"\\ud800@example.org"',
    'the halves in the wrong order': '"\\udc00\\ud800"',
    'bytes that are no UTF-8': Buffer.from([0x22, 0xff, 0xfe, 0x22]),
    'a surrogate in bytes': Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22]),
    'a character longer than it need be': Buffer.from([0x22, 0xc0, 0xaf, 0x22]),
  };
  const ROUTES: readonly [string, string][] = [
    ['/auth/register', 'email'],
    ['/auth/login', 'email'],
    ['/auth/refresh', 'refresh_token'],
    ['/auth/logout', 'refresh_token'],
    ['/auth/reauthenticate', 'password'],
    ['/auth/password', 'current_password'],
    ['/auth/password-reset', 'ticket'],
    ['/admin/users', 'email'],
  ];

  it.each(ROUTES)('%s refuses it before any library sees it', async (path, field) => {
    for (const [name, value] of Object.entries(ILL_FORMED)) {
      for (const body of [
        [`{"${field}":`, value, field === 'password' ? '}' : ',"password":"correct horse"}'],
        ['{"x":[{"y":', value, '}]}'],
        ['{', value, ':1}'],
      ]) {
        const response = await fetch(service.url + path, {
          method: 'POST',
          headers: { 'content-type': 'application/json', authorization: `Bearer ${admin.access_token}` },
          body: Buffer.concat(body.map((part) => Buffer.from(part))),
        });
        const { code } = (await response.json()) as { code: string };
        expect({ name, status: response.status, code }).toEqual({ name, status: 400, code: 'invalid_request' });
      }
    }
  });

  it('is told from text of other planes, which is fine', async () => {
    const body = `{"email":"ann@shop.example","password":"\\ud83d\\ude00${'x'.repeat(9)}"}`;
    expect((await service.call('/auth/login', { body })).body.code).toBe('invalid_credentials');
  });
});

it.each(['constructor', 'toString', 'hasOwnProperty', '__proto__', 'valueOf', '__defineGetter__'])(
  'a field named %s, as every object has, is as unknown as any other',
  async (name) => {
    const body = `{"email":"ann@shop.example","password":"${PASSWORD}","${name}":{}}`;
    for (const path of ['/auth/login', '/auth/register', '/auth/refresh']) {
      const answer = await service.call(path, { body });
      expect([path, answer.status, answer.body.code]).toEqual([path, 400, 'invalid_request']);
    }
  },
);

describe('bodies that are none', () => {
  it.each([
    ['another type', 'text/plain', 'x', 415],
    ['a form', 'application/x-www-form-urlencoded', 'email=a', 415],
    ['half of JSON', 'application/json', '{"email":', 400],
    ['nothing that is said to be JSON', 'application/json', '', 400],
    ['a list', 'application/json', '[]', 400],
    ['more than 16 KiB', 'application/json', `{"email":"${'x'.repeat(17_000)}"}`, 413],
  ])('%s', async (_, type, body, status) => {
    const response = await fetch(`${service.url}/auth/login`, {
      method: 'POST',
      headers: { 'content-type': type },
      body,
    });
    const answer = (await response.json()) as { code: string; statusCode: number };
    expect([response.status, answer.statusCode]).toEqual([status, status]);
    expect(answer.code).toMatch(/^(invalid_request|payload_too_large|unsupported_media_type)$/);
  });

  it.each([
    ['text/plain', 'x', 415],
    ['application/json', '{"token":', 400],
    ['application/x-www-form-urlencoded', `token=${'x'.repeat(17_000)}`, 413],
  ])("at the OAuth routes they are answered with OAuth's errors: %s", async (type, body, status) => {
    const answer = await fetch(`${service.url}/oauth/revoke`, {
      method: 'POST',
      headers: { 'content-type': type },
      body,
    });
    expect([answer.status, await answer.json()]).toEqual([
      status,
      { error: 'invalid_request', error_description: 'The request is not valid.' },
    ]);
  });
});

describe('clients that take their time', () => {
  const LIMITS = { headers: 200, request: 400, checkEvery: 50, connections: 3 };
  let port: number;
  let close: () => Promise<unknown>;
  beforeAll(async () => {
    const server = httpServer([], LIMITS).getInstance();
    server.post('/', async () => ({}));
    await server.listen({ port: 0, host: '127.0.0.1' });
    port = (server.server.address() as AddressInfo).port;
    close = () => server.close();
  });
  afterAll(() => close());

  const open = async (): Promise<Socket> => {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    return socket;
  };

  it.each([
    ['half a header', 'POST / HTTP/1.1\r\nHost: x\r\nX-Slow: '],
    ['half a body', 'POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{"a'],
    ['nothing at all', ''],
  ])('are let go: %s', async (_, sent) => {
    const socket = await open();
    if (sent) socket.write(sent);
    expect(await text(socket)).toMatch(/^(HTTP\/1\.1 408 Request Timeout|$)/);
  });

  it('are as many as the server bears, and no more', async () => {
    const held = await Promise.all([open(), open(), open()]);
    const last = await open();
    // The one too many is closed at once; those before it have their time.
    const [first] = await Promise.race(
      [last, ...held].map(async (socket, n) => [n, await once(socket.resume(), 'close')]),
    );
    expect(first).toBe(0);
    for (const socket of held) socket.destroy();
  });

  it('the service has such limits', () => {
    const { headersTimeout, requestTimeout, maxConnections } = service.app.getHttpServer() as Record<string, number>;
    expect({ headersTimeout, requestTimeout, maxConnections }).toEqual({
      headersTimeout: 10_000,
      requestTimeout: 30_000,
      maxConnections: 10_000,
    });
  });
});
