import {
  Body,
  Catch,
  Controller,
  Get,
  HttpException,
  HttpStatus,
  Injectable,
  Logger,
  Module,
  Post,
  Req,
  VersioningType,
  type ArgumentsHost,
  type CallHandler,
  type ExceptionFilter,
  type ExecutionContext,
  type INestApplication,
  type NestInterceptor,
} from '@nestjs/common';
import { APP_FILTER, APP_INTERCEPTOR, HttpAdapterHost } from '@nestjs/core';
import { JwtModule, JwtService } from '@nestjs/jwt';
import { catchError, map, of, tap, throwError, type Observable } from 'rxjs';
import {
  AUTH_POLICY,
  AuthError,
  AuthModule,
  corsOptions,
  CurrentSession,
  CurrentUser,
  InMemoryTokenRepositoryModule,
  OptionalAuth,
  Public,
  SessionService,
  SlidingSession,
  type AuthModuleExtras,
  type AuthModuleOptions,
  type AuthSession,
  type AuthUser,
  type LoadUser,
} from '../../src/index.js';
import { TestClock } from '../../src/testing/index.js';
import { ADAPTERS, startApp, type AppSetup, type RunningApp } from '../support/adapters.js';
import { ISSUER, keys } from '../support/auth-library.js';

/** The filter for everything, word for word as Nest's documentation has it. */
@Catch()
class CatchEverythingFilter implements ExceptionFilter {
  constructor(private readonly httpAdapterHost: HttpAdapterHost) {}

  catch(exception: unknown, host: ArgumentsHost): void {
    const { httpAdapter } = this.httpAdapterHost;
    const ctx = host.switchToHttp();
    const httpStatus = exception instanceof HttpException ? exception.getStatus() : HttpStatus.INTERNAL_SERVER_ERROR;
    const responseBody = {
      statusCode: httpStatus,
      timestamp: new Date().toISOString(),
      path: httpAdapter.getRequestUrl(ctx.getRequest()) as string,
    };
    httpAdapter.reply(ctx.getResponse(), responseBody, httpStatus);
  }
}

/** The envelope of many houses, and its mapping of every error. */
@Injectable()
class EnvelopeInterceptor implements NestInterceptor {
  intercept(_context: ExecutionContext, next: CallHandler): Observable<unknown> {
    return next.handle().pipe(
      map((data: unknown) => ({ success: true, data })),
      catchError(() => throwError(() => new HttpException('mapped', 502))),
    );
  }
}

@Public()
@Controller()
class LoginController {
  @Post('login')
  login(@Body() { down }: { down?: boolean }) {
    if (down) throw new AuthError('store_unavailable', 'Try again.', { retryAfter: 3, fault: 'Redis is away' });
    throw new AuthError('invalid_credentials', 'The name or the password is wrong.');
  }
}

@Controller('cart')
class CartController {
  @SlidingSession()
  @Get()
  view() {
    return { items: [] };
  }
}

const authOf = (options: Partial<AuthModuleOptions> = {}, extras: AuthModuleExtras = {}) =>
  AuthModule.forRoot({
    issuer: ISSUER,
    keys,
    guard: 'global',
    routes: { path: 'auth' },
    store: InMemoryTokenRepositoryModule.forRoot(),
    ...options,
    ...extras,
  });

const CATCH_ALL = { provide: APP_FILTER, useClass: CatchEverythingFilter };

@Module({ providers: [CATCH_ALL] })
class FilterModule {}

