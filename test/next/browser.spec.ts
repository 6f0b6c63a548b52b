import type { Page } from 'playwright-core';
import { DEMO_PASSWORD } from '../../examples/shop/users.service.js';
import { openBrowser, type Browser } from '../browser/chromium.js';
import type { Tokens } from './visitor.js';
import { startWorld, watch, type World } from './world.js';

let world: World;
let browser: Browser;
let url: string;
beforeAll(async () => {
  world = await startWorld();
  // Where a cookie may be `Secure` without TLS.
  url = world.next.url.replace('127.0.0.1', 'localhost');
}, 600_000);
afterAll(() => world?.proxy.stop());

const { refreshes, callShop, untilOver } = watch(() => world);
const faults: string[] = [];
beforeEach(async () => {
  browser = await openBrowser();
  faults.length = 0;
  world.proxy.exchanges.length = 0;
});
afterEach(async () => {
  await browser.close();
  expect(faults).toEqual([]);
});

async function open(path: string): Promise<Page> {
  const page = await browser.context.newPage();
  page.on('console', (message) => message.type() === 'error' && faults.push(message.text()));
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('request', (request) => {
    if (new URL(request.url()).hostname !== 'localhost') faults.push(`a request to ${request.url()}`);
  });
  await page.goto(url + path);
  return page;
}
async function signIn(page: Page): Promise<void> {
  await page.getByLabel('E-mail').fill('alan@example.com');
  await page.getByLabel('Password').fill(DEMO_PASSWORD);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByText('Signed in as Alan').waitFor();
}
const cookieOfTokens = async () => (await browser.context.cookies(url)).find(({ name }) => name === 'keyturn-session');
async function tokens(): Promise<Tokens | undefined> {
  const cookie = await cookieOfTokens();
  return cookie && (JSON.parse(decodeURIComponent(cookie.value)) as Tokens);
}
const isOver = async () => untilOver((await tokens())!);
const press = (page: Page, name: string) => page.getByRole('button', { name }).click();

describe('the example in Next.js, in a browser', () => {
  it('keeps somebody signed in through the ends of three tokens, in two tabs at once', async () => {
    const page = await open('/login');
    await signIn(page);
    const tab = await open('/');
    for (const count of [1, 2, 3]) {
      await isOver();
      await Promise.all([press(page, 'Add a teapot'), tab.reload()]);
      await page.getByText(`${count} × teapot`).waitFor();
      await tab.getByText('Signed in as Alan').waitFor();
    }
    expect(refreshes().length).toBeGreaterThanOrEqual(3);
    expect(new Set(refreshes().map(({ status }) => status))).toEqual(new Set([200]));
  });

  it('lets no script of the page read the tokens', async () => {
    const page = await open('/login');
    await signIn(page);
    expect(await page.evaluate('document.cookie')).toBe('');
    expect(await cookieOfTokens()).toMatchObject({ httpOnly: true, secure: true, sameSite: 'Lax' });
    expect(await page.content()).not.toContain((await tokens())!.refresh);
  });

  it('neither refreshes nor asks the shop for a page that is only fetched ahead', async () => {
    await signIn(await open('/login'));
    const page = await open('/about');
    await isOver();
    world.proxy.exchanges.length = 0;
    const isAhead = page.waitForResponse((answer) => answer.request().headers()['next-router-prefetch'] !== undefined);
    await page.evaluate("next.router.prefetch('/?ahead')");
    expect((await isAhead).status()).toBe(200);
    expect(world.proxy.exchanges).toEqual([]);
    await page.getByRole('link', { name: 'Shop' }).click();
    await page.getByText('Signed in as Alan').waitFor();
    expect(refreshes()).toHaveLength(1);
  });

  it('says that the session was ended on another device, and lets its user sign in again', async () => {
    const page = await open('/login');
    await signIn(page);
    const login = { email: 'alan@example.com', password: DEMO_PASSWORD };
    const { access_token: other } = (await (await callShop('/login', login)).json()) as { access_token: string };
    expect((await callShop('/auth/logout-all', {}, other)).status).toBe(204);
    await press(page, 'Add a teapot');
    await page.getByRole('heading', { name: 'You were signed out because it was ended on another device' }).waitFor();
    await page.reload();
    await page.getByRole('heading', { name: 'You were signed out because it was ended on another device' }).waitFor();
    await signIn(page);
  });

  it('says that the session was used from two places, when a thief came with a spent token', async () => {
    const page = await open('/login');
    await signIn(page);
    const { refresh: spent } = (await tokens())!;
    await isOver();
    await page.reload();
    const theft = await callShop('/auth/refresh', { refresh_token: spent });
    expect(await theft.json()).toMatchObject({ code: 'token_reused' });
    await page.reload();
    await page.getByRole('heading', { name: 'this session was used from two places' }).waitFor();
    await isOver();
    await page.reload();
    await page.getByRole('heading', { name: 'this session was used from two places' }).waitFor();
  });

  it('signs out in all tabs, and shows nothing of it on the way back', async () => {
    const page = await open('/login');
    await signIn(page);
    const tab = await open('/');
    await isOver();
    await press(page, 'Sign out');
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    expect(await tokens()).toBeUndefined();
    await page.goBack();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    expect(await page.content()).not.toContain('Alan');
    await press(tab, 'Add a teapot');
    await tab.getByRole('heading', { name: 'Sign in' }).waitFor();
  });
});
