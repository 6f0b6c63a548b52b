import { once } from 'node:events';
import type { RequestListener } from 'node:http';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { buildPages } from '../../scripts/build-pages.mjs';
import { generateKeys } from '../../src/index.js';
import { makeCertificates, type Certificates } from '../support/certificates.js';
import { eventually } from '../support/eventually.js';
import { passTo } from '../support/front-door.js';
import { freePort, startRedis, type RedisServer } from '../support/redis-server.js';
import { call } from '../support/service.js';
import { buildService, removeBuild, runService, type ServiceProcess } from '../support/service-process.js';
import { root } from '../support/source-imports.js';
import { openBrowser, type Browser } from './chromium.js';

const NAMES = ['auth.shop.example', 'evil.shop.example', 'evil.example'];
const VICTIM = { email: 'ada@shop.example', password: 'correct horse battery' };
const ATTACKER = { email: 'eve@evil.example', password: 'another horse battery' };

/** The service as it runs in production: a process of its own, behind a proxy that ends TLS. */
let certificates: Certificates;
let redis: RedisServer;
let service: ServiceProcess;
let browser: Browser;
let victim: Page;
const servers: Server[] = [];
let origin: string;
/** Of an origin on the same site, whose requests carry cookies with `SameSite=Strict`; and of one on another site. */
let evil: Readonly<Record<'same site' | 'other site', string>>;

