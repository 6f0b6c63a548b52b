import {
  AuthError,
  AuthEvents,
  type AuthEvent,
  type AuthModuleExtras,
  type AuthModuleOptions,
} from '../../src/index.js';
import { ADAPTERS, type AdapterName, type Answer, type RunningApp } from '../support/adapters.js';
import { Browser, type StoredCookie } from '../support/browser.js';
import { credentials, startHost } from '../support/own-users-host.js';

const REFRESH = '__Secure-refresh_token';

const running: RunningApp[] = [];
afterEach(() => Promise.all(running.splice(0).map((app) => app.close())));

const told = ({ status, text }: Answer): string =>
  text.startsWith('{') ? `${status} ${(JSON.parse(text) as { code?: string }).code ?? 'ok'}` : String(status);

const login = { body: { ...credentials, client_id: 'web' } };
const asBob = { body: { name: 'bob', password: 'battery staple', client_id: 'web' } };

interface Changes {
  readonly options?: Partial<AuthModuleOptions>;
  readonly extras?: AuthModuleExtras;
  readonly adapter?: AdapterName;
}

/** Ann is logged in by cookie; `old` is a browser that still has the cookies of that session. */
async function loggedIn({ options, extras, adapter = 'fastify' }: Changes = {}) {
  const clients = { web: { transport: 'cookie' }, kiosk: { transport: 'cookie' } } as const;
  const host = await startHost(adapter, () => ({ clients, ...options }), extras);
  running.push(host);
  host.users.all.push({ id: 'u-2', name: 'bob', password: 'battery staple', roles: [], generation: 0 });
  const ended: AuthEvent[] = [];
  host.app.get(AuthEvents).listen((event) => event.type === 'session.ended' && ended.push(event));
  const browser = new Browser(host);
  const first = await browser.ask('POST /login', login);
  const old = new Browser(host, new Map(browser.cookies));
  const stillThere = async () => told(await old.ask('POST /auth/refresh'));
  return { ...host, browser, old, first: first.json().session_id, ended, stillThere };
}

describe.each(ADAPTERS)('a login over a session in cookies, on %s', (adapter) => {
  it('ends the session whose cookies it replaces, and tells why', async () => {
    const { browser, old, first, ended, stillThere } = await loggedIn({ adapter });
    const answer = await browser.ask('POST /login', login);
    expect(told(answer)).toBe('201 ok');
    expect(told(await old.ask('GET /profile'))).toBe('401 session_replaced');
    expect(await stillThere()).toBe('401 session_replaced');
    const { sessions } = (await browser.ask('GET /auth/sessions')).json<{ sessions: { id: string }[] }>();
    expect(sessions.map(({ id }) => id)).toEqual([answer.json().session_id]);
    expect(ended).toEqual([expect.objectContaining({ sid: first, reason: 'session_replaced', ip: '127.0.0.1' })]);
  });
});

describe('a login over a session in cookies', () => {
  it('ends that of another user, too: nobody can reach it any more', async () => {
    const { browser, stillThere } = await loggedIn();
    expect(told(await browser.ask('POST /login', asBob))).toBe('201 ok');
    expect(await stillThere()).toBe('401 session_replaced');
    expect((await browser.ask('GET /profile')).json().sub).toBe('u-2');
  });

  it('ends it by an access token that is over, since the session is not', async () => {
    const { browser, clock, stillThere } = await loggedIn();
    clock.advance('2h');
    await browser.ask('POST /login', login);
    expect(await stillThere()).toBe('401 session_replaced');
  });

  it('takes its room, where a user may have no more sessions', async () => {
    const { browser, ask } = await loggedIn({ options: { maxSessionsPerSubject: 1, whenFull: 'refuse' } });
    const elsewhere = await ask('POST /login', { ...login, headers: { 'sec-fetch-site': 'same-origin' } });
    expect(told(elsewhere)).toBe('409 session_limit_reached');
    expect(told(await browser.ask('POST /login', login))).toBe('201 ok');
    expect((await browser.ask('GET /auth/sessions')).json<{ sessions: unknown[] }>().sessions).toHaveLength(1);
  });

  it('stands though the old session cannot be ended now, and tells of its end when it could', async () => {
    const { browser, repository, ended, stillThere } = await loggedIn();
    repository.next('end', () => Promise.reject(new AuthError('store_unavailable', 'Away.')));
    expect(told(await browser.ask('POST /login', asBob))).toBe('201 ok');
    expect(told(await browser.ask('GET /profile'))).toBe('200 ok');
    expect([await stillThere(), ended]).toEqual(['200 ok', []]);
  });

  it('tells the other instances where no sessions are kept', async () => {
    const { browser, old } = await loggedIn({ extras: { strategy: 'access', store: undefined } });
    await browser.ask('POST /login', login);
    expect(told(await old.ask('GET /profile'))).toBe('401 session_replaced');
  });
});

describe('a session stays as it is', () => {
  it.each<[string, object]>([
    ['when the login fails', { body: { ...credentials, password: 'wrong', client_id: 'web' } }],
    ['when another kind of client logs in', { body: { ...credentials, client_id: 'kiosk' } }],
    ['when somebody logs in in bodies', { body: credentials }],
  ])('%s', async (_, request) => {
    const { browser, stillThere } = await loggedIn();
    await browser.ask('POST /login', request);
    expect(await stillThere()).toBe('200 ok');
  });

  it('when a page of another site tries to log somebody in', async () => {
    const { browser, stillThere } = await loggedIn();
    const answer = await browser.from({ 'sec-fetch-site': 'cross-site' }, 'POST /login', asBob);
    expect([told(answer), await stillThere()]).toEqual(['403 forbidden', '200 ok']);
  });

  it('when its token comes as a bearer or in the body beside a login by cookie', async () => {
    const { ask, login: byBody, refresh } = await loggedIn();
    const { access_token: token, refresh_token: refreshToken } = await byBody();
    const headers = { 'sec-fetch-site': 'same-origin' };
    expect(told(await ask('POST /login', { ...login, headers, token }))).toBe('201 ok');
    const asked = { ...login, body: { ...login.body, refresh_token: refreshToken }, headers };
    expect(told(await ask('POST /login', asked))).toBe('201 ok');
    expect(told(await refresh(refreshToken))).toBe('200 ok');
  });

  it('when a sibling host has planted its refresh cookie in the browser of who logs in', async () => {
    const { ask, old, stillThere } = await loggedIn();
    const { value } = old.cookies.get(REFRESH) as StoredCookie;
    const headers = { 'sec-fetch-site': 'same-origin', cookie: `${REFRESH}=${value}` };
    expect(told(await ask('POST /login', { ...asBob, headers }))).toBe('201 ok');
    expect(await stillThere()).toBe('200 ok');
  });

  it.each([
    ['forged', (token: string) => token.replace(/.{4}$/, 'AAAA')],
    ['garbage', () => 'x.y.z'],
  ])('when the access cookie is %s', async (_, forge) => {
    const { browser, stillThere } = await loggedIn();
    const [name, { value, attributes }] = [...browser.cookies][0]!;
    browser.cookies.set(name, { value: forge(value), attributes });
    expect(told(await browser.ask('POST /login', asBob))).toBe('201 ok');
    expect(await stillThere()).toBe('200 ok');
  });
});
