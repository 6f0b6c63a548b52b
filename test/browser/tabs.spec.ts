import type { Page } from 'playwright-core';
import { newCredentials, startClientHost, type ClientHost } from '../support/client-host.js';
import { eventually } from '../support/eventually.js';
import { openProfile, servePage, type Profile } from './chromium.js';

const SHORT = process.env.BROWSER_SHORT === 'true';
const EXPIRIES = SHORT ? 3 : 200;
const TTL = 10;
/**
 * Without locks a tab that wakes late refreshes once more. In a few expiries on a busy machine this counts for much: the
 * short run shows that the tabs take turns, of which each refreshes for itself otherwise.
 */
const MOST_WHEN_BUSY = 4;
const NO_LOCKS = 'Object.defineProperty(Navigator.prototype, "locks", { value: undefined });';

let host: ClientHost;
let profile: Profile;
beforeEach(async () => {
  host = await startClientHost({ grace: '0s', accessTtl: `${TTL}s` }, true);
  await servePage(host);
  profile = await openProfile(host);
});
afterEach(async () => {
  await profile.close();
  await host.close();
});

const stateOf = (page: Page) => page.evaluate<string>('session.state');
const toldIn = (page: Page) => page.evaluate<unknown[]>('told');
const cartIn = (page: Page) => page.evaluate<number>('session.fetch("/shop/cart").then((answer) => answer.status)');
const login = (page: Page, user = newCredentials()) => page.evaluate(`session.login(${JSON.stringify(user)})`);
const loginByCookie = (page: Page) => login(page);
const refreshes = () => host.proxy.seen('/auth/refresh');
const seconds = (count: number) => new Promise((resolve) => setTimeout(resolve, count * 1000));

describe('eight tabs of one session', () => {
  it.each([
    ['with Web Locks, by body', {}, ''],
    ['without Web Locks, by body', {}, NO_LOCKS],
    ['with Web Locks, by cookie', { clientId: 'web', transport: 'cookie' as const }, ''],
  ])(`%s: live through ${EXPIRIES} expiries with no logout and few refreshes`, async (_, options, prepare) => {
    const first = await profile.open(options, prepare);
    await loginByCookie(first);
    const tabs = [first];
    while (tabs.length < 8) tabs.push(await profile.open(options, prepare));
    const busy = (page: Page) => page.evaluate('setInterval(() => session.fetch("/shop/cart"), 1000)');
    await Promise.all(tabs.map(busy));
    host.proxy.exchanges.length = 0;
    const started = Date.now();
    await seconds(EXPIRIES * TTL);
    const expired = (Date.now() - started) / 1000 / TTL;
    // One more, since the first token was not new when the count began.
    const allowed = 1 + Math.ceil(expired * (SHORT && prepare === NO_LOCKS ? MOST_WHEN_BUSY : 1.2));

    expect(await Promise.all(tabs.map(stateOf))).toEqual(tabs.map(() => 'in'));
    expect((await Promise.all(tabs.map(toldIn))).flat()).toEqual([]);
    expect(refreshes().length).toBeLessThanOrEqual(allowed);
    // One without a status is under way.
    const answers = refreshes().flatMap(({ status }) => status ?? []);
    expect(answers.filter((status) => status !== 200)).toEqual([]);
  });
});

