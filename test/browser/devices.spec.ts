import type { CDPSession, Page } from 'playwright-core';
import { FaultProxy } from '../../src/lab/fault-proxy.js';
import { newCredentials, startClientHost, type ClientHost } from '../support/client-host.js';
import { openProfile, servePage, type Profile } from './chromium.js';

const TTL = 10;
const HOUR = 3_600_000;

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
const whoIn = (page: Page) =>
  page.evaluate<string>('session.fetch("/shop/cart").then((a) => a.json()).then((b) => b.sub)');
const login = (page: Page, user = newCredentials()) => page.evaluate(`session.login(${JSON.stringify(user)})`);
const refreshes = () => host.proxy.seen('/auth/refresh');
const seconds = (count: number) => new Promise((resolve) => setTimeout(resolve, count * 1000));
const devtools = (page: Page): Promise<CDPSession> => profile.context.newCDPSession(page);

describe('a slow device', () => {
  it('whose processor is twenty times slower refreshes once for each end of a token', async () => {
    const page = await profile.open();
    await (await devtools(page)).send('Emulation.setCPUThrottlingRate', { rate: 20 });
    await login(page);
    host.proxy.exchanges.length = 0;
    for (let end = 0; end < 3; end++) {
      await seconds(TTL + 1);
      expect(
        await page.evaluate('Promise.all([1, 2, 3].map(() => session.fetch("/shop/cart"))).then((a) => a.length)'),
      ).toBe(3);
    }
    expect(refreshes().length).toBeLessThanOrEqual(4);
    expect(await toldIn(page)).toEqual([]);
  });
});

describe('a page that was frozen', () => {
  it('for longer than its token lives refreshes before its first request, and nobody is signed out', async () => {
    const page = await profile.open();
    await login(page);
    const thaw = profile.freeze();
    host.proxy.exchanges.length = 0;
    await seconds(TTL * 2);
    expect(host.proxy.exchanges).toEqual([]);
    thaw();
    expect(await cartIn(page)).toBe(200);
    expect(host.proxy.seen('/shop/cart').filter(({ status }) => status === 401)).toEqual([]);
    expect(refreshes().length).toBe(1);
  });
});

describe('a device with a wrong clock', () => {
  // The clock jumps while the page is open, as when a phone finds its network.
  it.each([
    ['two hours ahead', 2 * HOUR],
    ['two hours behind', -2 * HOUR],
  ])('%s stays signed in, and does not refresh all the time', async (_, offset) => {
    const page = await profile.open({}, `offset = 0; { const now = Date.now; Date.now = () => now() + offset; }`);
    await login(page);
    expect(await cartIn(page)).toBe(200);
    await page.evaluate(`offset = ${offset}`);
    host.proxy.exchanges.length = 0;
    for (let request = 0; request < 6; request++) {
      expect(await cartIn(page)).toBe(200);
      await seconds(1);
    }
    expect(refreshes().length).toBeLessThanOrEqual(2);
    expect(await stateOf(page)).toBe('in');
    await seconds(TTL);
    expect(await cartIn(page)).toBe(200);
    expect((await toldIn(page)).flat()).not.toContain('ended');
  });
});

describe('a device without a network', () => {
  it.each(['before the refresh', 'while the refresh is under way', 'after the refresh'])(
    'stays signed in when the network goes %s',
    async (step) => {
      const page = await profile.open();
      await login(page);
      await seconds(TTL + 1);
      let release!: () => void;
      const released = new Promise<void>((resolve) => (release = resolve));
      if (step === 'before the refresh') await profile.context.setOffline(true);
      if (step === 'while the refresh is under way') {
        host.fault = ({ path }) => (path === '/auth/refresh' ? { kind: 'hold', release: released } : undefined);
      }
      host.proxy.exchanges.length = 0;
      const asked = page.evaluate(
        'session.fetch("/shop/cart").then((a) => a.status, ({ code, name }) => code ?? name)',
      );
      if (step !== 'before the refresh') while (refreshes().length === 0) await seconds(0.05);
      if (step === 'after the refresh') expect(await asked).toBe(200);
      await profile.context.setOffline(true);
      release();
      host.fault = undefined;
      if (step !== 'after the refresh') expect([200, 'offline', 'TypeError']).toContain(await asked);
      await profile.context.setOffline(false);
      await page.waitForFunction('session.state === "in"');
      await seconds(TTL + 1);
      expect(await cartIn(page)).toBe(200);
    },
  );
});

