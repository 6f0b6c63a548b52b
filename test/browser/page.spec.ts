import type { Page } from 'playwright-core';
import { newCredentials, startClientHost, type ClientHost } from '../support/client-host.js';
import { openProfile, servePage, type Profile } from './chromium.js';

const TTL = 10;
const NO_MESSAGES = 'BroadcastChannel = undefined;';

let host: ClientHost;
let profile: Profile;
const user = newCredentials();
beforeEach(async () => {
  host = await startClientHost({ grace: '0s', accessTtl: `${TTL}s` }, true);
  await servePage(host);
  profile = await openProfile(host);
});
afterEach(async () => {
  await profile.close();
  await host.close();
});

const seconds = (count: number) => new Promise((resolve) => setTimeout(resolve, count * 1000));
const login = (page: Page) => page.evaluate(`session.login(${JSON.stringify(user)})`);
const cartIn = (page: Page) => page.evaluate<number>('session.fetch("/shop/cart").then((answer) => answer.status)');
const isIn = (page: Page) => page.waitForFunction('session.state === "in"');

describe('the database of a page', () => {
  it('may be closed by the browser at any time: the session is stored all the same', async () => {
    const page = await profile.open(
      {},
      `const { open } = IDBFactory.prototype;
      databases = [];
      IDBFactory.prototype.open = function (name) {
        const request = open.call(this, name);
        request.addEventListener('success', () => databases.push(request.result));
        return request;
      };`,
    );
    await login(page);
    await page.evaluate('databases.forEach((database) => database.close())');
    for (let count = 0; count < 2; count++) {
      await seconds(TTL + 1);
      expect(await cartIn(page)).toBe(200);
    }
    const next = await profile.open();
    expect(await cartIn(next)).toBe(200);
    expect([await page.evaluate('told'), await next.evaluate('told')]).toEqual([[], []]);
  });

  it('may be busy longer than an opening tab waits for it: all tabs are signed in, and so is the next visit', async () => {
    const page = await profile.open();
    await login(page);
    await page.evaluate(`new Promise((resolve) => {
      indexedDB.open('keyturn').onsuccess = ({ target }) => {
        const store = target.result.transaction('keyturn', 'readwrite').objectStore('keyturn');
        isBusy = true;
        const turn = () => (store.get('x').onsuccess = () => isBusy && turn());
        turn();
        resolve();
      };
    })`);
    const late = await profile.open();
    await late.waitForFunction('told.length');
    await page.evaluate('isBusy = false');
    await isIn(late);
    expect(await late.evaluate('told')).toEqual([['error', 'storage_failed']]);
    expect(await cartIn(page)).toBe(200);
    const next = await profile.open();
    await isIn(next);
    expect(await next.evaluate('told')).toEqual([]);
  });
});

describe('a page of a session', () => {
  it('resolves addresses as the page does, also by <base href>', async () => {
    const page = await profile.open();
    await page.evaluate(`document.head.insertAdjacentHTML('afterbegin', '<base href="/app/">')`);
    await page.evaluate('session.fetch("api/cart")');
    expect(host.proxy.exchanges.at(-1)!.path).toBe('/app/api/cart');
  });

  it('shows nothing while the browser keeps it for "back", whatever its own styles say', async () => {
    const page = await profile.open();
    await login(page);
    const shown = `['plain', 'visible', 'dialog'].map((id) => document.getElementById(id).checkVisibility({
      opacityProperty: true, visibilityProperty: true,
    }))`;
    await page.evaluate(`document.body.insertAdjacentHTML('beforeend', \`
      <style>* { transition: all 9s }</style>
      <p id="plain">a secret</p>
      <p style="visibility: visible"><b id="visible">a secret</b></p>
      <dialog id="dialog">a secret</dialog>\`);
      document.getElementById('dialog').showModal();`);
    const told = (name: string) =>
      page.evaluate(`dispatchEvent(new PageTransitionEvent('${name}', { persisted: true }))`);
    await told('pagehide');
    expect(await page.evaluate(shown)).toEqual([false, false, false]);
    await told('pageshow');
    await page.waitForFunction(`document.documentElement.style.visibility === ''`);
    await page.evaluate('document.querySelector("style").remove()');
    expect(await page.evaluate(shown)).toEqual([true, true, true]);
  });

  it('looks when its window gets the focus, since a device that slept gives a window in sight no other event', async () => {
    const page = await profile.open({}, NO_MESSAGES);
    await login(page);
    const other = await profile.open({}, NO_MESSAGES);
    await isIn(other);
    await other.evaluate('session.logout()');
    expect(await page.evaluate('session.state')).toBe('in');
    await page.evaluate('dispatchEvent(new Event("focus"))');
    await page.waitForFunction('session.state === "out"');
  });
});
