import type { SessionStorage } from '../../src/client/index.js';
import { eventually } from '../support/eventually.js';
import { browserFetch, openStorage, useClientHost } from './client-sessions.js';

const { host, sessions } = useClientHost();

const logouts = () => host.proxy.seen('/auth/logout');
const sessionsOf = (email = sessions.credentials.email) => host.sessions.list(email);
const errorsOf = ({ told }: { told: [string, unknown][] }) => told.filter(([name]) => name === 'error');

describe('a logout that the service could not be told of', () => {
  it('does not end the session of who has signed in in another tab, though the cookies are that one’s', async () => {
    const { storage } = openStorage();
    let looks = 0;
    const watched: SessionStorage = { update: (name, change) => (looks++, storage.update(name, change)) };
    const options = { storage: watched, clientId: 'web', transport: 'cookie', fetch: browserFetch() } as const;
    const session = await sessions.login(options);
    const otherTab = sessions.make({ ...options, storage });
    host.proxy.fault = ({ path }) => (path === '/auth/logout' ? { kind: 'lose-request' } : undefined);
    await session.logout();
    host.proxy.fault = () => undefined;
    const bob = { ...sessions.credentials, email: `bob-${sessions.credentials.email}` };
    await otherTab.login(bob);
    const before = looks;
    await eventually(() => looks > before || logouts().length > 1);
    expect((await otherTab.fetch('/shop/cart')).status).toBe(200);
    expect(logouts()).toHaveLength(1);
    expect(await sessionsOf(bob.email)).toHaveLength(1);
  });

  it('is told by cookie later, where nobody has signed in', async () => {
    const session = await sessions.login({ clientId: 'web', transport: 'cookie', fetch: browserFetch() });
    let lost = false;
    host.proxy.fault = ({ path }) =>
      path === '/auth/logout' && !lost ? ((lost = true), { kind: 'lose-request' }) : undefined;
    await session.logout();
    await eventually(async () => (await sessionsOf()).length === 0);
  });
});

describe('a logout everywhere', () => {
  it('that the service refuses says so, since the other sessions live on', async () => {
    await sessions.login();
    const session = await sessions.login();
    const token = await session.accessToken();
    const { sid } = JSON.parse(atob(token!.split('.')[1]!)) as { sid: string };
    await host.sessions.revoke(sessions.credentials.email, sid);
    await expect(session.logout({ everywhere: true })).rejects.toMatchObject({ code: 'session_revoked', status: 401 });
    expect(session.state).toBe('out');
    expect(await sessionsOf()).toHaveLength(1);
  });

  it('ends the session of this device also where it is refused', async () => {
    const session = await sessions.login();
    host.proxy.fault = ({ path }) =>
      path === '/auth/logout-all' ? { kind: 'answer', status: 404, body: '{"code":"not_found"}' } : undefined;
    await expect(session.logout({ everywhere: true })).rejects.toMatchObject({ code: 'not_found' });
    expect(await sessionsOf()).toHaveLength(0);
  });

  it('is told at once while the storage is locked: the token of a session that ends may be spent', async () => {
    const { storage } = openStorage();
    let isLocked = false;
    const locked: SessionStorage = {
      update: (name, change) => (isLocked ? Promise.reject(new Error('locked')) : storage.update(name, change)),
    };
    await sessions.login();
    const session = await sessions.login({ storage: locked });
    isLocked = true;
    await session.logout({ everywhere: true });
    expect(await sessionsOf()).toHaveLength(0);
    expect(errorsOf(session)).toMatchObject([['error', { code: 'storage_failed' }]]);
  });

  it('says that it cannot be done where nobody is signed in any more', async () => {
    const session = await sessions.login();
    await session.logout();
    await session.logout();
    await expect(session.logout({ everywhere: true })).rejects.toMatchObject({ code: 'token_missing' });
  });

  it('that is refused when it is told later is the event error, since its promise is settled by then', async () => {
    await sessions.login();
    const session = await sessions.login();
    const token = await session.accessToken();
    const { sid } = JSON.parse(atob(token!.split('.')[1]!)) as { sid: string };
    host.proxy.fault = ({ path }) => (path === '/auth/refresh' ? { kind: 'lose-request' } : undefined);
    await session.logout({ everywhere: true });
    expect(errorsOf(session)).toMatchObject([['error', { code: 'offline' }]]);
    await host.sessions.revoke(sessions.credentials.email, sid);
    host.proxy.fault = () => undefined;
    await eventually(() => errorsOf(session).length > 1);
    expect(errorsOf(session).at(-1)).toMatchObject(['error', { code: 'session_revoked' }]);
    expect(await sessionsOf()).toHaveLength(1);
  });
});
