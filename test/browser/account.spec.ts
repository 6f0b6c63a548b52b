import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';
import { NEW_PASSWORD, PASSWORD, startAccounts, type Account, type ServiceWithAccounts } from '../support/accounts.js';
import { eventually } from '../support/eventually.js';
import { mailsTo, startMailbox, type Mailbox } from '../support/mailbox.js';
import { startRedis, type RedisServer } from '../support/redis-server.js';
import { letPassInRedis } from '../stores/redis-time-travel.js';
import { openBrowser, type Browser } from './chromium.js';

const AXE = readFileSync(createRequire(import.meta.filename).resolve('axe-core/axe.min.js'), 'utf8');
const TWENTY_MINUTES = 20 * 60_000;

let mailbox: Mailbox;
let redis: RedisServer;
let service: ServiceWithAccounts;
let here: Browser;
let there: Browser;
let account: Account;
/** What the pages have complained of, and whom they asked besides the service. */
const complaints: string[] = [];
/** Whose storage is emptied after each test. */
const origins: string[] = [];

beforeAll(async () => {
  mailbox = await startMailbox();
  redis = await startRedis();
  service = await startAccounts({
    ACCOUNT_PAGE: 'true',
    REDIS_URL: redis.url,
    REFRESH_GRACE: '0s',
    SMTP_URL: mailbox.url,
    MAIL_FROM: 'Shop <accounts@shop.example>',
  });
  origins.push(service.url);
  here = await openBrowser();
  there = await openBrowser();
  for (const { context } of [here, there]) {
    context.on('weberror', (error) => complaints.push(error.error().message));
    context.on('console', (message) => void (message.type() === 'error' && complaints.push(message.text())));
    context.on('request', (request) => {
      if (!request.url().startsWith('data:') && !request.url().startsWith(service.url)) complaints.push(request.url());
    });
  }
});
afterAll(async () => {
  await here?.close();
  await there?.close();
  await service?.stop();
  await redis?.stop();
  await mailbox?.stop();
});
beforeEach(async () => {
  account = await service.account();
  complaints.length = 0;
});
afterEach(async () => {
  for (const { context } of [here, there]) {
    const page = await context.newPage();
    const devtools = await context.newCDPSession(page);
    for (const other of context.pages()) if (other !== page) await other.close();
    for (const origin of origins) await devtools.send('Storage.clearDataForOrigin', { origin, storageTypes: 'all' });
    await context.clearCookies();
  }
});

const open = async ({ context }: Browser = here): Promise<Page> => {
  const page = await context.newPage();
  await page.goto(`${service.url}/account`);
  return page;
};
const heading = (page: Page, name: string) => page.getByRole('heading', { name, exact: true });
const said = (page: Page, words: string | RegExp) => page.getByText(words).waitFor();
const press = (page: Page, name: string | RegExp) => page.getByRole('button', { name, exact: true }).click();

async function fillSignIn(page: Page, { email, password }: Pick<Account, 'email' | 'password'>): Promise<void> {
  await page.getByLabel('E-mail address').fill(email);
  await page.getByLabel('Password').fill(password);
  await press(page, 'Sign in');
}

async function signedIn(of: Account = account, browser = here): Promise<Page> {
  const page = await open(browser);
  await fillSignIn(page, of);
  await heading(page, 'Your devices').waitFor();
  return page;
}

/** As if somebody came back to the page. */
const lookAgain = (page: Page) => page.evaluate('dispatchEvent(new Event("focus"))');

/** What of them is more than what a browser writes of an answer with such a status, which no page can keep it from. */
const faults = (...statuses: number[]) =>
  complaints.filter((text) => !statuses.some((status) => text.includes(`status of ${status}`)));

