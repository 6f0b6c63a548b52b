import { eventually } from '../support/eventually.js';
import { useClientHost } from './client-sessions.js';

const { host, sessions } = useClientHost();

const refreshes = () => host.proxy.seen('/auth/refresh');

/**
 * What nginx makes of a refusal of `/auth/check`: its own page, with the challenge in the header (docs/oauth.md). So do
 * resource servers in other languages, which know RFC 6750 and none of our codes.
 */
const asNginx: typeof host.proxy.alter = ({ path }, answer) =>
  answer.status === 401 && path.startsWith('/shop')
    ? {
        status: 401,
        headers: { 'content-type': 'text/html', 'www-authenticate': answer.headers['www-authenticate'] },
        body: Buffer.from('<h1>401 Authorization Required</h1>'),
      }
    : answer;

beforeEach(() => {
  host.proxy.alter = asNginx;
});
afterEach(() => {
  host.proxy.alter = (_, answer) => answer;
});

const sidOf = async (): Promise<string> => (await host.sessions.list(sessions.credentials.email))[0]!.sid;

describe('a session behind a proxy that keeps the challenge of a 401 alone, and no code', () => {
  it('refreshes when its claims have changed: each request was refused until the token ended by itself', async () => {
    const session = await sessions.login();
    host.clock.advance('1m');
    await host.sessions.claimsChanged(sessions.credentials.email, { claims: { roles: ['admin'] } });
    expect((await session.fetch('/shop/cart')).status).toBe(200);
    expect(refreshes()).toHaveLength(1);
  });

  it.each([401, 16, 'UNAUTHENTICATED', 'FST_JWT_AUTHORIZATION_TOKEN_EXPIRED'])(
    'refreshes where the body has the code %s of another library, which is none of ours',
    async (code) => {
      host.proxy.alter = (request, answer) => {
        const told = asNginx(request, answer);
        return told === answer ? answer : { ...told, body: Buffer.from(JSON.stringify({ code, message: 'no' })) };
      };
      const session = await sessions.login();
      host.clock.advance('1m');
      await host.sessions.claimsChanged(sessions.credentials.email, { claims: { roles: ['admin'] } });
      expect((await session.fetch('/shop/cart')).status).toBe(200);
    },
  );

  it('is told that it was ended, and why', async () => {
    const session = await sessions.login();
    host.clock.advance('1m');
    await host.sessions.revoke(sessions.credentials.email, await sidOf());
    expect((await session.fetch('/shop/cart')).status).toBe(401);
    const message = expect.any(String) as string;
    await eventually(() => session.told.some(([name]) => name === 'ended'));
    expect(session.told).toContainEqual(['ended', { code: 'session_revoked', message }]);
  });

  it('asks for the password where the route wants a recent login', async () => {
    const session = await sessions.login();
    host.clock.advance('10m');
    const asked: unknown[] = [];
    session.on('reauthenticate', ({ maxAge }) => {
      asked.push(maxAge);
      void session.reauthenticate(sessions.credentials.password);
    });
    expect((await session.fetch('/shop/pay', { method: 'POST' })).status).toBe(201);
    expect(asked).toEqual([300]);
  });

  it('refreshes for HEAD too, whose answers have no body', async () => {
    host.proxy.alter = (_, answer) => answer;
    const session = await sessions.login();
    host.clock.advance('1m');
    await host.sessions.claimsChanged(sessions.credentials.email, { claims: { roles: ['admin'] } });
    expect((await session.fetch('/shop/cart', { method: 'HEAD' })).status).toBe(200);
  });

  it('does not refresh a young token: an API that takes no token of ours would cost a refresh for each request', async () => {
    const session = await sessions.login();
    host.proxy.fault = ({ path }) =>
      path === '/shop/cart'
        ? { kind: 'answer', status: 401, headers: { 'www-authenticate': 'Bearer error="invalid_token"' } }
        : undefined;
    host.clock.advance('1m');
    for (let request = 0; request < 3; request++) expect((await session.fetch('/shop/cart')).status).toBe(401);
    expect(refreshes()).toHaveLength(1);
  });
});

describe('a session without renewal behind such a proxy', () => {
  const answer = { access_token: 'a', token_type: 'Bearer', expires_in: 1800, session_id: 's' } as const;
  beforeEach(() => {
    host.proxy.fault = ({ path }) =>
      path === '/shop/cart'
        ? {
            kind: 'answer',
            status: 401,
            headers: { 'www-authenticate': 'Bearer error="invalid_token", error_description="It is over."' },
          }
        : undefined;
  });

  it('is over when its token is, and not before: another API may refuse a token that is good', async () => {
    const session = sessions.make();
    await session.adopt(answer);
    host.clock.advance('1m');
    expect((await session.fetch('/shop/cart')).status).toBe(401);
    expect(session.state).toBe('in');
    host.clock.advance('30m');
    expect((await session.fetch('/shop/cart')).status).toBe(401);
    expect(session.state).toBe('out');
    await eventually(() => session.told.some(([name]) => name === 'ended'));
    expect(session.told).toContainEqual(['ended', { code: 'token_expired', message: 'It is over.' }]);
  });
});