async function serve(port: number, answer: RequestListener): Promise<number> {
  const tls = { cert: readFileSync(certificates.cert), key: readFileSync(certificates.key) };
  const server = createServer(tls, answer).listen(port, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

beforeAll(async () => {
  certificates = makeCertificates(NAMES.map((name) => `DNS:${name}`).join(','));
  // Where main.js looks for them.
  await Promise.all([buildService(), buildPages(join(root, '.cache', 'pages'))]);
  redis = await startRedis();
  const port = await freePort();
  origin = `https://auth.shop.example:${port}`;
  service = await runService({
    NODE_ENV: 'production',
    HOST: '127.0.0.1',
    TRUST_PROXY: '127.0.0.1',
    AUTH_ISSUER: origin,
    AUTH_KEYS: JSON.stringify(generateKeys()),
    REDIS_URL: redis.url,
    ACCOUNT_PAGE: 'true',
    REGISTRATION: 'open',
    ALLOW_IN_PRODUCTION: 'open-registration',
  });
  for (const body of [VICTIM, ATTACKER]) await call(`${service.url}/auth/register`, { body });
  await serve(port, passTo(service.url));
  const evilPort = await serve(0, (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>evil</title><body>');
  });
  evil = { 'same site': `https://evil.shop.example:${evilPort}`, 'other site': `https://evil.example:${evilPort}` };
  browser = await openBrowser(NAMES);
  victim = await browser.context.newPage();
  await victim.goto(`${origin}/account`);
  await victim.getByLabel('E-mail address').fill(VICTIM.email);
  await victim.getByLabel('Password').fill(VICTIM.password);
  await victim.getByRole('button', { name: 'Sign in' }).click();
  await victim.getByRole('heading', { name: 'Your devices' }).waitFor();
});
afterAll(async () => {
  await browser?.close();
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
  await service?.kill();
  await redis?.stop();
  await removeBuild();
  certificates.remove();
});

/** That the victim is signed in as before, at the service and on the page. */
async function expectUnharmed(): Promise<void> {
  await victim.reload();
  await victim.getByRole('heading', { name: 'Your devices' }).waitFor();
  await victim.getByText(VICTIM.email).first().waitFor();
}

it('keeps its tokens in cookies that no script reads, no other host sets and no other site sends', async () => {
  const cookies = await browser.context.cookies(`${origin}/auth/refresh`);
  expect(cookies.map(({ name }) => name).toSorted()).toEqual([
    '__Host-account_access_token',
    '__Host-account_device',
    '__Secure-account_refresh_token',
  ]);
  for (const cookie of cookies) expect(cookie).toMatchObject({ httpOnly: true, secure: true, sameSite: 'Strict' });
  expect(await victim.evaluate('document.cookie')).toBe('');
  // Sends mails by nobody, so it offers none.
  expect(await victim.getByRole('heading', { name: 'E-mail address' }).count()).toBe(0);
});

describe.each(['same site', 'other site'] as const)('a page of the %s', (site) => {
  let page: Page;
  beforeEach(async () => {
    page = await browser.context.newPage();
    await page.goto(evil[site]);
  });
  afterEach(() => page.close());

  it('cannot frame it', async () => {
    await page.evaluate(`new Promise((resolve) => {
      const frame = document.createElement('iframe');
      frame.src = '${origin}/account';
      frame.onload = resolve;
      document.body.append(frame);
    })`);
    const frame = page.frames()[1]!;
    await eventually(() => frame.url() !== '');
    expect(frame.url()).toBe('chrome-error://chromewebdata/');
    expect(await frame.getByRole('heading').count()).toBe(0);
  });

  it.each(['/account', '/auth/me', '/auth/sessions', '/auth/sessions/ended'])('cannot read %s', async (path) => {
    const read = (options: string) =>
      page.evaluate<string>(
        `fetch('${origin}${path}', ${options}).then((answer) => answer.text(), (error) => error.name)`,
      );
    expect(await read(`{ credentials: 'include' }`)).toBe('TypeError');
    expect(['', 'TypeError']).toContain(await read(`{ credentials: 'include', mode: 'no-cors' }`));
  });

  it('gets no hold of its window', async () => {
    const opened = browser.context.waitForEvent('page');
    await page.evaluate(`{ hold = open('${origin}/account'); undefined }`);
    const window = await opened;
    await window.getByRole('heading').first().waitFor();
    expect(await page.evaluate('hold.closed')).toBe(true);
    await window.close();
  });

  it.each([
    ['POST', '/auth/logout', ''],
    ['POST', '/auth/logout-all', ''],
    ['POST', '/auth/logout', '{}'],
    ['POST', '/auth/logout-all', '{}'],
    ['POST', '/auth/password', '{"current_password":"correct horse battery","new_password":"a horse of the thief"}'],
    ['POST', '/auth/login', JSON.stringify({ ...ATTACKER, client_id: 'account' })],
    ['DELETE', '/auth/sessions', ''],
  ])('cannot drive it by fetch: %s %s', async (method, path, body) => {
    for (const mode of ['cors', 'no-cors']) {
      for (const type of ['application/json', 'text/plain', undefined]) {
        const headers = type === undefined ? {} : { 'content-type': type };
        const options = { method, mode, credentials: 'include', headers, body: body || undefined };
        await page.evaluate(`fetch('${origin}${path}', ${JSON.stringify(options)}).catch(() => undefined)`);
      }
    }
    await expectUnharmed();
  });

  it.each(['/auth/logout', '/auth/logout-all', '/auth/refresh', '/auth/login'])(
    'cannot drive it by a form: %s',
    async (path) => {
      // The body of a form of plain text is JSON, if its only field is called so.
      const { email, password } = ATTACKER;
      const name = path.endsWith('login')
        ? `{"client_id":"account","email":"${email}","password":"${password}","x":"`
        : '{"x":"';
      await page.evaluate(`{
        const form = document.createElement('form');
        Object.assign(form, { method: 'post', enctype: 'text/plain', action: '${origin}${path}' });
        const field = document.createElement('input');
        Object.assign(field, { name: ${JSON.stringify(name)}, value: '"}' });
        form.append(field);
        document.body.append(form);
        form.submit();
      }`);
      await page.waitForURL(`${origin}${path}`);
      await expectUnharmed();
      const empty = await browser.context.newPage();
      await empty.goto(evil[site]);
      await empty.evaluate(`{
        const form = document.createElement('form');
        Object.assign(form, { method: 'post', action: '${origin}${path}' });
        document.body.append(form);
        form.submit();
      }`);
      await empty.waitForURL(`${origin}${path}`);
      await expectUnharmed();
      await empty.close();
    },
  );
});
