import { randomUUID } from 'node:crypto';
import { Body, Controller, Get, Header, HttpCode, Post, Redirect, Req, Res } from '@nestjs/common';
import {
  AuthError,
  AuthModule,
  CurrentUser,
  Guarded,
  InMemoryTokenRepositoryModule,
  Public,
  requestInfoOf,
  RequireRecentAuth,
  SessionService,
  SlidingSession,
  TokenResponder,
  type AuthUser,
  type IncomingRequest,
  type TokenAnswer,
} from '../../src/index.js';
import { FaultProxy, type Fault } from '../../src/lab/fault-proxy.js';
import { TestClock } from '../../src/testing/index.js';
import { startApp } from './adapters.js';
import { keys } from './auth-library.js';
import type { HostOptions } from './shop-host.js';

const PASSWORD = 'correct horse battery';

interface LoginFields {
  readonly email: string;
  readonly password: string;
  readonly client_id?: string;
}

/** What the standalone service has, without users: everybody may log in who knows the one password. */
@Controller('auth')
class AccountController {
  constructor(
    private readonly sessions: SessionService,
    private readonly responder: TokenResponder,
  ) {}

  @Public()
  @Post('login')
  @HttpCode(200)
  async login(
    @Body() body: LoginFields,
    @Req() request: IncomingRequest,
    @Res({ passthrough: true }) response: object,
  ): Promise<TokenAnswer> {
    const replaces = this.responder.sessionReplacedBy(request, body.client_id);
    if (body.password !== PASSWORD) throw new AuthError('invalid_credentials', 'E-mail or password is wrong.');
    const grant = await this.sessions.open({ sub: body.email, clientId: body.client_id, replaces });
    return this.responder.respond(response, grant);
  }

  @Post('reauthenticate')
  @HttpCode(200)
  async reauthenticate(
    @Body() body: LoginFields,
    @CurrentUser() user: AuthUser,
    @Req() request: IncomingRequest,
    @Res({ passthrough: true }) response: object,
  ): Promise<TokenAnswer> {
    if (body.password !== PASSWORD) throw new AuthError('invalid_credentials', 'The password is wrong.');
    return this.responder.respond(response, await this.sessions.reissue(user, requestInfoOf(request)));
  }

  @Get('me')
  me(@CurrentUser() { sub, sid }: AuthUser) {
    return { sub, sid };
  }
}

@Controller('shop')
class ShopController {
  @Get('cart')
  cart(@CurrentUser() user: AuthUser) {
    return { sub: user.sub };
  }

  @Guarded()
  @SlidingSession()
  @Post('items')
  @Header('cache-control', 'no-store')
  add(@CurrentUser() user: AuthUser, @Body() body: object) {
    return { sub: user.sub, body };
  }

  @RequireRecentAuth('5m')
  @Post('pay')
  pay(@CurrentUser() user: AuthUser, @Body() body: object) {
    return { paid: user.sub, body };
  }

  @Get('moved')
  @Redirect('/shop/cart', 302)
  moved() {
    return undefined;
  }
}

/** A service and its shop behind a proxy that spoils what it is told to, on a clock that tests turn. */
export interface ClientHost {
  readonly clock: TestClock;
  readonly proxy: FaultProxy;
  /** What the proxy answers at `/page`, and does to other requests; instead of `proxy.fault`. */
  page?: Fault;
  fault?: FaultProxy['fault'];
  /** `url` of `createSession`. */
  readonly url: string;
  readonly sessions: SessionService;
  close(): Promise<void>;
}

/** @param realTime whether the clock is the machine's, for browsers, whose clock no test turns */
export async function startClientHost(options: HostOptions = {}, realTime = false): Promise<ClientHost> {
  const clock = new TestClock();
  const host = await startApp(
    'fastify',
    {
      imports: [
        AuthModule.forRoot({
          issuer: 'https://auth.shop.example',
          keys,
          store: realTime ? InMemoryTokenRepositoryModule.forRoot() : clock.store(),
          guard: 'global',
          routes: { path: 'auth' },
          clients: { default: {}, web: { transport: 'cookie' } },
          ...options,
        }),
      ],
      controllers: [AccountController, ShopController],
    },
    realTime ? {} : { clock },
  );
  const proxy = await new FaultProxy(await host.app.getUrl()).start();
  const made: ClientHost = {
    clock,
    proxy,
    url: `${proxy.url}/auth`,
    sessions: host.app.get(SessionService),
    close: async () => {
      await proxy.stop();
      await host.close();
    },
  };
  proxy.fault = (request) => (request.path === '/page' ? made.page : made.fault?.(request));
  return made;
}

/** A user that no other test knows. */
export const newCredentials = () => ({ email: `${randomUUID()}@shop.example`, password: PASSWORD });
