import { Body, Controller, Get, HttpCode, Inject, Module, Post, Req, Res, UnauthorizedException } from '@nestjs/common';
import {
  AUTH_POLICY,
  AuthModule,
  CurrentUser,
  deviceOf,
  InMemoryTokenRepository,
  Public,
  SessionService,
  SlidingSession,
  TokenResponder,
  type AuthModuleExtras,
  type AuthModuleOptions,
  type AuthPolicy,
  type AuthUser,
  type IncomingRequest,
  type LoadedSubject,
  type TokenAnswer,
} from '../../src/index.js';
import { TestClock } from '../../src/testing/index.js';
import { startApp, type AdapterName, type AppSetup } from './adapters.js';
import { ISSUER, keys, storeOf } from './auth-library.js';
import { FaultyRepository } from './faulty-repository.js';

interface User {
  readonly id: string;
  readonly name: string;
  password: string;
  roles: string[];
  generation: number;
}

/** A host's own users: where they live is nothing that the library knows. */
export class Users {
  readonly all: User[] = [{ id: 'u-1', name: 'ann', password: 'correct horse', roles: ['buyer'], generation: 0 }];
  fault?: Error;

  check(name: string, password: string): User | undefined {
    return this.all.find((user) => user.name === name && user.password === password);
  }

  load(id: string): LoadedSubject | null {
    if (this.fault) throw this.fault;
    const user = this.all.find((candidate) => candidate.id === id);
    return user ? { claims: { roles: user.roles }, generation: user.generation } : null;
  }
}

@Controller()
export class HostController {
  constructor(
    @Inject(Users) private readonly users: Users,
    @Inject(SessionService) private readonly sessions: SessionService,
    @Inject(AUTH_POLICY) private readonly policy: AuthPolicy,
    @Inject(TokenResponder) private readonly responder: TokenResponder,
  ) {}

  @Public()
  @Post('login')
  async login(
    @Body()
    {
      name,
      password,
      client_id: clientId,
      persistent,
    }: { name: string; password: string; client_id?: string; persistent?: boolean },
    @Req() request: IncomingRequest,
    @Res({ passthrough: true }) response: object,
  ): Promise<TokenAnswer> {
    const replaces = this.responder.sessionReplacedBy(request, clientId);
    const user = this.users.check(name, password);
    if (!user) throw new UnauthorizedException();
    const { id: sub, generation, roles } = user;
    const claims = this.policy.loadSubject ? undefined : { roles };
    const device = deviceOf(request, 'laptop');
    const grant = await this.sessions.open({ sub, generation, claims, clientId, device, replaces, persistent });
    return this.responder.respond(response, grant);
  }

  @Post('profile')
  @HttpCode(204)
  rename() {}

  @SlidingSession()
  @Post('cart')
  @HttpCode(200)
  fill(@CurrentUser('sub') sub: string) {
    return { cartOf: sub };
  }

  @Get('profile')
  profile(@CurrentUser() user: AuthUser<{ roles: string[] }>) {
    return { sub: user.sub, roles: user.roles };
  }
}

export const credentials = { name: 'ann', password: 'correct horse' };

/** The host with the library's session routes, over a store that can fail and a clock that can be moved. */
export async function startHost(
  adapter: AdapterName,
  makeOptions: (users: Users) => Partial<AuthModuleOptions> = () => ({}),
  extras: AuthModuleExtras = {},
  configure?: AppSetup['configure'],
) {
  const clock = new TestClock(Date.parse('2026-03-01T12:00:00.400Z'));
  const users = new Users();
  const repository = new FaultyRepository(new InMemoryTokenRepository(() => clock.now()));
  @Module({ providers: [{ provide: Users, useValue: users }], exports: [Users] })
  class UsersModule {}
  const auth = AuthModule.forRootAsync({
    guard: 'global',
    routes: { path: 'auth' },
    store: storeOf(repository),
    ...extras,
    imports: [UsersModule],
    inject: [Users],
    useFactory: async (found: Users) => ({ issuer: ISSUER, audience: 'shop', keys, ...makeOptions(found) }),
  });
  const host = await startApp(
    adapter,
    { imports: [UsersModule, auth], controllers: [HostController] },
    { clock, configure },
  );
  const login = async () => (await host.ask('POST /login', { body: credentials })).json<TokenAnswer>();
  const refresh = (token: unknown, headers = {}) =>
    host.ask('POST /auth/refresh', { body: { refresh_token: token }, headers });
  return { ...host, clock, users, repository, login, refresh };
}
