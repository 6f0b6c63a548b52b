import { Controller, Get, Logger, Module, UseGuards, type DynamicModule, type Type } from '@nestjs/common';
import {
  AuthConfigError,
  CurrentUser,
  generateKeys,
  JwtAuthGuard,
  RequireLiveSession,
  ResourceServerModule,
  RevocationSource,
  SlidingSession,
  WhenStale,
} from '../../src/index.js';
import { InProcessRevocationFeed } from '../../src/stores/memory/in-process-revocation-feed.js';
import { parseKeyRing } from '../../src/tokens/key-ring.js';
import { tokenService, content } from '../support/access-tokens.js';
import { startApp, type RunningApp } from '../support/adapters.js';
import { ISSUER, keys } from '../support/auth-library.js';
import { TestClock } from '../../src/testing/index.js';

const jwks = parseKeyRing(keys, 'ES256').publicJwks(0);

@Module({})
class HeardInProcess {}
const feed: DynamicModule = {
  module: HeardInProcess,
  providers: [{ provide: RevocationSource, useFactory: () => new InProcessRevocationFeed() }],
  exports: [RevocationSource],
};

@Controller('orders')
@UseGuards(JwtAuthGuard)
class OrdersController {
  @Get()
  list(@CurrentUser('sub') sub: string) {
    return { sub };
  }
}

@Controller('payouts')
class PayoutsController {
  @RequireLiveSession()
  @Get()
  pay() {}
}

@WhenStale('check')
@Controller('checked')
class CheckedController {
  @Get()
  list() {}
}

@Controller('cart')
class CartController {
  @SlidingSession({ extendSession: true })
  @Get()
  add() {}
}

class RejectingBase {
  @WhenStale('reject')
  @Get()
  list() {}
}

@Controller('strict')
class StrictController extends RejectingBase {}

type Given = Record<string, unknown>;

const running: RunningApp[] = [];
const told: string[] = [];
beforeEach(() => {
  told.length = 0;
  jest.spyOn(Logger.prototype, 'warn').mockImplementation((...[line]: unknown[]) => void told.push(String(line)));
});
afterEach(async () => {
  jest.restoreAllMocks();
  await Promise.all(running.splice(0).map((app) => app.close()));
});

async function start(options: Given = {}, controllers: Type[] = [OrdersController], clock?: TestClock) {
  const imports = [ResourceServerModule.forRoot({ issuer: ISSUER, audience: 'shop', keys: jwks, ...options })];
  const app = await startApp('fastify', { imports, controllers }, { clock });
  running.push(app);
  return app;
}
const refusal = async (options: Given, controllers?: Type[]): Promise<string> =>
  start(options, controllers).then(
    () => 'started',
    (error: unknown) => {
      expect(error).toBeInstanceOf(AuthConfigError);
      return (error as Error).message;
    },
  );

describe('a resource server', () => {
  it('verifies by keys that are given, and is guarded where it says so', async () => {
    const clock = new TestClock(content.issuedAt * 1000);
    const { ask } = await start({ keys: JSON.stringify(jwks) }, [OrdersController], clock);
    const token = tokenService(keys).service.issue(content);
    expect((await ask('GET /orders', { token })).json()).toEqual({ sub: 'ann' });
    expect((await ask('GET /orders')).status).toBe(401);
  });

  it('says once at its start what it means to have no feed', async () => {
    await start();
    expect(told).toEqual([expect.stringMatching(/^There is no feed: .* accepted until it expires\./)]);
    told.length = 0;
    await start({ feed });
    expect(told).toEqual([]);
  });

  it.each<[string, Given, string]>([
    ['no keys at all', { keys: undefined }, 'give jwksUri'],
    ['both kinds of keys', { jwksUri: 'https://auth.example/jwks' }, 'not both'],
    ['a line that others can write to', { keys: undefined, jwksUri: 'http://auth.example/jwks' }, 'jwksUri must be'],
    ['such a line for tokens', { renewUrl: 'http://auth.example/renew' }, 'renewUrl must be'],
    ['a secret', { keys: generateKeys('HS256') }, 'is a secret (type oct): a verifier must not hold what signs'],
    ['a private key', { keys }, 'is a private key: give the public one'],
    ['a secret beside public keys', { keys: { keys: [...jwks.keys, keys.keys[1]] } }, 'is a secret (type oct)'],
    ['what is no JSON', { keys: 'k' }, 'keys is not JSON'],
    ['no issuer', { issuer: undefined }, 'issuer must be given'],
    ['an option it does not know', { accessTtl: '5m' }, 'unknown option of ResourceServerModule: accessTtl'],
    ['what the auth service decides', { sliding: { slideLimit: '1h' } }, 'unknown option of sliding: slideLimit'],
    ['a check without a store', { revocation: { whenStale: 'check' }, feed }, "whenStale cannot be 'check'"],
    ['a reject without a feed', { revocation: { whenStale: 'reject' } }, "'reject' needs feed"],
    ['a guard it does not know', { guard: 'some' }, 'must be one of manual, global'],
  ])('refuses %s with a sentence', async (_what, options, why) => {
    const message = await Promise.resolve()
      .then(() => refusal(options))
      .catch((error: Error) => error.message);
    expect(message).toContain(why);
    expect(message).not.toContain(keys.keys[1]!.k!);
  });

  it.each<[string, Given, Type, string]>([
    [
      '@RequireLiveSession()',
      { feed },
      PayoutsController,
      '@RequireLiveSession() has no store to ask in a resource server without renewUrl: PayoutsController.pay',
    ],
    [
      "@WhenStale('check') on a class",
      { feed },
      CheckedController,
      "@WhenStale('check') has no store to ask in a resource server without renewUrl: CheckedController",
    ],
    [
      "an inherited @WhenStale('reject') without a feed",
      {},
      StrictController,
      "@WhenStale('reject') has no feed to go by in a resource server without renewUrl: StrictController.list",
    ],
    ["@WhenStale('reject') with one", { feed }, StrictController, 'started'],
  ])('looks at routes before it starts: %s', async (_what, options, controller, why) => {
    expect(await refusal(options, [controller])).toContain(why);
  });

  it('tells of routes that slide where nothing is renewed: who marked them would wait for it in vain', async () => {
    await start({ feed, guard: 'global' }, [CartController]);
    expect(told).toEqual(['@SlidingSession() has no effect in a resource server without renewUrl: CartController.add']);
    told.length = 0;
    await start({ feed, guard: 'global', renewUrl: 'https://auth.example/auth/renew' }, [CartController]);
    expect(told).toEqual([
      '@SlidingSession({ extendSession: true }) has no effect in a resource server: CartController.add',
      expect.stringContaining('Put @RequireRecentAuth() on what a thief must not do'),
    ]);
  });
});
