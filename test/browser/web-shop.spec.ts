import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import type { INestApplication } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import type { Page } from 'playwright-core';
import { InMemoryTokenRepositoryModule, SessionService } from '../../src/index.js';
import { KeyturnTestingModule } from '../../src/testing/index.js';
import { ShopModule } from '../../examples/shop/shop.module.js';
import { DEMO_PASSWORD, demoUsers, UsersService } from '../../examples/shop/users.service.js';
import { root } from '../support/source-imports.js';
import { openBrowser, type Browser } from './chromium.js';

const WEB = `${root}/examples/web`;

let shop: INestApplication;
let keyturn: KeyturnTestingModule;
let vite: ChildProcess;
let url: string;
let browser: Browser;

beforeAll(async () => {
  if (!existsSync(`${WEB}/node_modules`))
    spawnSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd: WEB, stdio: 'inherit' });
  const builder = Test.createTestingModule({ imports: [ShopModule.forRoot(InMemoryTokenRepositoryModule.forRoot())] })
    .overrideProvider(UsersService)
    .useValue(new UsersService(await demoUsers()));
  keyturn = KeyturnTestingModule.replaceStore(builder);
  shop = (await builder.compile()).createNestApplication({ logger: false });
  await shop.listen(0, '127.0.0.1');
  const { port } = (shop.getHttpServer() as { address(): AddressInfo }).address();
  vite = spawn(process.execPath, ['node_modules/vite/bin/vite.js', '--port', '0', '--clearScreen', 'false'], {
    cwd: WEB,
    env: { ...process.env, SHOP_URL: `http://127.0.0.1:${port}`, NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  url = await new Promise<string>((resolve, reject) => {
    let told = '';
    vite.stdout!.on('data', (chunk: Buffer) => {
      told += chunk.toString();
      const [, address] = /Local:\s+(http:\S+)/.exec(told) ?? [];
      if (address) resolve(address);
    });
    vite.once('exit', () => reject(new Error(`Vite ended: ${told}`)));
  });
  browser = await openBrowser();
});
afterAll(async () => {
  await browser?.close();
  if (vite && vite.exitCode === null) {
    vite.kill();
    await once(vite, 'exit');
  }
  await shop?.close();
});

const faults: string[] = [];
async function open(): Promise<Page> {
  const page = await browser.context.newPage();
  page.on('console', (message) => message.type() === 'error' && faults.push(message.text()));
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('request', (request) => {
    if (new URL(request.url()).hostname !== 'localhost') faults.push(`a request to ${request.url()}`);
  });
  await page.goto(url);
  return page;
}

describe.each(['body', 'cookie'])('the example shop, with tokens by %s', (transport) => {
  it('lets a customer sign in, share it with a tab, write, pay with the password given again, and sign out', async () => {
    const page = await open();
    const box = page.locator(`#${transport}`);
    await box.getByLabel('Password').fill(DEMO_PASSWORD);
    await box.getByRole('button', { name: 'Sign in' }).click();
    await box.getByRole('button', { name: 'Add a teapot' }).click();
    await box.getByText('1 × teapot').waitFor();

    const tab = await open();
    await tab.locator(`#${transport}`).getByText('1 × teapot').waitFor();

    keyturn.advance('6m');
    await box.getByLabel('Your review of the teapot').fill('Pours well.');
    await box.getByRole('button', { name: 'Pay' }).click();
    await box.getByPlaceholder('Password').fill(DEMO_PASSWORD);
    await box.getByRole('button', { name: 'Confirm' }).click();
    await box.getByText(/Paid: order \d+/).waitFor();
    expect(await box.getByLabel('Your review of the teapot').inputValue()).toBe('Pours well.');

    await tab.locator(`#${transport}`).getByRole('button', { name: 'Sign out', exact: true }).click();
    await box.getByRole('button', { name: 'Sign in' }).waitFor();
    await page.close();
    await tab.close();
    // What the browser writes of an answer with status 401 is no fault of the page.
    expect(faults.filter((text) => !text.includes('401'))).toEqual([]);
  });

  it('says why somebody was signed out, and keeps what was being written', async () => {
    const page = await open();
    const box = page.locator(`#${transport}`);
    await box.getByLabel('Password').fill(DEMO_PASSWORD);
    await box.getByRole('button', { name: 'Sign in' }).click();
    await box.getByText('In the cart').waitFor();
    const review = box.getByLabel('Your review of the teapot');
    await review.pressSequentially('Half a sentence');
    const sessions = shop.get(SessionService, { strict: false });
    for (const { sid } of await sessions.list('u1')) await sessions.revoke('u1', sid);
    await box.getByRole('button', { name: 'Add a teapot' }).click();
    await box.getByText('You were signed out').waitFor();
    await box.getByLabel('Password').fill(DEMO_PASSWORD);
    await box.getByRole('button', { name: 'Sign in' }).click();
    expect(await review.inputValue()).toContain('Half a sentence');
    await box.getByRole('button', { name: 'Sign out', exact: true }).click();
    await page.close();
  });
});