describe.each(ADAPTERS)('in a host with conventions of its own, on %s', (adapter) => {
  const running: RunningApp[] = [];
  afterEach(() => Promise.all(running.splice(0).map((app) => app.close())));

  async function start(metadata: Parameters<typeof startApp>[1], setup: AppSetup = {}): Promise<RunningApp> {
    const app = await startApp(adapter, { controllers: [LoginController, CartController], ...metadata }, setup);
    running.push(app);
    return app;
  }
  const login = (app: INestApplication) => app.get(SessionService).open({ sub: 'ann' });

  describe.each<[string, Parameters<typeof startApp>[1], AppSetup?]>([
    ['registered before AuthModule', { imports: [FilterModule, authOf()] }],
    ['registered after AuthModule', { imports: [authOf(), FilterModule] }],
    ['of the root module', { imports: [authOf()], providers: [CATCH_ALL] }],
    [
      'given by useGlobalFilters()',
      { imports: [authOf()] },
      { configure: (app) => app.useGlobalFilters(new CatchEverythingFilter(app.get(HttpAdapterHost))) },
    ],
  ])('a filter for everything, %s,', (_where, metadata, setup) => {
    it('writes the error of a login with its status and its challenge', async () => {
      const { ask } = await start(metadata, setup);

      const answer = await ask('POST /login', { body: {} });

      expect(answer.status).toBe(401);
      expect(answer.headers['www-authenticate']).toBe(`Bearer realm="${ISSUER}"`);
      expect(answer.json()).toMatchObject({ statusCode: 401, path: '/login' });
    });

    it('writes the error of a store that is away as 503 with Retry-After', async () => {
      const { ask } = await start(metadata, setup);

      const answer = await ask('POST /login', { body: { down: true } });

      expect([answer.status, answer.headers['retry-after']]).toEqual([503, '3']);
    });

    it('leaves the errors of the session routes to Keyturn, those of the guard too', async () => {
      const { ask } = await start(metadata, setup);

      for (const call of ['POST /auth/refresh', 'GET /auth/sessions']) {
        const answer = await ask(call);
        expect([answer.status, answer.json().code]).toEqual([401, 'token_missing']);
        expect(answer.headers['www-authenticate']).toContain('Bearer');
      }
    });
  });

  it("a filter for everything writes the errors of the session routes with errors: 'host', and the headers stay", async () => {
    const { ask } = await start({ imports: [authOf({}, { errors: 'host' }), FilterModule] });

    for (const call of ['POST /auth/refresh', 'GET /auth/sessions']) {
      const answer = await ask(call);
      expect(answer.status).toBe(401);
      expect(answer.json()).toMatchObject({ path: call.split(' ')[1] });
      expect(answer.headers['www-authenticate']).toContain('Bearer');
    }
  });

  it("a filter of the host's own for AuthError gets the error itself", async () => {
    @Catch(AuthError)
    class OwnFilter implements ExceptionFilter<AuthError> {
      catch(error: AuthError, host: ArgumentsHost) {
        const response = host.switchToHttp().getResponse<{ status(code: number): { send(body: unknown): void } }>();
        response.status(error.getStatus()).send({ problem: error.code });
      }
    }
    const providers = [{ provide: APP_FILTER, useClass: OwnFilter }];
    const { ask } = await start({ imports: [authOf()], providers });

    const answer = await ask('POST /login', { body: {} });

    expect([answer.status, answer.json()]).toEqual([401, { problem: 'invalid_credentials' }]);
    expect(answer.headers['www-authenticate']).toContain('Bearer');
  });

  it('an envelope around every body, and a mapping of every error, leave the routes of Keyturn as they are', async () => {
    const providers = [{ provide: APP_INTERCEPTOR, useClass: EnvelopeInterceptor }];
    const { ask, app } = await start({ imports: [authOf({}, { oauth: { path: 'oauth' } })], providers });
    const { accessToken: token, refreshToken } = await login(app);

    expect((await ask('GET /cart', { token })).json()).toEqual({ success: true, data: { items: [] } });
    expect(Object.keys((await ask('GET /.well-known/jwks.json')).json())).toEqual(['keys']);
    expect(Object.keys((await ask('GET /auth/sessions', { token })).json())).toEqual(['sessions']);
    const refreshed = await ask('POST /auth/refresh', { body: { refresh_token: refreshToken } });
    expect(refreshed.json()).toMatchObject({ access_token: expect.any(String) });
    expect((await ask('POST /auth/refresh', { body: { refresh_token: 7 } })).status).toBe(400);
    expect((await ask('POST /auth/refresh', { body: { refresh_token: 'x' } })).json().code).toBe('token_invalid');
    expect((await ask('POST /auth/renew', { token })).json().code).toBe('renewal_not_due');
    expect((await ask('DELETE /auth/sessions/AAAAAAAAAAAAAAAAAAAAAA', { token })).status).toBe(404);
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    expect((await ask('POST /oauth/token', { form: 'grant_type=x&client_id=default', headers })).status).toBe(400);
    expect([
      (await ask('GET /auth/check', { token })).status,
      (await ask('POST /auth/logout', { token })).text,
    ]).toEqual([204, '']);
  });

  it('an interceptor that answers from a cache, as that of Nest does for each GET, keeps nothing of Keyturn', async () => {
    const kept = new Map<string, unknown>();
    @Injectable()
    class CachingInterceptor implements NestInterceptor {
      intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
        const { method, url } = context.switchToHttp().getRequest<{ method: string; url: string }>();
        const value = method === 'GET' ? kept.get(url) : undefined;
        return value === undefined ? next.handle().pipe(tap((answer) => kept.set(url, answer))) : of(value);
      }
    }
    const providers = [{ provide: APP_INTERCEPTOR, useClass: CachingInterceptor }];
    const { ask, app } = await start({ imports: [authOf({}, { oauth: { path: 'oauth' } })], providers });
    const { accessToken: token } = await login(app);
    const paths = ['.well-known/jwks.json', 'auth/sessions', 'auth/sessions/ended', 'auth/check'];
    // The answer of the second time came from the cache, and was written by nobody.
    for (const path of [...paths, ...paths]) expect((await ask(`GET /${path}`, { token })).status).toBeLessThan(300);
    expect([...kept.values()].filter((value) => value !== undefined)).toEqual([]);
  });

  it('the JWKS and the metadata stay at the root under a global prefix and versions', async () => {
    const configure = (app: INestApplication) => {
      app.setGlobalPrefix('api', { exclude: ['health'] });
      app.enableVersioning({ type: VersioningType.URI, defaultVersion: '1' });
    };
    const { ask } = await start({ imports: [authOf({}, { oauth: { path: 'oauth' } })] }, { configure });

    expect((await ask('GET /.well-known/jwks.json')).json()).toHaveProperty('keys');
    expect((await ask('POST /api/v1/auth/refresh')).status).toBe(401);
    const metadata = (await ask('GET /.well-known/oauth-authorization-server')).json();
    expect(metadata).toMatchObject({
      jwks_uri: `${ISSUER}/.well-known/jwks.json`,
      token_endpoint: `${ISSUER}/api/v1/oauth/token`,
    });
  });

  it('an issuer with a path is found below it too, where its keys are said to be', async () => {
    const issuer = 'https://shop.example/api';
    const options = authOf({ issuer }, { oauth: { path: 'oauth' } });
    const { ask } = await start({ imports: [options] }, { configure: (app) => app.setGlobalPrefix('api') });

    const metadata = (await ask('GET /api/.well-known/openid-configuration')).json<{ jwks_uri: string }>();

    expect(metadata.jwks_uri).toBe('https://shop.example/api/.well-known/jwks.json');
    expect((await ask('GET /api/.well-known/jwks.json')).json()).toHaveProperty('keys');
    expect((await ask('GET /.well-known/jwks.json')).headers['cache-control']).toBe('public, max-age=300');
  });

  it.each(['before', 'after'])('app.get(JwtService) is that of the host, imported %s AuthModule', async (order) => {
    const ofHost = JwtModule.register({ secret: 'of the host' });
    const auth = authOf({}, { isGlobal: true });
    const { app } = await start({ imports: order === 'before' ? [ofHost, auth] : [auth, ofHost] });

    expect(app.get(JwtService).verify(app.get(JwtService).sign({ a: 1 }))).toMatchObject({ a: 1 });
  });

  it('@CurrentUser() is nobody without a token, whoever a session of the former login has put at request.user', async () => {
    @OptionalAuth()
    @Controller('hello')
    class HelloController {
      @Get()
      hello(@CurrentUser() user?: AuthUser, @CurrentSession() session?: AuthSession) {
        return { user: user ?? null, session: session ?? null };
      }
    }
    const former = (request: { user?: unknown }, _response: unknown, next: () => void) => {
      request.user = { sub: 'admin', roles: ['admin'] };
      next();
    };
    const { ask } = await start(
      { imports: [authOf()], controllers: [HelloController] },
      { configure: (app) => app.use(former) },
    );
    expect((await ask('GET /hello')).json()).toEqual({ user: null, session: null });
  });

  describe('an entity at request.user', () => {
    const users = new Map([['ann', { id: 'ann', name: 'Ann' }]]);
    @Controller('me')
    class MeController {
      @SlidingSession()
      @Get()
      me(@Req() { user }: { user: unknown }, @CurrentUser('sub') sub: string) {
        return { user, sub };
      }
    }
    const startWith = async (loadUser: LoadUser) => {
      const clock = new TestClock();
      const app = await start({ imports: [authOf({ loadUser })], controllers: [MeController] }, { clock });
      const open = async (sub: string) => (await app.app.get(SessionService).open({ sub })).accessToken;
      return { ...app, clock, open };
    };

    it('is what loadUser gives, on first sight and later; the claims stay, and the route slides', async () => {
      const { ask, clock, open } = await startWith(async ({ sub }) => users.get(sub) ?? null);
      const token = await open('ann');
      for (let time = 0; time < 2; time++) {
        expect((await ask('GET /me', { token })).json()).toEqual({ user: { id: 'ann', name: 'Ann' }, sub: 'ann' });
      }
      clock.advance('20m');
      expect((await ask('GET /me', { token })).headers['renewed-access-token']).toEqual(expect.any(String));
    });

    it('that is gone answers 401, and one that cannot be loaded 503 with Retry-After', async () => {
      const { ask, open } = await startWith(({ sub }) => {
        if (sub === 'bob') throw new Error('the database is away');
        return users.get(sub) ?? null;
      });
      const gone = await ask('GET /me', { token: await open('eve') });
      expect([gone.status, gone.json().code]).toEqual([401, 'token_invalid']);
      const away = await ask('GET /me', { token: await open('bob') });
      expect([away.status, away.json().code, away.headers['retry-after']]).toEqual([
        503,
        'temporarily_unavailable',
        '1',
      ]);
    });
  });

  describe('pages of other origins', () => {
    const warnings: string[] = [];
    const collect = () => {
      const ignore = () => undefined;
      const logger = { log: ignore, error: ignore, debug: ignore, warn: (line: string) => void warnings.push(line) };
      Logger.overrideLogger(logger);
    };
    beforeEach(() => void (warnings.length = 0));
    afterEach(() => Logger.overrideLogger(false));

    async function renewedWith(configure: (app: INestApplication) => unknown) {
      const clock = new TestClock();
      const imports = [authOf({}, { isGlobal: true })];
      const { ask, app } = await start({ imports }, { clock, configure });
      collect();
      const { accessToken: token } = await login(app);
      clock.advance('20m');
      for (let time = 0; time < 2; time++) {
        const answer = await ask('GET /cart', { token, headers: { origin: 'https://page.example' } });
        expect(answer.headers['renewed-access-token']).toEqual(expect.any(String));
        if (time === 0) clock.advance('1s');
      }
      return warnings.filter((line) => line.includes('CORS'));
    }

    it('hide a renewed token by plain enableCors(), and the log says so once, with what to write', async () => {
      expect(await renewedWith((app) => app.enableCors())).toEqual([
        expect.stringMatching(/hides Renewed-Access-Token .*corsOptions\(app\.get\(AUTH_POLICY\)\)/),
      ]);
    });

    it('see it with the options of Keyturn, and nothing is said', async () => {
      const configure = (app: INestApplication) =>
        app.enableCors({ ...corsOptions(app.get(AUTH_POLICY)), origin: true });
      expect(await renewedWith(configure)).toEqual([]);
      expect(await renewedWith(() => undefined)).toEqual([]);
    });
  });
});
