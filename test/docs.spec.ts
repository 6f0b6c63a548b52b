import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { INestApplication } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { AuthClock } from 'keyturn';
import { TestClock } from 'keyturn/testing';
import { ShopModule } from '../examples/shop/shop.module.js';
import { startPostgres } from './support/postgres-server.js';
import { startRedis } from './support/redis-server.js';
import { EMBEDDED, startService, type RunningService } from './support/service.js';

/** What people paste into; on a Mac it is zsh, where some variables have a meaning of their own. */
const SHELLS = ['dash', 'bash', 'zsh'];

const blocks = (page: string, mark: string): string[] =>
  [...readFileSync(page, 'utf8').matchAll(new RegExp(`<!-- ${mark} -->\\s+\`\`\`sh\\n([\\s\\S]*?)\`\`\``, 'g'))].map(
    ([, code]) => code!,
  );

let scratch: string;
beforeAll(() => void (scratch = mkdtempSync(join(tmpdir(), 'keyturn-docs-'))));
afterAll(() => rmSync(scratch, { recursive: true }));

/** Ends at the first command that fails and the first variable that is not set. */
const paste = async (shell: string, code: string): Promise<string> =>
  (await promisify(execFile)(shell, ['-eu', '-c', code], { encoding: 'utf8', cwd: scratch })).stdout;

describe.each([
  ['embedded parts', SHELLS],
  ['Redis', ['zsh']],
  ['Redis and PostgreSQL', ['dash']],
])('the tour of the service, on %s', (parts, shells) => {
  let service: RunningService;
  beforeAll(async () => {
    const redis = parts.includes('Redis') ? await startRedis() : undefined;
    const postgres = parts.includes('PostgreSQL') ? await startPostgres() : undefined;
    service = await startService({
      ...(redis && { REDIS_URL: redis.url }),
      ...(postgres ? { DATABASE_URL: postgres.url } : EMBEDDED),
    });
  });

  it.each(shells)('can be pasted into %s, and prints what it promises', async (shell) => {
    const steps = blocks('docs/try-it.md', 'walk: tour');
    expect(steps).toHaveLength(6);
    const tour = steps
      .join('echo ---\n')
      .replaceAll('http://localhost:3000', service.url)
      .replaceAll('ada@', `${shell}@`);
    const [, login, guarded, rotated, reused, loggedOut] = (await paste(shell, tour)).split('---\n');
    expect(login).toMatch(/^\{"user":.*\n\{"access_token":"ey.*"session_id":"[\w-]{22}","device_token":"[\w.-]+"\}\n$/);
    expect(guarded).toMatch(/^\{"sub":.*"email":"\w+@shop\.example".*\n\{"sessions":\[\{.*"current":true/);
    expect(rotated).toBe('the same successor\n');
    expect(reused).toMatch(/^(\{.*"code":"token_reused".*\}\n){2}$/);
    expect(loggedOut).toMatch(/^status 204\n\{.*"code":"session_revoked".*\}\n$/);
  });
});

it.each(SHELLS)('the tour in %s ends with an error at a value that is not there', async (shell) => {
  const [functions] = blocks('docs/try-it.md', 'walk: tour');
  const empty = paste(shell, `${functions}\nvalue=$(echo '{"code":"not_found"}' | field access_token)\necho went on`);
  await expect(empty).rejects.toMatchObject({ stdout: '', stderr: 'no access_token in {"code":"not_found"}\n\n' });
});

describe('the tours of the shop', () => {
  let app: INestApplication;
  let time: Server;
  const urlOf = (server: Server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  beforeAll(async () => {
    process.env.ACCESS_TTL = '20s';
    const clock = new TestClock();
    const module = await Test.createTestingModule({ imports: [ShopModule.forRoot(clock.store())] })
      .overrideProvider(AuthClock)
      .useValue(clock.authClock)
      .compile();
    delete process.env.ACCESS_TTL;
    app = module.createNestApplication({ logger: ['error'] });
    await app.listen(0, '127.0.0.1');
    // What sleeps in the docs moves the clock here.
    time = createServer((request, response) => {
      clock.advance(`${request.url!.slice(1)}s` as '1s');
      response.end();
    }).listen(0, '127.0.0.1');
    await once(time, 'listening');
  });
  afterAll(async () => {
    await app.close();
    time.close();
  });

  const pasted = (shell: string, steps: readonly string[]) =>
    paste(
      shell,
      steps
        .join('echo ---\n')
        .replace('http://127.0.0.1:3001', urlOf(app.getHttpServer() as Server))
        .replaceAll(/^sleep (\d+)$/gm, `curl -sS ${urlOf(time)}/$1`),
    );

  it.each(SHELLS)('renews the access token when the cart is filled, in %s', async (shell) => {
    const [step] = blocks('docs/try-it.md', 'walk: shop tour');
    const printed = await pasted(shell, [step!.replace('sleep 6', 'sleep 11')]);
    expect(printed).toMatch(/^renewed-access-token: ey/im);
    expect(printed).toMatch(/^renewed-access-token-expires-in: 20/im);
  });

  it.each(SHELLS)('answers as its README says, in %s', async (shell) => {
    const steps = blocks('examples/shop/README.md', 'walk');
    expect(steps).toHaveLength(7);
    const [open, sliding, refreshed, work, again, web, out] = (await pasted(shell, steps)).split('---\n');
    expect(open).toMatch(/teapot[\s\S]*HTTP\/1.1 401[\s\S]*"token_missing"/);
    expect(sliding).toMatch(/Renewed-Access-Token: ey/);
    expect(refreshed).toMatch(/"token_expired"[\s\S]*"quantity":2/);
    expect(work).toMatch(/Pours well\.[\s\S]*"sessions":\[[\s\S]*\n\{.*\}\n$/);
    expect(again).toMatch(/HTTP\/1.1 409[\s\S]*HTTP\/1.1 403[\s\S]*"forbidden"/);
    expect(web).toMatch(/__Host-access_token=ey[\s\S]*"forbidden"/);
    expect(out).toMatch(/HTTP\/1.1 204[\s\S]*"session_revoked"/);
  });
});