describe('two tabs of the account page', () => {
  it('are one session: signed in and signed out together', async () => {
    const first = await signedIn();
    const second = await open();
    await heading(second, 'Your devices').waitFor();
    await second.getByText('You are signed in nowhere else.').waitFor();
    await press(first, 'Sign out here');
    await said(first, 'You are signed out.');
    await heading(second, 'Sign in to your account').waitFor();
    await eventually(async () => (await here.context.cookies()).every(({ name }) => name === 'account_device'));
    expect(faults()).toEqual([]);
  });
});

describe('the devices', () => {
  it('are listed, and one that is ended here is out there and told why', async () => {
    const other = await signedIn(account, there);
    const page = await signedIn();
    await page.getByText('This device').waitFor();
    await press(page, /^Sign out Chrome on Linux/);
    await said(page, 'Chrome on Linux is signed out.');
    await page.getByText('Recently signed out (1)').click();
    await said(page, /^Ended from another of your devices/);

    await lookAgain(other);
    await said(other, /^You were signed out: this session was ended from another device/);
    expect(faults(401)).toEqual([]);
  });

  it('are ended all but this one, and all together', async () => {
    const phone = await service.login(account, { device_name: 'Phone' });
    const page = await signedIn();
    await page.getByText('Phone').waitFor();
    await press(page, 'Sign out all other devices');
    await said(page, 'You are signed in nowhere else.');
    expect(await service.told(phone)).toBe('session_revoked');

    const tablet = await service.login(account, { device_name: 'Tablet' });
    await press(page, 'Sign out everywhere');
    await said(page, 'You are signed out on all devices.');
    await eventually(async () => (await service.told(tablet)) === 'session_revoked');
    expect(faults()).toEqual([]);
  });
});

describe('the password', () => {
  it('is changed by who knows it, and signs out all other devices', async () => {
    const phone = await service.login(account);
    const page = await signedIn();
    await page.getByLabel('Current password').fill('wrong horse battery');
    await page.getByLabel('New password').fill(NEW_PASSWORD);
    await press(page, 'Change the password');
    await said(page, 'This is not the password of your account. Try again.');
    expect(await page.getByLabel('Current password').getAttribute('aria-invalid')).toBe('true');

    await page.getByLabel('Current password').fill(PASSWORD);
    await page.getByLabel('New password').fill('password');
    await press(page, 'Change the password');
    await said(page, /This is one of the most common passwords/);

    await page.getByLabel('New password').fill(NEW_PASSWORD);
    await press(page, 'Change the password');
    await said(page, 'Your password is changed, and all other devices are signed out.');
    expect(await service.told(phone)).toBe('session_revoked');
    await page.reload();
    await heading(page, 'Your devices').waitFor();
    expect(await service.told(await service.login({ ...account, password: NEW_PASSWORD }))).toBe('ok');
    expect(faults(400, 401)).toEqual([]);
  });

  it('that is wrong is told at the sign-in, and the right one follows', async () => {
    const page = await open();
    await fillSignIn(page, { ...account, password: 'wrong horse battery' });
    await said(page, 'The e-mail address or the password is wrong. Check both and try again.');
    expect(await page.evaluate('document.activeElement.name')).toBe('password');
    await fillSignIn(page, account);
    await heading(page, 'Your devices').waitFor();
    expect(faults(401)).toEqual([]);
  });

  it('is asked for again before the address changes, where the login is old', async () => {
    const page = await signedIn();
    await letPassInRedis(redis.client, 'kt:', account.id, TWENTY_MINUTES);
    // The token of the page is as young as its login was; the next one is as old as the session is now.
    expect(await page.evaluate(`fetch('auth/refresh', { method: 'POST' }).then(({ status }) => status)`)).toBe(200);
    const email = `new-${account.email}`;
    await page.getByLabel('New e-mail address').fill(email);
    await press(page, 'Send a link to the new address');
    const dialog = page.getByRole('dialog', { name: 'Enter your password again' });
    await dialog.getByLabel('Password').fill('wrong horse battery');
    await dialog.getByRole('button', { name: 'Confirm' }).click();
    await dialog.getByText('This is not the password of your account. Try again.').waitFor();
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await said(page, 'Nothing was changed, because the password was not entered.');
    expect(mailbox.mails.filter(({ to }) => to.includes(email))).toEqual([]);

    await press(page, 'Send a link to the new address');
    await dialog.getByLabel('Password').fill(PASSWORD);
    await page.keyboard.press('Enter');
    await said(page, `A mail with a link is on its way to ${email}.`);
    const [mail] = await mailsTo(mailbox, email, 1);
    await page.goto(mail!.link!.replace('http://localhost:3000', service.url));
    await press(page, 'Confirm');
    await said(page, 'Your e-mail address is confirmed.');
    await page.goto(`${service.url}/account`);
    await page.getByText(email).first().waitFor();
    expect(faults(401)).toEqual([]);
  });

  it('is no matter where the login is young: the address is confirmed by the link in a mail', async () => {
    const page = await signedIn();
    await page.getByText('Not confirmed yet').waitFor();
    await press(page, 'Send a link to confirm it');
    await said(page, `A mail with a link is on its way to ${account.email}.`);
    const [mail] = await mailsTo(mailbox, account.email, 1);
    const other = await here.context.newPage();
    await other.goto(mail!.link!.replace('http://localhost:3000', service.url));
    await press(other, 'Confirm');
    await said(other, 'Your e-mail address is confirmed.');
    await lookAgain(page);
    await page.getByText('Confirmed', { exact: true }).waitFor();
    expect(faults()).toEqual([]);
  });

  it('that was forgotten is set by the link below the form', async () => {
    const page = await open();
    await page.getByRole('link', { name: 'Forgot your password?' }).click();
    await page.getByRole('button', { name: 'Send me a link' }).waitFor();
    expect(page.url()).toBe(`${service.url}/account/reset`);
    expect(faults()).toEqual([]);
  });
});