describe('a tab of a session', () => {
  it('that crashed between the refresh and its answer leaves a session that goes on', async () => {
    const crashing = await profile.open();
    await login(crashing);
    await seconds(TTL + 1);
    host.proxy.exchanges.length = 0;
    host.fault = ({ path }) => (path === '/auth/refresh' ? { kind: 'lose-answer' } : undefined);
    await crashing.evaluate('void session.fetch("/shop/cart").catch(() => 0)');
    while (refreshes().length === 0) await seconds(0.05);
    await crashing.close();
    host.fault = undefined;
    const next = await profile.open();
    expect(await cartIn(next)).toBe(200);
    expect(new Set(refreshes().map(({ headers }) => headers['idempotency-key'])).size).toBe(1);
  });

  it('has a key of attempts that no script can read, in the database of the token', async () => {
    const page = await profile.open();
    await login(page);
    await page.evaluate('session.accessToken({ minLife: 9999 })');
    await seconds(TTL + 1);
    expect(await cartIn(page)).toBe(200);
    const key = await page.evaluate(`new Promise((resolve) => {
      indexedDB.open('keyturn').onsuccess = ({ target }) => {
        target.result.transaction('keyturn').objectStore('keyturn').get('keyturn key').onsuccess = ({ target }) =>
          resolve([target.result.constructor.name, target.result.extractable]);
      };
    })`);
    expect(key).toEqual(['CryptoKey', false]);
  });

  it('learns of a logout in another tab, and shows nothing when it comes back from the cache of the browser', async () => {
    const [one, two] = [await profile.open(), await profile.open()];
    await login(one);
    // The other tab hears of the login by a message, which may come after the login has ended.
    await two.waitForFunction('session.state === "in"');
    expect(await cartIn(two)).toBe(200);
    await two.goto('about:blank');
    await one.evaluate('session.logout()');
    expect(await stateOf(one)).toBe('out');
    await two.goBack();
    expect(await two.evaluate('typeof session === "undefined" || session.state')).not.toBe('in');
  });

  it('has workers that hear of its logins and logouts, and so send nothing as the user before', async () => {
    const page = await profile.open();
    await page.evaluate(`
      const source = document.scripts[0].text + \`
        const session = keyturn.createSession({ url: "\${location.origin}/auth" });
        onmessage = async () => {
          const answer = await session.fetch("\${location.origin}/shop/cart");
          postMessage(answer.ok ? (await answer.json()).sub : answer.status);
        };\`;
      const worker = new Worker(URL.createObjectURL(new Blob([source])));
      inWorker = () => new Promise((resolve) => {
        worker.onmessage = ({ data }) => resolve(data);
        worker.postMessage("");
      });
    `);
    const cartInWorker = () => page.evaluate<string | number>('inWorker()');
    const [ann, bob] = [newCredentials(), newCredentials()];
    expect(await cartInWorker()).toBe(401);
    await login(page, ann);
    await eventually(async () => (await cartInWorker()) === ann.email);
    await login(page, bob);
    await eventually(async () => (await cartInWorker()) === bob.email);
    await page.evaluate('session.logout()');
    await eventually(async () => (await cartInWorker()) === 401);
  });

  it('that was taken away by dispose() still signs out: the service and the other tabs are told', async () => {
    const [one, two] = [await profile.open(), await profile.open()];
    const user = newCredentials();
    await login(one, user);
    await two.waitForFunction('session.state === "in"');
    await one.evaluate('(() => { const done = session.logout(); session.dispose(); return done; })()');
    expect(await host.sessions.list(user.email)).toEqual([]);
    await two.waitForFunction('session.state === "out"');
  });

  it('that was taken away by dispose() still sends requests, and keeps what it receives', async () => {
    const page = await profile.open();
    const user = newCredentials();
    await login(page, user);
    await page.evaluate('session.dispose()');
    const before = await page.evaluate('session.accessToken()');
    await page.evaluate(`session.reauthenticate(${JSON.stringify(user.password)})`);
    const after = await page.evaluate('session.accessToken()');
    expect(after).not.toBe(before);
    expect(await cartIn(page)).toBe(200);
  });

  it('stays signed in without a network, says so, and goes on when there is one', async () => {
    const page = await profile.open();
    await login(page);
    await profile.context.setOffline(true);
    await page.waitForFunction('session.state === "offline"');
    await seconds(TTL + 1);
    expect(await page.evaluate('session.fetch("/shop/cart").catch((error) => error.code)')).toBe('offline');
    await profile.context.setOffline(false);
    await page.waitForFunction('session.state === "in"');
    expect(await cartIn(page)).toBe(200);
  });
});
