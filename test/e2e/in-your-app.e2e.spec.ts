import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Controller, Get, Module, Req, type INestApplication, type ModuleMetadata } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import ts from 'typescript';
import {
  AuthError,
  AuthModule,
  CurrentUser,
  InMemoryTokenRepositoryModule,
  Public,
  SessionService,
} from '../../src/index.js';
import { startApp, type AppSetup, type RunningApp } from '../support/adapters.js';
import { ISSUER, keys } from '../support/auth-library.js';
import { root } from '../support/source-imports.js';

const PAGE = 'docs/in-your-app.md';

/** The code below a heading of the page, loaded as a module: what the page shows is what runs here. */
function codeOf(heading: string): Record<string, never> {
  const section = readFileSync(join(root, PAGE), 'utf8')
    .split(/^## /m)
    .find((text) => text.startsWith(heading))!;
  const [, code] = /```ts\n([\s\S]*?)```/.exec(section)!;
  const { outputText } = ts.transpileModule(code!, {
    compilerOptions: {
      module: ts.ModuleKind.CommonJS,
      target: ts.ScriptTarget.ES2022,
      experimentalDecorators: true,
      emitDecoratorMetadata: true,
    },
  });
  const exported = {};
  // oxlint-disable-next-line typescript/no-implied-eval -- the snippets of our own page
  new Function('require', 'exports', outputText)(require, exported);
  return exported;
}

@Controller('cart')
class CartController {
  @Get()
  view(@Req() { user }: { user: unknown }, @CurrentUser('sub') sub: string) {
    return { user, sub };
  }

  @Public()
  @Get('closed')
  closed() {
    throw new AuthError('session_limit_reached', 'There are too many.', { retryAfter: 5 });
  }
}

const auth = (changes: object = {}) =>
  AuthModule.forRoot({
    issuer: ISSUER,
    keys,
    store: InMemoryTokenRepositoryModule.forRoot(),
    guard: 'global',
    isGlobal: true,
    routes: { path: 'auth' },
    ...changes,
  });

describe(`the code of ${PAGE}`, () => {
  const running: RunningApp[] = [];
  afterEach(() => Promise.all(running.splice(0).map((app) => app.close())));
  async function start(metadata: ModuleMetadata, setup: AppSetup = {}) {
    const app = await startApp('express', { controllers: [CartController], ...metadata }, setup);
    running.push(app);
    const token = async () => (await app.app.get(SessionService).open({ sub: '42', generation: 0 })).accessToken;
    return { ...app, token };
  }

  it('a filter for everything writes the errors of the host with status, code and headers', async () => {
    const { ProblemFilter } = codeOf('Exception filters');
    const { ask } = await start({ imports: [auth()], providers: [{ provide: APP_FILTER, useClass: ProblemFilter! }] });

    const answer = await ask('GET /cart/closed');

    expect([answer.status, answer.json()]).toEqual([409, { status: 409, code: 'session_limit_reached' }]);
    expect(answer.headers['retry-after']).toBe('5');
    expect((await ask('POST /auth/refresh')).json()).toMatchObject({ code: 'token_missing' });
  });

  it('Swagger, prefix, versions and CORS', async () => {
    const { describe: document } = codeOf('Swagger') as unknown as { describe(app: INestApplication): void };
    const { configure } = codeOf('Prefix') as unknown as { configure(app: INestApplication): void };
    const { ask } = await start(
      { imports: [auth({ allowedOrigins: ['https://page.example'] })] },
      {
        configure: (app) => {
          configure(app);
          document(app);
        },
      },
    );

    const { paths } = (await ask('GET /docs-json')).json<{ paths: Record<string, { post: { tags: string[] } }> }>();
    expect(paths['/api/v1/auth/refresh']!.post.tags).toEqual(['session']);
    expect(Object.keys(paths)).toContain('/.well-known/jwks.json');
    expect((await ask('GET /.well-known/jwks.json')).status).toBe(200);
    const page = await ask('GET /api/v1/cart', { headers: { origin: 'https://page.example' } });
    expect(page.headers['access-control-expose-headers']).toContain('Renewed-Access-Token');
  });

  it('a controller of a package is open under the global guard, and the rest is not', async () => {
    const { MetricsModule } = codeOf('Health');
    const { ask } = await start({ imports: [auth(), MetricsModule!] });
    expect([(await ask('GET /metrics')).text, (await ask('GET /cart')).status]).toEqual(['up 1', 401]);
  });

  it('a guard of the host reads the token where the host has it', async () => {
    const { guard } = codeOf('A guard');
    const { ask, token } = await start({ imports: [auth({ guard: 'manual' })], providers: [guard!] });
    const access = await token();
    expect((await ask('GET /cart')).status).toBe(401);
    expect((await ask('GET /cart', { headers: { 'x-device-token': access } })).json()).toMatchObject({ sub: '42' });
    expect((await ask('GET /cart', { token: access })).status).toBe(200);
  });

  it('an entity stands at request.user', async () => {
    const { auth: withUsers } = codeOf('Your own user');
    const { ask, token } = await start({ imports: [withUsers!] });
    expect((await ask('GET /cart', { token: await token() })).json()).toEqual({
      user: { id: '42', name: 'Ada' },
      sub: '42',
    });
  });

  it('users and sessions that need each other start', async () => {
    const { UsersModule, UsersService } = codeOf('Users and sessions');
    @Module({ imports: [UsersModule!] })
    class AppModule {}
    const { app, token } = await start({ imports: [AppModule] });
    expect(await token()).toMatch(/^ey/);
    const users = app.get<{ logOutEverywhere(sub: string): Promise<void> }>(UsersService!, { strict: false });
    await expect(users.logOutEverywhere('42')).resolves.toBeUndefined();
  });

  it('pino writes no secret of a request or an answer', async () => {
    const { pinoHttp } = codeOf('Logs') as unknown as { pinoHttp: { redact: string[] } };
    const { pino } = (await import('pino')) as { pino: (options: object, to: object) => { info(line: object): void } };
    const lines: string[] = [];
    const logger = pino(pinoHttp, { write: (line: string) => void lines.push(line) });
    const headers = { authorization: 'SECRET', cookie: 'SECRET', 'idempotency-key': 'SECRET', host: 'shop' };
    logger.info({
      req: { headers, body: { refresh_token: 'SECRET', password: 'SECRET', email: 'ada' } },
      res: { headers: { 'set-cookie': ['SECRET'], 'renewed-access-token': 'SECRET' } },
    });
    expect(lines.join()).not.toContain('SECRET');
    expect(JSON.parse(lines[0]!)).toMatchObject({ req: { headers: { host: 'shop' }, body: { email: 'ada' } } });
  });
});