describe('beside pages of the operator that sign in by cookies', () => {
  let shop: ServiceWithAccounts;
  beforeAll(async () => {
    shop = await startAccounts({
      ACCOUNT_PAGE: 'true',
      AUTH_CLIENTS: '{"web":{"transport":"cookie"}}',
      COOKIE_INSECURE: 'true',
    });
    origins.push(shop.url);
  });
  afterAll(() => shop.stop());
  beforeEach(async () => {
    account = await shop.account();
  });

  /** Signs in on a page of the origin that knows nothing of the account page. @returns the id of the session */
  async function shopSignedIn({ email, password }: Account): Promise<string> {
    const page = await here.context.newPage();
    await page.goto(`${shop.url}/account/verify`);
    const body = JSON.stringify({ email, password, client_id: 'web' });
    return page.evaluate<string>(`fetch('/auth/login', {
      method: 'POST', headers: { 'content-type': 'application/json' }, body: ${JSON.stringify(body)},
    }).then((answer) => answer.json()).then((answer) => answer.session_id)`);
  }
  const openShop = async (): Promise<Page> => {
    const page = await here.context.newPage();
    await page.goto(`${shop.url}/account`);
    return page;
  };
  /** The session of the page, as the service knows it. */
  const sidOf = (page: Page) =>
    page.evaluate<string>(`fetch('auth/me').then((me) => me.json()).then(({ sid }) => sid)`);

  it('uses their session', async () => {
    const sid = await shopSignedIn(account);
    const page = await openShop();
    await page.getByText('You are signed in nowhere else.').waitFor();
    expect(await sidOf(page)).toBe(sid);
  });

  it('uses their session also when its access token is over', async () => {
    const sid = await shopSignedIn(account);
    await shop.admin(`PATCH /admin/users/${account.id}`, { roles: ['buyer'] });
    const page = await openShop();
    await page.getByText('You are signed in nowhere else.').waitFor();
    expect(await sidOf(page)).toBe(sid);
  });

  it('never signs in over it, though the form was open before it began', async () => {
    const page = await openShop();
    await heading(page, 'Sign in to your account').waitFor();
    const sid = await shopSignedIn(account);
    await fillSignIn(page, await shop.account());
    await heading(page, 'Your devices').waitFor();
    await page.getByText(account.email).first().waitFor();
    expect(await sidOf(page)).toBe(sid);
  });

  it('tells why their session ended, before somebody signs in again', async () => {
    const sid = await shopSignedIn(account);
    const page = await openShop();
    await heading(page, 'Your devices').waitFor();
    const { access_token: token } = await shop.login(account);
    await shop.call(`/auth/sessions/${sid}`, { method: 'DELETE', token });
    await lookAgain(page);
    await said(page, /^You were signed out: this session was ended from another device/);
    await fillSignIn(page, account);
    await heading(page, 'Your devices').waitFor();
  });
});

