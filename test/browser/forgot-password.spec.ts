import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type BrowserContext, type Page } from 'playwright-core';
import { toolPath } from '../../scripts/system-tools.mjs';
import {
  NEW_PASSWORD,
  startAccounts,
  type Account,
  type ServiceWithAccounts,
  type Tokens,
} from '../support/accounts.js';
import { mailsTo, startMailbox, type Mailbox } from '../support/mailbox.js';

const FLAGS = '--headless --no-sandbox --disable-gpu --no-first-run --disable-background-networking --disable-sync';
const ISSUER = 'http://localhost:3000';

let mailbox: Mailbox;
let service: ServiceWithAccounts;
let folder: string;
let context: BrowserContext;
let account: Account;
let devices: Tokens[];
/** Pages that the browser would have blocked, and what they asked for elsewhere. */
const complaints: string[] = [];

beforeAll(async () => {
  mailbox = await startMailbox();
  const mails = { SMTP_URL: mailbox.url, MAIL_FROM: 'Shop <accounts@shop.example>' };
  service = await startAccounts({ ...mails, ACCOUNT_PAGE: 'true' });
  folder = await mkdtemp(join(tmpdir(), 'keyturn-chromium-'));
  context = await chromium.launchPersistentContext(folder, {
    executablePath: toolPath('chromium'),
    args: FLAGS.split(' '),
  });
  context.on('console', (message) => void (message.type() === 'error' && complaints.push(message.text())));
  context.on('request', (request) => {
    if (!request.url().startsWith(service.url) && !request.url().startsWith('data:')) complaints.push(request.url());
  });
});
afterAll(async () => {
  await context.close();
  await service.stop();
  await mailbox.stop();
  await rm(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  account = await service.account();
  devices = [await service.login(account), await service.login(account)];
  complaints.length = 0;
});

const open = async (url: string): Promise<Page> => {
  const page = await context.newPage();
  await page.goto(url);
  return page;
};
/** The link of the newest mail, to where this service really is. */
const linkTo = async (address: string, count = 1) =>
  (await mailsTo(mailbox, address, count)).at(-1)!.link!.replace(ISSUER, service.url);
const said = (page: Page, words: string) => page.getByText(words).waitFor();

describe('somebody who forgot the password', () => {
  it('gets from "forgot" to signed in, and all other devices are out', async () => {
    const forgot = await open(`${service.url}/account/reset`);
    await forgot.getByLabel('E-mail address').fill(account.email);
    await forgot.getByRole('button', { name: 'Send me a link' }).click();
    await said(forgot, 'a mail with a link is on its way');

    const page = await open(await linkTo(account.email));
    await page.getByLabel('New password').waitFor();
    expect(page.url()).toBe(`${service.url}/account/reset`);
    await page.getByLabel('New password').fill(NEW_PASSWORD);
    await page.getByRole('button', { name: 'Set the password' }).click();
    await said(page, 'Your new password is set');

    const body = JSON.stringify({ email: account.email, password: NEW_PASSWORD });
    const status = await page.evaluate(`fetch('/auth/login', {
      method: 'POST', headers: { 'content-type': 'application/json' }, body: ${JSON.stringify(body)},
    }).then((answer) => answer.status)`);
    expect(status).toBe(200);
    for (const device of devices) {
      expect(await service.told(device)).toBe('session_revoked');
      expect(await service.toldAtRefresh(device)).toBe('session_revoked');
    }
    expect(complaints).toEqual([]);
  });

  it('is not harmed by a scanner that opens the link first and runs its scripts', async () => {
    const call = { body: { email: account.email } };
    await service.call('/auth/password-reset/request', call);
    const link = await linkTo(account.email);
    const scanner = await open(link);
    await scanner.getByLabel('New password').waitFor();
    await scanner.close();
    expect(await service.told(devices[0]!)).toBe('ok');

    const page = await open(link);
    await page.getByLabel('New password').fill(NEW_PASSWORD);
    await page.getByRole('button', { name: 'Set the password' }).click();
    await said(page, 'Your new password is set');
  });

  it('is told what is wrong with a password, and can choose another one with the same ticket', async () => {
    await service.call('/auth/password-reset/request', { body: { email: account.email } });
    const page = await open(await linkTo(account.email));
    await page.getByLabel('New password').fill('password');
    await page.getByRole('button', { name: 'Set the password' }).click();
    await said(page, 'This is one of the most common passwords');
    await page.getByLabel('New password').fill(NEW_PASSWORD);
    await page.getByRole('button', { name: 'Set the password' }).click();
    await said(page, 'Your new password is set');
  });

  it('sees that a link was used already, and what to do: it knows of no ticket, and took the answer for a success', async () => {
    await service.call('/auth/password-reset/request', { body: { email: account.email } });
    const link = await linkTo(account.email);
    const tint = (page: Page) => page.evaluate('getComputedStyle(document.getElementById("said")).backgroundColor');
    const set = async (page: Page): Promise<void> => {
      await page.getByLabel('New password').fill(NEW_PASSWORD);
      await page.getByRole('button', { name: 'Set the password' }).click();
    };
    const [first, second] = [await open(link), await open(link)];
    await set(first);
    await said(first, 'Your new password is set');
    await set(second);
    await said(second, 'This link was used already, or is too old. Ask for a new one.');

    expect(await tint(second)).not.toBe(await tint(first));
  });

  it('asks for another link where the first one is spent: a form that can only fail again was all there was', async () => {
    await service.call('/auth/password-reset/request', { body: { email: account.email } });
    const page = await open(await linkTo(account.email));
    await service.call('/auth/password-reset/request', { body: { email: account.email } });
    const newer = await linkTo(account.email, 2);
    await page.getByLabel('New password').fill(NEW_PASSWORD);
    await page.getByRole('button', { name: 'Set the password' }).click();
    await said(page, 'This link was used already, or is too old. Ask for a new one.');
    expect(await page.getByLabel('New password').isVisible()).toBe(false);
    await page.getByLabel('E-mail address').fill(account.email);
    await page.getByRole('button', { name: 'Send me a link' }).click();
    await said(page, 'a mail with a link is on its way');
    expect(await linkTo(account.email, 3)).not.toBe(newer);
  });

  it('goes on to the page of the account, where the service has one', async () => {
    await service.call('/auth/password-reset/request', { body: { email: account.email } });
    const page = await open(await linkTo(account.email));
    const onward = page.getByRole('link', { name: 'Go to your account' });
    await page.getByLabel('New password').fill(NEW_PASSWORD);
    expect(await onward.isVisible()).toBe(false);
    await page.getByRole('button', { name: 'Set the password' }).click();
    await onward.click();
    await page.getByRole('button', { name: 'Sign in' }).waitFor();
    expect(page.url()).toBe(`${service.url}/account`);
  });
});

describe('somebody with a new address', () => {
  it('confirms it by a press of a button, and not by opening the page', async () => {
    const email = `new-${account.email}`;
    const { access_token: token } = devices[0]!;
    await service.call('/auth/email/change', { body: { new_email: email }, token });
    const page = await open(await linkTo(email));
    const confirm = page.getByRole('button', { name: 'Confirm' });
    await confirm.waitFor();
    expect(page.url()).toBe(`${service.url}/account/verify`);
    expect(await service.told(await service.login(account))).toBe('ok');
    await confirm.click();
    await said(page, 'Your e-mail address is confirmed.');
    expect(await service.told(await service.login({ ...account, email }))).toBe('ok');
  });

  it('reads a title whose words are whole on the screen of a phone', async () => {
    const page = await open(`${service.url}/account/verify`);
    await page.setViewportSize({ width: 360, height: 640 });
    const lines = await page.evaluate<number[]>(`(() => {
      const text = document.querySelector('h1').firstChild;
      return [...text.data.matchAll(/\\S+/g)].map(({ index, 0: word }) => {
        const range = document.createRange();
        range.setStart(text, index);
        range.setEnd(text, index + word.length);
        return range.getClientRects().length;
      });
    })()`);
    expect(lines).toEqual([1, 1, 1, 1]);
  });
});
