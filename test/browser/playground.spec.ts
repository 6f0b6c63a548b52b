import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { buildPages } from '../../scripts/build-pages.mjs';
import { STORIES } from '../../src/pages/playground/play/stories.js';
import { eventually } from '../support/eventually.js';
import { startService, type RunningService } from '../support/service.js';
import { openBrowser, type Browser } from './chromium.js';
import { violationsOf, watchedPage, type WatchedPage } from './watched-page.js';

let pages: string;
let service: RunningService;
let browser: Browser;
let origin: string;
let watched: WatchedPage;
let page: Page;

beforeAll(async () => {
  pages = await mkdtemp(join(tmpdir(), 'keyturn-pages-'));
  await buildPages(pages);
  service = await startService({}, { pages });
  origin = service.url.replace('127.0.0.1', 'localhost');
  browser = await openBrowser();
  await browser.context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin });
});
afterAll(async () => {
  await browser?.close();
  await service?.stop();
  await rm(pages, { recursive: true, force: true });
});
beforeEach(async () => {
  watched = await watchedPage(browser.context, origin);
  ({ page } = watched);
  // Without it, steps come at a pace for eyes.
  await page.emulateMedia({ reducedMotion: 'reduce' });
});
afterEach(() => page.close());

const isOver = (): Promise<void> => page.locator('#stories .promise.kept').waitFor();
const openStory = async (id: string): Promise<void> => {
  await page.goto(`${origin}/#story=${id}`);
  await isOver();
};
const actor = (name: string) => page.locator('.actor').filter({ has: page.getByText(name, { exact: true }) });

/** What the page shows when a story has come to the end that it promises. */
const ENDS: Readonly<Record<string, () => Promise<void>>> = {
  tabs: async () => {
    await actor('Tab A').getByText('token 2').waitFor();
    await actor('Tab B').getByText('token 1').waitFor();
    expect(await page.locator('.dot.same').count()).toBe(1);
    expect(await page.locator('.dot.refused').count()).toBe(0);
  },
  lost: async () => {
    await actor('Phone').getByText('token 1').waitFor();
    await page.locator('.dot.same').click();
    await page.locator('#detail').getByText('by the same attempt (Idempotency-Key)').waitFor();
  },
  thief: async () => {
    await actor('Tab A').getByText('token_reused', { exact: true }).waitFor();
    await actor('Tab A').getByText('A refresh token was used twice').waitFor();
    await page.locator('.dot.thief.refused').click();
    await page.locator('#detail').getByText('its successor is 5 min old: somebody has a copy').waitFor();
    await page.locator('#devices').getByText('Nobody is signed in.').waitFor();
  },
  password: async () => {
    await actor('Phone').getByText('session_revoked', { exact: true }).waitFor();
    await actor('Tab A').getByText('token 0').waitFor();
    expect(await page.locator('#devices li').count()).toBe(1);
  },
  revoke: async () => {
    await actor('Tab A').getByText('session_revoked', { exact: true }).waitFor();
    await actor('Phone').getByText('token 0').waitFor();
    expect(await page.locator('#devices li').count()).toBe(1);
  },
};

