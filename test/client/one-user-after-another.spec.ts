import type { ReauthenticationRequest, Session, StoredSession } from '../../src/client/index.js';
import { eventually } from '../support/eventually.js';
import { browserFetch, nameIn, openStorage, useClientHost } from './client-sessions.js';

const { host, sessions } = useClientHost();

const post = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"sum":4180}' };
const bob = () => ({ ...sessions.credentials, email: `bob-${sessions.credentials.email}` });
const seen = (path: string, count = 1) => eventually(() => host.proxy.seen(path).length === count);
/** Holds the answers at a path until the returned function is called. */
const hold = (path: string): (() => void) => {
  let release: () => void = () => undefined;
  const released = new Promise<void>((resolve) => (release = resolve));
  host.proxy.fault = (request) => (request.path === path ? { kind: 'hold', release: released } : undefined);
  return () => {
    host.proxy.fault = () => undefined;
    release();
  };
};
/** What the application is asked, for each time that it has to ask for the password. */
const questionsOf = (session: Session): ReauthenticationRequest[] => {
  const questions: ReauthenticationRequest[] = [];
  session.on('reauthenticate', (question) => questions.push(question));
  return questions;
};
describe('a request of one user is not sent as the next one', () => {
  it('who signs in while it waits for the password, after a logout in another tab', async () => {
    const { storage } = openStorage();
    const session = await sessions.login({ storage });
    const otherTab = sessions.make({ storage });
    host.clock.advance('10m');
    const questions = questionsOf(session);
    const payment = session.fetch('/shop/pay', post);
    await eventually(() => questions.length === 1);
    await otherTab.logout();
    await session.login(bob());
    expect((await payment).status).toBe(401);
    expect(host.proxy.seen('/shop/pay')).toHaveLength(1);
  });

  it('who signs in while it waits for a refresh', async () => {
    const session = await sessions.login();
    host.clock.advance('31m');
    const release = hold('/auth/refresh');
    const saved = session.fetch('/shop/items', post);
    await seen('/auth/refresh');
    await session.logout();
    await session.login(bob());
    release();
    // As a request is sent whose session has ended: as nobody's.
    expect((await saved).status).toBe(401);
    expect(host.proxy.seen('/shop/items').map(({ headers }) => headers.authorization)).toEqual([undefined]);
  });

  it('who signs in before a token begins to be valid, also where the token is a cookie', async () => {
    const session = await sessions.login({ clientId: 'web', transport: 'cookie', fetch: browserFetch() });
    host.proxy.fault = ({ path }) =>
      path === '/shop/items' ? { kind: 'answer', status: 401, body: '{"code":"token_not_yet_valid"}' } : undefined;
    const saved = session.fetch('/shop/items', post);
    await seen('/shop/items');
    host.proxy.fault = () => undefined;
    await session.logout();
    await session.login(bob());
    expect((await saved).status).toBe(401);
    expect(host.proxy.seen('/shop/items')).toHaveLength(1);
  });

  it('and neither is a token given that was asked for before', async () => {
    const session = await sessions.login();
    host.clock.advance('31m');
    const release = hold('/auth/refresh');
    const token = session.accessToken();
    await seen('/auth/refresh');
    await session.logout();
    await session.login(bob());
    release();
    expect(await token).toBeUndefined();
    expect(await session.accessToken()).toBeDefined();
  });
});

describe('a request that waits for the password', () => {
  it.each([
    [
      'the service ends its session',
      async (session: Session) => {
        const { email } = sessions.credentials;
        for (const { sid } of await host.sessions.list(email)) await host.sessions.revoke(email, sid);
        await session.fetch('/shop/cart');
      },
    ],
    [
      'this tab learns of a logout in another one',
      async (session: Session, otherTab: Session) => {
        await otherTab.logout();
        host.clock.advance('31m');
        await session.accessToken();
      },
    ],
    ['the user logs out', (session: Session) => session.logout()],
  ])('gets its 401 when %s, since nobody can give that password any more', async (_, end) => {
    const { storage } = openStorage();
    const session = await sessions.login({ storage });
    host.clock.advance('10m');
    const questions = questionsOf(session);
    const payment = session.fetch('/shop/pay', post);
    await eventually(() => questions.length === 1);
    await end(session, sessions.make({ storage }));
    expect((await payment).status).toBe(401);
  });

  it('waits on when the question that the user before was asked is cancelled late', async () => {
    const session = await sessions.login();
    host.clock.advance('10m');
    const questions = questionsOf(session);
    const first = session.fetch('/shop/pay', post);
    await eventually(() => questions.length === 1);
    await session.login(bob());
    expect((await first).status).toBe(401);
    host.clock.advance('10m');
    const second = session.fetch('/shop/pay', post);
    await eventually(() => questions.length === 2);
    questions[0]!.cancel();
    await session.reauthenticate(sessions.credentials.password);
    expect(await (await second).json()).toMatchObject({ paid: bob().email });
  });
});

describe('a reauthentication', () => {
  const storedIn = (kept: Record<string, unknown>) => kept[nameIn(kept)] as StoredSession | undefined;

  it.each(['this tab', 'another tab'])('does not undo a logout of %s that came before its answer', async (where) => {
    const { storage, kept } = openStorage();
    const session = await sessions.login({ storage });
    const release = hold('/auth/reauthenticate');
    const done = session.reauthenticate(sessions.credentials.password);
    await seen('/auth/reauthenticate');
    await (where === 'this tab' ? session : sessions.make({ storage })).logout();
    release();
    await done;
    expect(storedIn(kept)).toBeUndefined();
    expect(session.state).toBe('out');
  });

  it.each(['this tab', 'another tab'])('leaves the session alone of who signs in in %s meanwhile', async (where) => {
    const { storage, kept } = openStorage();
    const session = await sessions.login({ storage });
    const release = hold('/auth/reauthenticate');
    const done = session.reauthenticate(sessions.credentials.password);
    await seen('/auth/reauthenticate');
    await (where === 'this tab' ? session : sessions.make({ storage })).login(bob());
    const ofBob = storedIn(kept);
    release();
    await done;
    expect(storedIn(kept)).toBe(ofBob);
    expect(await (await session.fetch('/shop/cart')).json()).toEqual({ sub: bob().email });
  });

  it('that the application made by itself does not take the place of another session', async () => {
    const { storage, kept } = openStorage();
    const session = await sessions.login({ storage });
    const answer = await session.fetch('/auth/reauthenticate', { ...post, body: JSON.stringify(sessions.credentials) });
    await session.login(bob());
    const ofBob = storedIn(kept);
    await session.adopt((await answer.json()) as never);
    expect(storedIn(kept)).toBe(ofBob);
  });
});
