import { browserFetch, useClientHost } from './client-sessions.js';

const { host, sessions } = useClientHost();
const headers = { 'content-type': 'application/json' };
const newItem = (body?: string) => new Request(new URL('/shop/items', host.url), { method: 'POST', headers, body });

/**
 * As OpenTelemetry before 0.214, the agent of Elastic and happy-dom do: of a request and settings they send the request.
 * What axios and ky sent was never signed in there.
 */
const passingOnAlone =
  (send: typeof fetch): typeof fetch =>
  (input, init) =>
    input instanceof Request ? send(input) : send(input, init);

describe('a session whose fetch is traced by what passes a Request on alone', () => {
  it.each(['body', 'cookie'] as const)('signs it in by %s, and sends it again after a refresh', async (transport) => {
    const clientId = transport === 'cookie' ? 'web' : 'default';
    const now = host.clock.now();
    const session = await sessions.login({
      transport,
      clientId,
      now: () => now,
      fetch: passingOnAlone(browserFetch()),
    });
    host.clock.advance('31m');
    expect(await (await session.fetch(newItem('{"sum":1}'))).json()).toMatchObject({ body: { sum: 1 } });
    expect(host.proxy.seen('/auth/refresh')).toHaveLength(1);
  });

  it('follows no redirect with it', async () => {
    const session = await sessions.login({ fetch: passingOnAlone(fetch) });
    await expect(session.fetch(new Request(new URL('/shop/moved', host.url)))).rejects.toThrow('fetch failed');
    expect(host.proxy.seen('/shop/cart')).toEqual([]);
  });
});

it('a Request whose body is given beside it, as a stream, is sent', async () => {
  const session = await sessions.login();
  const settings = { body: new Blob(['{"sum":2}']).stream(), duplex: 'half' } as const;
  expect(await (await session.fetch(newItem(), settings)).json()).toMatchObject({ body: { sum: 2 } });
});