it('shows what there is where no sessions are kept, and ends with the access token', async () => {
  const simple = await startAccounts({ ACCOUNT_PAGE: 'true', AUTH_STRATEGY: 'access' });
  const page = await here.context.newPage();
  await page.goto(`${simple.url}/account`);
  const user = await simple.account();
  await fillSignIn(page, user);
  await heading(page, 'Password').waitFor();
  expect(await heading(page, 'Your devices').count()).toBe(0);
  // Nothing renews a token that is over, here because it says something else than the account.
  await simple.admin(`PATCH /admin/users/${user.id}`, { roles: ['buyer'] });
  await lookAgain(page);
  await said(page, /^You are not signed in any more\. Sign in again\./);
  await fillSignIn(page, user);
  await heading(page, 'Password').waitFor();
  await press(page, 'Sign out everywhere');
  await said(page, 'You are signed out on all devices.');
  await page.close();
  await simple.stop();
});

describe('what goes wrong', () => {
  it('a session that was used from two places is over, and its user is told so', async () => {
    const page = await signedIn();
    const cookie = (await here.context.cookies(`${service.url}/auth/refresh`))
      .map(({ name, value }) => `${name}=${value}`)
      .join('; ');
    const headers = { cookie, 'sec-fetch-site': 'same-origin' };
    const steal = () => service.call('/auth/refresh', { method: 'POST', headers });
    expect((await steal()).status).toBe(200);
    expect((await steal()).body.code).toBe('token_reused');
    await lookAgain(page);
    await said(page, /^You were signed out because this session was used from two places\./);
    await fillSignIn(page, account);
    await page.getByText('Recently signed out (1)').click();
    await said(page, /^Used from two places, so it was ended for your safety/);
    expect(faults(401)).toEqual([]);
  });

  it('a device without network says so, stays signed in, and goes on afterwards', async () => {
    const page = await signedIn();
    await here.context.setOffline(true);
    await said(page, 'The service cannot be reached. Check your connection and try again.');
    await here.context.setOffline(false);
    await page.getByText('The service cannot be reached.').waitFor({ state: 'detached' });
    await heading(page, 'Your devices').waitFor();
  });

  it('a store that is away signs nobody out', async () => {
    const phone = await service.login(account, { device_name: 'Phone' });
    const page = await signedIn();
    redis.pause();
    await press(page, 'Sign out all other devices');
    await said(page, /^The service cannot do this at the moment\. Try again in/);
    redis.resume();
    expect(await service.told(phone)).toBe('ok');
    await page.reload();
    await heading(page, 'Your devices').waitFor();
    expect(faults(503)).toEqual([]);
  });

  it('too many attempts are answered with the time to wait', async () => {
    const limited = await startAccounts({ ACCOUNT_PAGE: 'true', LOGIN_LIMITS: '{"accountSource":"2/15m"}' });
    const page = await here.context.newPage();
    await page.goto(`${limited.url}/account`);
    const { email } = await limited.account();
    for (const password of ['wrong 1 battery', 'wrong 2 battery', 'wrong 3 battery']) {
      await fillSignIn(page, { email, password });
      await said(page, password.includes('3') ? /^Too many attempts\. Try again in \d+ minutes\.$/ : /is wrong/);
    }
    const button = page.getByRole('button', { name: /^Sign in, in \d+ minutes$/ });
    expect(await button.getAttribute('aria-disabled')).toBe('true');
    await page.close();
    await limited.stop();
  });
});

