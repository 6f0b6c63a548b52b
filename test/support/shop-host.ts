import { Controller, Get, Post, UseGuards, type ModuleMetadata, type Type } from '@nestjs/common';
import {
  AuthModule,
  CurrentSession,
  CurrentUser,
  Guarded,
  JwtAuthGuard,
  OptionalAuth,
  Public,
  SessionService,
  type AuthModuleExtras,
  type AuthModuleOptions,
  type AuthSession,
  type AuthUser,
} from '../../src/index.js';
import { TestClock } from '../../src/testing/index.js';
import { startApp, type AdapterName, type AppSetup } from './adapters.js';
import { ISSUER, keys } from './auth-library.js';

export type HostOptions = Partial<AuthModuleOptions & AuthModuleExtras>;

@Controller('shop')
export class ShopController {
  @Get('cart')
  cart(@CurrentUser() user: AuthUser) {
    return { sub: user.sub };
  }

  @Public()
  @Get('products')
  products(@CurrentUser() user?: AuthUser) {
    return { user: user?.sub ?? 'not looked at' };
  }

  @OptionalAuth()
  @Get('greeting')
  greeting(@CurrentUser('sub') sub?: string) {
    return { greeting: `Hello ${sub ?? 'stranger'}` };
  }

  @Get('me')
  me(
    @CurrentUser() user: AuthUser<{ roles: string[] }>,
    @CurrentUser('sub') sub: string,
    @CurrentUser('roles') roles: string[],
    @CurrentUser('nothing') nothing: unknown,
    @CurrentSession() session: AuthSession,
  ) {
    return { sub, roles, sameRoles: user.roles, nothing: nothing ?? null, session, frozen: Object.isFrozen(user) };
  }
}

@Public()
@Controller('open')
export class OpenController {
  @Get()
  read() {
    return 'read by anyone';
  }

  @Guarded()
  @Post()
  write(@CurrentUser('sub') sub: string) {
    return { sub };
  }

  @OptionalAuth()
  @Get('hello')
  hello(@CurrentUser('sub') sub?: string) {
    return { sub: sub ?? null };
  }
}

/** Guarded by itself, in an application without the global guard. */
@UseGuards(JwtAuthGuard)
@Controller('orders')
export class OrdersController {
  @Get()
  list(@CurrentUser('sub') sub: string) {
    return { sub };
  }

  @Public()
  @Get('terms')
  terms() {
    return 'terms';
  }
}

@Controller('mixed')
export class MixedController {
  @Get('free')
  free(@CurrentSession() session?: AuthSession) {
    return { session: session ?? null };
  }

  @UseGuards(JwtAuthGuard)
  @Get('kept')
  kept(@CurrentUser('sub') sub: string) {
    return { sub };
  }
}

export const shopMetadata = (clock: TestClock, controllers: Type[], options: HostOptions = {}): ModuleMetadata => ({
  imports: [AuthModule.forRoot({ issuer: ISSUER, keys, store: clock.store(), guard: 'global', ...options })],
  controllers,
});

/** A shop behind the guard, global unless said otherwise. */
export async function startShop(
  adapter: AdapterName,
  options: HostOptions = {},
  controllers: Type[] = [ShopController, OpenController],
  setup: AppSetup = {},
) {
  const clock = new TestClock();
  const host = await startApp(adapter, shopMetadata(clock, controllers, options), { clock, ...setup });
  const sessions = host.app.get(SessionService);
  const login = async (sub = 'ann') => (await sessions.open({ sub, claims: { roles: ['buyer'] } })).accessToken;
  return { ...host, clock, login };
}
