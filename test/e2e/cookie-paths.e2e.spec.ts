import {
  Body,
  Controller,
  Logger,
  Post,
  Res,
  VERSION_NEUTRAL,
  VersioningType,
  type INestApplication,
} from '@nestjs/common';
import { RouterModule } from '@nestjs/core';
import {
  AuthModule,
  InMemoryTokenRepositoryModule,
  Public,
  SessionService,
  TokenResponder,
  type AuthModuleExtras,
  type AuthModuleOptions,
} from '../../src/index.js';
import { ADAPTERS, startApp, type AdapterName, type RunningApp } from '../support/adapters.js';
import { ISSUER, keys } from '../support/auth-library.js';
import { Browser, setCookies } from '../support/browser.js';

@Public()
@Controller({ path: 'sign-in', version: VERSION_NEUTRAL })
class SignInController {
  constructor(
    private readonly sessions: SessionService,
    private readonly responder: TokenResponder,
  ) {}

  @Post()
  async signIn(@Body() _body: object, @Res({ passthrough: true }) response: object) {
    return this.responder.respond(response, await this.sessions.open({ sub: 'ann', clientId: 'web' }));
  }
}

const running: RunningApp[] = [];
afterEach(() => Promise.all(running.splice(0).map((app) => app.close())));
const warn = jest.spyOn(Logger.prototype, 'warn').mockReturnValue();
afterEach(() => warn.mockClear());
afterAll(() => warn.mockRestore());

interface Mount {
  readonly extras?: AuthModuleExtras;
  readonly options?: Partial<AuthModuleOptions>;
  readonly below?: string;
  readonly configure?: (app: INestApplication) => unknown;
}

async function start(adapter: AdapterName, { extras, options, below, configure }: Mount = {}) {
  const auth = AuthModule.forRoot({
    issuer: ISSUER,
    keys,
    guard: 'global',
    routes: { path: 'auth' },
    store: InMemoryTokenRepositoryModule.forRoot(),
    clients: { web: { transport: 'cookie' } },
    ...extras,
    ...options,
  });
  const imports = [auth, ...(below ? [RouterModule.register([{ path: below, module: AuthModule }])] : [])];
  const host = await startApp(adapter, { imports, controllers: [SignInController] }, { configure });
  running.push(host);
  return host;
}

const versioned = (defaultVersion: string | (string | typeof VERSION_NEUTRAL)[]) => (app: INestApplication) =>
  app.enableVersioning({ type: VersioningType.URI, defaultVersion });

/** Where they are mounted, the path of the cookie, and the path of the routes. */
const MOUNTS: readonly (readonly [story: string, mount: Mount, cookie: string, routes: string, signIn: string])[] = [
  ['at their own path', {}, '/auth', '/auth', '/sign-in'],
  ['at a deeper one', { extras: { routes: { path: 'account/auth' } } }, '/account/auth', '/account/auth', '/sign-in'],
  [
    'below a global prefix',
    { configure: (app) => app.setGlobalPrefix('/api/') },
    '/api/auth',
    '/api/auth',
    '/api/sign-in',
  ],
  [
    'below a global prefix that they are excluded from',
    { configure: (app) => app.setGlobalPrefix('api', { exclude: ['auth/*path'] }) },
    ...(['/auth', '/auth', '/api/sign-in'] as const),
  ],
  [
    'partly below a global prefix',
    { configure: (app) => app.setGlobalPrefix('api', { exclude: ['auth/logout'] }) },
    ...(['/', '/api/auth', '/api/sign-in'] as const),
  ],
  ['below a version', { configure: versioned('2') }, '/v2/auth', '/v2/auth', '/sign-in'],
  ['below two versions', { configure: versioned(['1', '2']) }, '/', '/v2/auth', '/sign-in'],
  ['with and without a version', { configure: versioned([VERSION_NEUTRAL, '2']) }, '/', '/auth', '/sign-in'],
  ['below the path of a module', { below: 'account' }, '/account/auth', '/account/auth', '/sign-in'],
  [
    'below prefix, version and module',
    {
      below: 'account',
      configure: (app) => {
        app.setGlobalPrefix('api', { exclude: ['sign-in'] });
        versioned('3')(app);
      },
    },
    ...(['/api/v3/account/auth', '/api/v3/account/auth', '/sign-in'] as const),
  ],
];

describe.each(ADAPTERS)('the refresh cookie on %s goes where the session routes are', (adapter) => {
  it.each(MOUNTS)('%s', async (_, mount, path, routes, signIn) => {
    const browser = new Browser(await start(adapter, mount));
    const cookies = setCookies(await browser.ask(`POST ${signIn}`, { body: {} }));
    const name = path === '/' ? '__Host-refresh_token' : '__Secure-refresh_token';
    expect(cookies.get(name)?.attributes.Path).toBe(path);
    expect((await browser.ask(`POST ${routes}/refresh`)).status).toBe(200);
    expect(warn.mock.calls.flat().filter((text) => /cookie/i.test(String(text)))).toEqual([]);
  });
});

describe('the path of the refresh cookie', () => {
  const pathOf = async (mount: Mount) => {
    const browser = new Browser(await start('fastify', mount));
    await browser.ask('POST /sign-in', { body: {} });
    const [, refresh] = [...browser.cookies];
    return [refresh![0], refresh![1].attributes.Path];
  };

  it('is the one that browsers see, where a proxy strips a prefix', async () => {
    expect(await pathOf({ options: { cookies: { path: '/shop/auth' } } })).toEqual([
      '__Secure-refresh_token',
      '/shop/auth',
    ]);
    expect(await pathOf({ options: { cookies: { path: '/' } } })).toEqual(['__Host-refresh_token', '/']);
  });

  it('makes no __Host- cookie where there is a domain, for which a browser would drop it', async () => {
    const cookies = { path: '/', domain: 'shop.example' };
    expect(await pathOf({ options: { cookies } })).toEqual(['__Secure-refresh_token', '/']);
  });

  it('is warned about where the issuer has a path of which the application knows nothing', async () => {
    await start('fastify', { options: { issuer: 'https://shop.example/api' } });
    expect(warn).toHaveBeenCalledWith(expect.stringMatching(/COOKIE_PATH\) to \/api\/auth\.$/));
    warn.mockClear();
    const options = { issuer: 'https://shop.example/api', cookies: { path: '/api/auth' } };
    await start('fastify', { options });
    await start('fastify', { options: { issuer: options.issuer }, configure: (app) => app.setGlobalPrefix('api') });
    expect(warn).not.toHaveBeenCalledWith(expect.stringContaining('COOKIE_PATH'));
  });

  it('is warned about where it has nothing to do with the routes', async () => {
    await start('fastify', { options: { cookies: { path: '/atuh' } } });
    expect(warn).toHaveBeenCalledWith(expect.stringMatching(/send the refresh cookie to \/atuh .* below \/auth/));
  });
});

describe('cookies that a browser would drop', () => {
  const about = (text: string) => warn.mock.calls.flat().filter((line) => String(line).includes(text));

  it('are told about where the issuer says http, unless they are made for it', async () => {
    await start('fastify', { options: { issuer: 'http://localhost:3000' } });
    expect(about('Safari drops them')).toHaveLength(1);
    warn.mockClear();
    await start('fastify', { options: { issuer: 'http://localhost:3000', cookies: { insecure: true } } });
    await start('fastify', { options: { issuer: 'http://localhost:3000', clients: {} } });
    expect(about('Safari drops them')).toEqual([]);
  });
});