describe('a story', () => {
  it.each(STORIES.map(({ id }) => id))('%s comes to the end that it promises, by real exchanges', async (id) => {
    const answered = new Set<string | undefined>();
    page.on('response', (response) => answered.add(response.headers()['request-id']));
    await openStory(id);
    await ENDS[id]!();
    const dots = await page.locator('.dot').all();
    expect(dots.length).toBeGreaterThan(2);
    for (const dot of dots) {
      // Of an answer that was lost, the browser has no header.
      if ((await dot.getAttribute('class'))!.includes('lost')) continue;
      expect([...answered]).toContain(await dot.getAttribute('data-request'));
    }
    expect(watched.complaints).toEqual([]);
  });

  it('gives a request as curl that can be sent, and a test', async () => {
    await openStory('thief');
    await page.locator('.dot.thief.refused').click();
    await page.getByRole('button', { name: 'Copy as curl' }).click();
    await page.getByText('Copied: the request as curl.').first().waitFor();
    const line = await page.evaluate<string>('navigator.clipboard.readText()');
    expect(line).toContain('/thief/auth/refresh');
    await page.getByRole('button', { name: 'Copy as a test' }).click();
    await page.getByText('Copied: a Nest test.').first().waitFor();
    expect(await page.evaluate<string>('navigator.clipboard.readText()')).toContain("code: 'token_reused'");
  });

  it('can be the reader’s own, step by step, and its link plays it again', async () => {
    await page.goto(`${origin}/#steps=`);
    await actor('Phone').getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('button', { name: '+15 days' }).click();
    await actor('Phone').getByRole('button', { name: 'Ask for the cart' }).click();
    await actor('Phone').getByText('session_ended', { exact: true }).waitFor();
    expect(new URL(page.url()).hash).toBe('#steps=phone.sign-in,wait.15d,phone.use');
    const link = page.url();
    await page.goto('about:blank');
    await page.goto(link);
    await actor('Phone').getByText('session_ended', { exact: true }).waitFor();
    expect(watched.complaints).toEqual([]);
  });

  it('is played with another policy, which means what policyReport() says', async () => {
    await openStory('tabs');
    const grace = page.getByLabel('grace: a used refresh token still gets its successor');
    await grace.focus();
    for (let stop = 0; stop < 5; stop++) await page.keyboard.press('ArrowLeft');
    await page.locator('#policy').getByText('at no time').waitFor();
    await page.getByRole('button', { name: 'Play the story with this policy' }).click();
    await page.getByText('grace 0s').waitFor();
    await isOver();
    // In strict mode the second tab looks like a thief.
    await actor('Tab A').getByText('token_reused', { exact: true }).waitFor();
  });
});

describe('the page', () => {
  it.each(['light', 'dark'] as const)('has no violations of axe-core in %s', async (colorScheme) => {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await openStory('thief');
    await page.locator('.dot.thief.refused').click();
    expect(await violationsOf(page)).toEqual([]);
    await page.getByRole('tab', { name: 'Your service' }).click();
    expect(await violationsOf(page)).toEqual([]);
  });

  it('is used by keyboard alone: a story, a dot, what it opens, and the other tab', async () => {
    await page.goto(`${origin}/#story=tabs`);
    await isOver();
    const focused = () => page.evaluate<string>('document.activeElement.textContent');
    const tabTo = async (text: string): Promise<void> => {
      for (let press = 0; press < 60; press++) {
        await page.keyboard.press('Tab');
        if ((await focused()) === text) return;
      }
      throw new Error(`The keyboard does not reach "${text}".`);
    };
    await tabTo('A thief replays');
    await page.keyboard.press('Enter');
    await page.locator('#stories h2').getByText('A thief replays').waitFor();
    await isOver();
    expect(await focused()).toBe('A thief replays');
    await tabTo('0 sign in');
    await page.keyboard.press('ArrowRight');
    expect(await focused()).toBe('1 refresh');
    await page.keyboard.press('Enter');
    await page.locator('#detail').getByText('advances from token 0 to token 1').waitFor();
    expect(await focused()).toBe('1 refresh');
    await tabTo('Close');
    await page.keyboard.press('Enter');
    await page.locator('#detail').waitFor({ state: 'hidden' });
    await page.getByRole('tab', { name: 'Stories' }).focus();
    await page.keyboard.press('ArrowRight');
    await page.getByLabel('E-mail address').waitFor();
  });

  it('fits a screen of 360 px, where only the timeline is scrolled', async () => {
    await page.setViewportSize({ width: 360, height: 740 });
    await openStory('password');
    expect(await page.evaluate<number>('document.documentElement.scrollWidth')).toBe(360);
    expect(await violationsOf(page)).toEqual([]);
  });

  it('can be scrolled by keyboard where nothing but time has passed, so that there is no dot to go to', async () => {
    await page.setViewportSize({ width: 360, height: 740 });
    await page.goto(`${origin}/#steps=${Array.from({ length: 12 }, () => 'wait.20m').join()}`);
    await page.locator('.scroll').waitFor();
    const width = (of: string): Promise<number> => page.evaluate(`document.querySelector('.scroll').${of}`);
    await eventually(async () => (await width('scrollWidth')) > (await width('clientWidth')));
    expect(await violationsOf(page)).toEqual([]);
  });

  it('signs in to the service itself, as any user would', async () => {
    await page.goto(`${origin}/`);
    await page.getByRole('tab', { name: 'Your service' }).click();
    await page.getByLabel('E-mail address').fill(`reader-${Date.now()}@example.com`);
    await page.getByLabel('Password').fill('a long enough pass phrase');
    await page.getByRole('button', { name: 'Make an account' }).click();
    await page.getByText('The account is made, and you are signed in.').waitFor();
    const yours = page.locator('#yours');
    await yours.getByText('Refresh token').waitFor();
    await yours.getByRole('button', { name: 'Refresh' }).click();
    await yours.getByText('A new access token, and the next refresh token.').waitFor();
    expect(await yours.locator('dd.new').allInnerTexts()).toContainEqual(expect.stringMatching(/^1/));
    await yours.getByRole('button', { name: 'Renew' }).click();
    // It is too new for that, and the service says so.
    await yours.getByText(/POST \/auth\/renew → 409/).waitFor();
    // Nothing is new since the refresh, whose marks stay.
    expect(await yours.locator('dd.new').allInnerTexts()).toContainEqual(expect.stringMatching(/^1/));
    await yours.getByRole('button', { name: 'Devices' }).click();
    await yours.getByText('this one').waitFor();
    expect(await violationsOf(page)).toEqual([]);
    await yours.getByRole('button', { name: 'Log out' }).click();
    await yours.getByRole('button', { name: 'Sign in' }).waitFor();
    expect(watched.complaints).toEqual([]);
  });
});