describe('everybody can use it', () => {
  it('with the keyboard alone', async () => {
    await service.login(account, { device_name: 'Phone' });
    const page = await open();
    await heading(page, 'Sign in to your account').waitFor();
    const { keyboard } = page;
    await keyboard.press('Tab');
    await keyboard.type(account.email);
    await keyboard.press('Tab');
    await keyboard.type(account.password);
    await keyboard.press('Enter');
    await heading(page, 'Your devices').waitFor();
    expect(await focused(page)).toBe('Your account');
    await keyboard.press('Tab');
    expect(await focused(page)).toMatch(/^Sign out Phone/);
    await keyboard.press('Enter');
    await said(page, 'Phone is signed out.');
    // When the list has come without the button that was pressed.
    await eventually(async () => (await focused(page)) === 'Your devices');
    for (let steps = 0; (await focused(page)) !== 'Sign out here'; steps++) {
      expect(steps).toBeLessThan(12);
      await keyboard.press('Tab');
    }
    await keyboard.press('Space');
    await said(page, 'You are signed out.');
    expect(await focused(page)).toBe('Sign in to your account');
    expect(faults()).toEqual([]);
  });

  it.each(['light', 'dark'] as const)('whatever they see with: no violation for axe-core, %s', async (colorScheme) => {
    await service.login(account, { device_name: 'Phone' });
    const page = await open();
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await heading(page, 'Sign in to your account').waitFor();
    expect(await violations(page)).toEqual([]);
    await fillSignIn(page, { ...account, password: 'wrong horse battery' });
    await said(page, /is wrong/);
    expect(await violations(page)).toEqual([]);
    await fillSignIn(page, account);
    await press(page, /^Sign out Phone/);
    await page.getByText('Recently signed out (1)').click();
    expect(await violations(page)).toEqual([]);

    await letPassInRedis(redis.client, 'kt:', account.id, TWENTY_MINUTES);
    await page.evaluate(`fetch('auth/refresh', { method: 'POST' }).then(({ status }) => status)`);
    await page.getByLabel('New e-mail address').fill(`new-${account.email}`);
    await press(page, 'Send a link to the new address');
    await page.getByRole('dialog').waitFor();
    expect(await violations(page)).toEqual([]);
    for (const path of ['reset', 'reset#ticket=x', 'verify#ticket=x']) {
      const other = await here.context.newPage();
      await other.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await other.goto(`${service.url}/account/${path}`);
      await other.getByRole('button').waitFor();
      expect(await violations(other)).toEqual([]);
    }
  });

  it('on a narrow screen, without scrolling sideways', async () => {
    const page = await signedIn();
    await page.setViewportSize({ width: 360, height: 640 });
    const [width, all] = await page.evaluate<number[]>('[innerWidth, document.documentElement.scrollWidth]');
    expect(all).toBeLessThanOrEqual(width!);
  });
});

/** The accessible name of what has the focus, as far as these tests need it. */
const focused = (page: Page) =>
  page.evaluate('(({ activeElement: at }) => at.getAttribute("aria-label") || at.textContent)(document)');

/** What axe-core finds, as its rules and the places where they are broken. */
async function violations(page: Page): Promise<unknown> {
  await page.evaluate(AXE);
  return page.evaluate(
    'axe.run().then(({ violations }) => violations.map(({ id, nodes }) => [id, nodes.map(({ failureSummary }) => failureSummary)]))',
  );
}