describe('a device without room', () => {
  it('keeps the session in memory when the storage is full, says so once, and goes on', async () => {
    const page = await profile.open();
    const origin = new URL(page.url()).origin;
    await (await devtools(page)).send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 0 });
    await login(page);
    for (let request = 0; request < 3; request++) expect(await cartIn(page)).toBe(200);
    await seconds(TTL + 1);
    expect(await cartIn(page)).toBe(200);
    expect(await stateOf(page)).toBe('in');
    const failures = (await toldIn(page)).filter((told) => String(told) === 'error,storage_failed');
    expect(failures.length).toBeLessThanOrEqual(1);
  });
});

describe('two people', () => {
  it('with a profile each do not see each other', async () => {
    const other = await openProfile(host);
    try {
      const [ada, bob] = [newCredentials(), newCredentials()];
      const [hers, his] = [await profile.open(), await other.open()];
      await login(hers, ada);
      await login(his, bob);
      expect([await whoIn(hers), await whoIn(his)]).toEqual([ada.email, bob.email]);
      await hers.evaluate('session.logout()');
      expect(await whoIn(his)).toBe(bob.email);
    } finally {
      await other.close();
    }
  });

  it('one after the other in one profile are never mixed, in no tab', async () => {
    const [ada, bob] = [newCredentials(), newCredentials()];
    const [one, two] = [await profile.open(), await profile.open()];
    await login(one, ada);
    await two.waitForFunction('session.state === "in"');
    await one.evaluate('session.logout()');
    await login(one, bob);
    await two.waitForFunction('session.state === "in"');
    expect([await whoIn(one), await whoIn(two)]).toEqual([bob.email, bob.email]);
  });
});

describe('a foreign origin', () => {
  it('neither gets the token nor can hand one out by Renewed-Access-Token', async () => {
    const foreign = await new FaultProxy('http://127.0.0.1:9').start();
    const renewed = 'Renewed-Access-Token';
    foreign.fault = ({ headers }) => ({
      kind: 'answer',
      status: 200,
      body: '{}',
      headers: {
        'access-control-allow-origin': headers.origin ?? '*',
        'access-control-allow-headers': 'authorization',
        'access-control-expose-headers': renewed,
        [renewed]: 'eyJhbGciOiJub25lIn0.e30.',
      },
    });
    const page = await profile.open();
    await login(page);
    const before = await page.evaluate('session.accessToken()');
    await page.evaluate(`session.fetch("${foreign.url}/")`);
    expect(await page.evaluate('session.accessToken()')).toBe(before);
    expect(foreign.exchanges.filter(({ headers }) => headers.authorization !== undefined)).toEqual([]);
    expect(await cartIn(page)).toBe(200);
    await foreign.stop();
  });
});

describe('a React application in strict mode', () => {
  it('that mounts everything twice shows the session, and makes one request for it', async () => {
    await servePage(
      host,
      `import { StrictMode, useEffect, useState } from 'react';
       import { createRoot } from 'react-dom/client';
       import { useSessionState } from './src/client/react.ts';
       export { createSession } from './src/client/index.ts';
       export const mount = (session) => {
         const Shop = () => {
           const state = useSessionState(session);
           const [cart, setCart] = useState('');
           useEffect(() => { if (state === 'in') session.fetch('/shop/cart').then(async (a) => setCart((await a.json()).sub)); }, [state]);
           return <p id="shop">{state} {cart}</p>;
         };
         const box = document.body.appendChild(document.createElement('div'));
         createRoot(box).render(<StrictMode><Shop /></StrictMode>);
       };`,
    );
    const page = await profile.open();
    const user = newCredentials();
    await page.evaluate('keyturn.mount(session)');
    await page.waitForFunction('document.querySelector("#shop")?.textContent.startsWith("out")');
    await login(page, user);
    await page.waitForFunction(`document.querySelector("#shop").textContent === "in ${user.email}"`);
    host.proxy.exchanges.length = 0;
    await seconds(TTL + 2);
    expect(await cartIn(page)).toBe(200);
    expect(refreshes().length).toBeLessThanOrEqual(2);
    await page.evaluate('session.logout()');
    await page.waitForFunction('document.querySelector("#shop").textContent.startsWith("out")');
    expect(await toldIn(page)).toEqual([]);
  });
});