describe('a page of somebody else', () => {
  let attacker: Server;
  let foreign: string;
  beforeAll(async () => {
    attacker = createServer((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>evil</title>');
    });
    await new Promise<void>((resolve) => attacker.listen(0, '127.0.0.1', resolve));
    foreign = `http://localhost:${(attacker.address() as AddressInfo).port}`;
  });
  afterAll(() => attacker.close());

  it('can neither frame the playground, nor read it, nor drive it', async () => {
    const evil = await browser.context.newPage();
    await evil.goto(foreign);
    const framed = await evil.evaluate(`new Promise((resolve) => {
      const frame = document.body.appendChild(document.createElement('iframe'));
      frame.onload = () => { try { resolve(frame.contentDocument?.body?.innerText ?? 'blocked'); } catch { resolve('blocked'); } };
      frame.src = '${origin}/';
    })`);
    expect(framed).toBe('blocked');
    expect(evil.frames().map((frame) => frame.url())).not.toContain(`${origin}/`);

    const read = (path: string, init = '{}') =>
      evil.evaluate(
        `fetch('${origin}${path}', ${init}).then((answer) => answer.status + answer.type, () => 'refused')`,
      );
    expect(await read('/')).toBe('refused');
    expect(await read('/playground/policy')).toBe('refused');
    expect(await read('/playground/worlds', "{ method: 'POST' }")).toBe('refused');

    let worlds = 0;
    evil.on('response', (response) => (worlds += response.status() === 201 ? 1 : 0));
    await read('/playground/worlds', "{ method: 'POST', mode: 'no-cors', body: '{}' }");
    await evil
      .evaluate(
        `new Promise((resolve) => {
      const script = document.createElement('script');
      script.src = '${origin}/playground/playground.js';
      script.onerror = () => resolve('refused');
      script.onload = () => resolve('run');
      document.head.append(script);
    })`,
      )
      .then((told) => expect(told).toBe('refused'));
    expect(worlds).toBe(0);

    const [opened] = await Promise.all([
      evil.waitForEvent('popup'),
      evil.evaluate(`void (window.opened = window.open('${origin}/#story=tabs'))`),
    ]);
    await opened.locator('#stories .promise.kept').waitFor();
    // Another browsing context group: the opener has a window that is closed, and nothing to steer.
    expect(await evil.evaluate('window.opened.closed')).toBe(true);
    expect(await opened.evaluate('window.opener')).toBeNull();
    await opened.close();
    await evil.close();
  });
});

describe('when the service stops', () => {
  it('the page says so', async () => {
    const own = await startService({}, { pages });
    const address = own.url.replace('127.0.0.1', 'localhost');
    await page.goto(`${address}/#story=tabs`);
    await isOver();
    await own.stop();
    await page.getByText('The service has stopped.').waitFor();
  });
});
