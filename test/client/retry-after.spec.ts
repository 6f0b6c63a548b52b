import { useClientHost } from './client-sessions.js';

const { host, sessions } = useClientHost();

describe('a session whose service asks to come back at a date', () => {
  // By the clock of the service, which its answer tells: that of the device may be wrong.
  const headers = { date: 'Wed, 21 Oct 2026 07:28:00 GMT', 'retry-after': 'Wed, 21 Oct 2026 07:28:30 GMT' };
  const unavailable = (path: string, status = 503) => {
    const body = '{"code":"temporarily_unavailable"}';
    host.proxy.fault = (request) => (request.path === path ? { kind: 'answer', status, body, headers } : undefined);
  };

  it('asks once, and says when it will ask again', async () => {
    const session = await sessions.login();
    host.clock.advance('31m');
    unavailable('/auth/refresh');
    await expect(session.fetch('/shop/cart')).rejects.toMatchObject({
      code: 'temporarily_unavailable',
      retryAfter: 30,
    });
    await expect(session.fetch('/shop/cart')).rejects.toMatchObject({ retryAfter: 30 });
    expect(host.proxy.seen('/auth/refresh')).toHaveLength(1);
  });

  it.each([503, 429])('waits with the next try of a logout that is answered %i, too', async (status) => {
    const timers = jest.spyOn(globalThis, 'setTimeout');
    const session = await sessions.login();
    unavailable('/auth/logout', status);
    await session.logout();
    expect(timers).toHaveBeenLastCalledWith(expect.any(Function), 30_000);
    clearTimeout(timers.mock.results.at(-1)!.value as NodeJS.Timeout);
    timers.mockRestore();
  });
});
