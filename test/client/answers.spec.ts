import { createSession } from '../../src/client/index.js';
import { startClientHost } from '../support/client-host.js';
import { startService } from '../support/service.js';
import { browserFetch, ClientSessions, useClientHost } from './client-sessions.js';

const { host, sessions } = useClientHost();

const cart = (session: { fetch: typeof fetch }) => session.fetch('/shop/cart');
const answering = (path: string, status: number, code: string, headers?: Record<string, string>) => {
  host.proxy.fault = (request) =>
    request.path === path ? { kind: 'answer', status, body: JSON.stringify({ code }), headers } : undefined;
};
const endsOf = ({ told }: { told: [name: string, event: unknown][] }) => told.filter(([name]) => name === 'ended');

describe('a session that gets an answer in place of new tokens', () => {
  it.each([
    [503, 'session_store_unavailable'],
    [503, 'session_ended'],
    [401, 'session_of_a_proxy'],
  ])('lives on after %i %s, which is not the word of the service', async (status, code) => {
    const session = await sessions.login();
    host.clock.advance('31m');
    answering('/auth/refresh', status, code, { 'retry-after': '60' });
    await expect(cart(session)).rejects.toMatchObject({ code });
    expect(session.state).toBe('in');
    expect(endsOf(session)).toEqual([]);
  });
});

describe('a session in cookies whose refresh is refused', () => {
  const refused = async () => {
    const session = await sessions.login({ clientId: 'web', transport: 'cookie', fetch: browserFetch() });
    host.clock.advance('31m');
    await host.sessions.revokeAll(sessions.credentials.email);
    return session;
  };

  it('is over, also where the host has no route that says who is signed in', async () => {
    const session = await refused();
    answering('/auth/me', 404, 'not_found');
    expect((await cart(session)).status).toBe(401);
    expect(session.state).toBe('out');
  });

  it('lives on where nobody can say who is signed in: the cookies may be those of a newer login', async () => {
    const session = await refused();
    answering('/auth/me', 503, 'store_unavailable', { 'retry-after': '60' });
    await expect(cart(session)).rejects.toMatchObject({ code: 'store_unavailable' });
    expect(session.state).toBe('in');
  });
});

describe('a session that asks for a renewal too early, by a clock that is ahead', () => {
  it('goes on with its token, and nobody is told of an error', async () => {
    const own = await startClientHost({ strategy: 'access-sliding' });
    const ownSessions = new ClientSessions(() => own);
    let ahead = 0;
    const session = ownSessions.make({ now: () => own.clock.now() + ahead });
    await session.login(ownSessions.credentials);
    const token = await session.accessToken();
    ahead = 20 * 60_000;
    expect(await session.accessToken({ minLife: 900 })).toBe(token);
    expect(own.proxy.seen('/auth/renew').map(({ status }) => status)).toEqual([409]);
    expect(session.told.filter(([name]) => name !== 'change')).toEqual([]);
    ownSessions.dispose();
    await own.close();
  });
});

describe('a session that nothing renews (strategy `access`)', () => {
  it('is over when the API says so, also where a host answers the unknown route of a renewal', async () => {
    const own = await startClientHost({ strategy: 'access' });
    const ownSessions = new ClientSessions(() => own);
    const session = await ownSessions.login();
    own.clock.advance('31m');
    expect((await cart(session)).status).toBe(401);
    expect(session.state).toBe('out');
    expect(endsOf(session)).toEqual([['ended', { code: 'token_expired', message: expect.any(String) as string }]]);
    expect(own.proxy.seen('/auth/renew')).toEqual([]);
    ownSessions.dispose();
    await own.close();
  });

  it('is not over before: a clock that is wrong, or a call that wants a longer life, ends nothing', async () => {
    const service = await startService({ AUTH_STRATEGY: 'access', ACCESS_TTL: '1h', REGISTRATION: 'open' });
    const credentials = { email: 'ada@example.com', password: 'correct horse battery staple' };
    await service.call('/auth/register', { body: credentials });
    let offset = 0;
    const session = createSession({ url: `${service.url}/auth`, now: () => Date.now() + offset });
    await session.login(credentials);
    const token = await session.accessToken();
    for (const minutes of [31, 120]) {
      offset = minutes * 60_000;
      expect(await session.accessToken({ minLife: 3000 })).toBe(token);
      expect((await session.fetch(`${service.url}/auth/me`)).status).toBe(200);
    }
    expect(session.state).toBe('in');
    await service.stop();
  });

  it.each([0.5, 0])('is renewed as long as the service says that it can be, with renewAfter %s', async (renewAfter) => {
    const own = await startClientHost({ strategy: 'access-sliding', sliding: { renewAfter } });
    const ownSessions = new ClientSessions(() => own);
    const session = await ownSessions.login();
    const token = await session.accessToken();
    own.clock.advance('20m');
    const next = await session.accessToken({ minLife: 900 });
    expect(next).not.toBe(token);
    own.clock.advance('31m');
    expect((await cart(session)).status).toBe(401);
    expect(endsOf(session)).toEqual([['ended', expect.objectContaining({ code: 'token_expired' })]]);
    ownSessions.dispose();
    await own.close();
  });
});
