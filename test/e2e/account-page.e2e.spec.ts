import { brotliCompressSync, gzipSync } from 'node:zlib';
import { createService } from '../../src/service/create-service.js';
import { loadConfig } from '../../src/service/config/load-config.js';
import { readServiceConfig } from '../../src/service/config/service.config.js';
import { startReport } from '../../src/service/lifecycle/start-report.js';
import { startAccounts, type ServiceWithAccounts } from '../support/accounts.js';
import { startService, type Answer } from '../support/service.js';

/** The page of docs/self-service.md, as HTTP; what it does in a browser is in test/browser/account.spec.ts. */
let service: ServiceWithAccounts;
beforeAll(async () => {
  service = await startAccounts({ ACCOUNT_PAGE: 'true' });
});
afterAll(() => service.stop());

const PARTS = ['/account', '/account/page.js', '/account/page.css'];
const SAME_ORIGIN = { 'sec-fetch-site': 'same-origin' };
const cookiesOf = ({ headers }: Answer): string[] => headers.getSetCookie().map((cookie) => cookie.split('=')[0]!);
const settingsIn = (html: string): Record<string, string> =>
  Object.fromEntries([...html.matchAll(/ data-([\w-]+)="([^"]*)"/g)].map(([, name, value]) => [name!, value!]));

describe('the account page', () => {
  it.each(PARTS)('%s runs no script of others, asks nobody else, and cannot be framed', async (path) => {
    const { status, headers } = await service.call(path);
    expect(status).toBe(200);
    expect(headers.get('content-security-policy')).toBe(
      "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; " +
        "frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    );
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(headers.get('cache-control')).toBe('no-store');
  });

  it('has no script and no style in its HTML, and names no other host', async () => {
    const { body } = await service.call('/account');
    expect(body).not.toMatch(/<script(?![^>]* src="account\/page\.js")|<style|\son\w+=|\sstyle=|https?:\/\//);
  });

  it('is at most 30 KB compressed, because a page must open on a bad line too', async () => {
    const texts = await Promise.all(PARTS.map(async (path) => String((await service.call(path)).body)));
    expect(texts.map((text) => text.length > 500)).toEqual([true, true, true]);
    const size = (compress: (text: string) => Buffer): number =>
      texts.reduce((sum, text) => sum + compress(text).length, 0);
    expect(size(gzipSync)).toBeLessThanOrEqual(30 * 1024);
    // As the docs say.
    expect(size((text) => brotliCompressSync(text))).toBeLessThanOrEqual(15 * 1024);
  });

  it('is found with a slash at its end too, where its relative paths would lead nowhere', async () => {
    const answer = await fetch(`${service.url}/account/`, { redirect: 'manual' });
    expect([answer.status, answer.headers.get('location')]).toEqual([308, '../account']);
  });

  it('signs in by cookies of its own, and leaves the other clients as they are', async () => {
    const { email, password } = await service.account();
    const { body: html } = await service.call('/account');
    const { client } = settingsIn(html as string);
    const body = { email, password, client_id: client };
    const answer = await service.call('/auth/login', { body, headers: SAME_ORIGIN });
    expect(cookiesOf(answer)).toEqual(['account_access_token', 'account_refresh_token', 'account_device']);
    expect(answer.body).not.toHaveProperty('access_token');
    const foreign = await service.call('/auth/login', { body, headers: { 'sec-fetch-site': 'cross-site' } });
    expect([foreign.status, foreign.body.code]).toEqual([403, 'forbidden']);
    const phone = await service.call('/auth/login', { body: { email, password } });
    expect([cookiesOf(phone), typeof phone.body.access_token]).toEqual([[], 'string']);
  });

  it('is told what the service offers', async () => {
    expect(settingsIn((await service.call('/account')).body as string)).toEqual({
      routes: 'auth',
      client: 'account',
      shared: 'false',
      sessions: 'true',
      mails: 'true',
      reset: 'account/reset',
      'min-length': '8',
    });
  });

  it('is not there unless it is asked for, and neither is its client', async () => {
    const without = await startService();
    for (const path of PARTS) expect((await without.call(path)).status).toBe(404);
    const body = { email: 'ada@shop.example', password: 'correct horse battery', client_id: 'account' };
    expect((await without.call('/auth/login', { body })).status).toBe(400);
    await without.stop();
  });

  it('shows what is there in a strategy without sessions, below other paths, with the client of the operator', async () => {
    const other = await startService({
      ACCOUNT_PAGE: 'true',
      AUTH_STRATEGY: 'access',
      ROUTES_PATH: 'api/auth',
      RESET_PAGE: 'https://shop.example/reset?a=1&b="2"',
      PASSWORD_MIN_LENGTH: '12',
      AUTH_CLIENTS: '{"web":{"transport":"cookie"}}',
    });
    expect(settingsIn((await other.call('/account')).body as string)).toMatchObject({
      routes: 'api/auth',
      client: 'web',
      shared: 'true',
      sessions: 'false',
      reset: 'https://shop.example/reset?a=1&amp;b=&quot;2&quot;',
      'min-length': '12',
    });
    await other.stop();
  });

  it('is named when the service starts, if it is there', () => {
    const report = (env: object) => startReport(readServiceConfig({ PORT: '3000', ...env }), 3000);
    expect(report({ ACCOUNT_PAGE: 'true' })).toContain('account page  http://localhost:3000/account\n');
    expect(report({})).not.toContain('account page');
  });

  it('stops a start that has no built pages, and says how they are made', async () => {
    const loaded = await loadConfig(readServiceConfig, { PORT: '0', ACCOUNT_PAGE: 'true' });
    await expect(createService(loaded, { pages: '/nowhere' })).rejects.toThrow(
      /^ACCOUNT_PAGE needs the built pages: run `npm run build`$/,
    );
  });
});
