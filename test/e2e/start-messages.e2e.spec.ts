import {
  Controller,
  Get,
  Injectable,
  Logger,
  Module,
  Post,
  Res,
  SetMetadata,
  Sse,
  UseGuards,
  type DynamicModule,
  type Type,
} from '@nestjs/common';
import { ModuleRef, NestFactory } from '@nestjs/core';
import { WsAdapter } from '@nestjs/platform-ws';
import { SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { EMPTY } from 'rxjs';
import {
  AuthModule,
  generateKeys,
  InMemoryTokenRepositoryModule,
  JwtAuthGuard,
  Public,
  RedisRevocationFeedModule,
  RedisTokenRepositoryModule,
  RequireRecentAuth,
  RequireRole,
  ResourceServerModule,
  SessionService,
  SlidingSession,
} from '../../src/index.js';
import { ISSUER, keys } from '../support/auth-library.js';

type Mistaken = DynamicModule | Type;

/** What a plain JavaScript host, or one that casts, can write. */
const authWith = (changes: object): DynamicModule =>
  AuthModule.forRoot({
    issuer: ISSUER,
    keys,
    store: InMemoryTokenRepositoryModule.forRoot(),
    ...changes,
  });

const resourceServer = (issuer = ISSUER, guard: 'global' | 'manual' = 'global'): DynamicModule =>
  ResourceServerModule.forRoot({ issuer, jwksUri: 'http://127.0.0.1:1/jwks', guard });

@RequireRole('admin')
@Controller('reports')
class ReportsController {
  @Get()
  list() {
    return [];
  }
}

@Controller('drafts')
class DraftsController {
  @SlidingSession()
  @Get()
  list() {
    return [];
  }
}

@Module({ controllers: [ReportsController] })
class ReportsModule {}

@Module({ controllers: [DraftsController] })
class DraftsModule {}

/** The users of the recipe "fresh roles at each refresh", which end sessions as the recipe "revoke sessions" says. */
@Injectable()
class Users {
  constructor(readonly sessions: SessionService) {}

  load() {
    return { claims: { roles: ['buyer'] }, generation: 0 };
  }
}

@Module({ providers: [Users], exports: [Users] })
class UsersModule {}

const waiting = () =>
  AuthModule.forRootAsync({
    isGlobal: true,
    store: InMemoryTokenRepositoryModule.forRoot(),
    imports: [UsersModule],
    inject: [Users],
    useFactory: (users: Users) => ({ issuer: ISSUER, keys, loadSubject: () => users.load() }),
  });

async function start(imports: readonly Mistaken[], controllers: Type[] = []): Promise<string> {
  @Module({ imports: [...imports], controllers })
  class AppModule {}
  try {
    const app = await NestFactory.create(AppModule, { abortOnError: false, logger: false });
    try {
      await app.listen(0, '127.0.0.1');
      return 'started';
    } finally {
      await app.close();
    }
  } catch (error) {
    return (error as Error).message;
  }
}

describe('a mistake of the host ends the start with a sentence that says what to write', () => {
  it.each<[string, () => readonly Mistaken[], RegExp]>([
    [
      'an issuer that is no URL',
      () => [authWith({ issuer: 'shop' })],
      /issuer is 'shop'; it must be a URL.*https:\/\/auth\.example/,
    ],
    [
      'Redis without an address',
      () => [authWith({ store: (RedisTokenRepositoryModule.forRoot as () => DynamicModule)() })],
      /Write forRoot\(\{ url: 'redis:\/\/localhost:6379' \}\)/,
    ],
    [
      'a feed without an address',
      () => [(RedisRevocationFeedModule.forRoot as () => DynamicModule)()],
      /Write forRoot\(\{ url: 'redis:\/\/localhost:6379' \}\)/,
    ],
    [
      'the class of a store',
      () => [authWith({ store: InMemoryTokenRepositoryModule })],
      /store is the class InMemoryTokenRepositoryModule; write InMemoryTokenRepositoryModule\.forRoot\(…\)/,
    ],
    [
      'a store that is no module',
      () => [authWith({ store: 'redis' })],
      /store must be a module, such as Redis.*\.forRoot/,
    ],
    [
      'AuthModule without options',
      () => [AuthModule],
      /AuthModule stands in imports without its options\. Write AuthModule\.forRoot\(\{/,
    ],
    [
      'forRoot() without options',
      () => [(AuthModule.forRoot as () => DynamicModule)()],
      /AuthModule stands in imports without its options\. Write AuthModule\.forRoot\(\{/,
    ],
    [
      'forRoot() of a resource server without options',
      () => [(ResourceServerModule.forRoot as () => DynamicModule)()],
      /Write ResourceServerModule\.forRoot\(\{/,
    ],
    [
      'forRootAsync() without a factory',
      () => [AuthModule.forRootAsync({ store: InMemoryTokenRepositoryModule.forRoot() })],
      /useFactory is missing; forRootAsync\(\) needs one of useFactory, useClass, useExisting/,
    ],
    ['ResourceServerModule without options', () => [ResourceServerModule], /Write ResourceServerModule\.forRoot\(\{/],
    ['routes as a text', () => [authWith({ routes: 'auth' })], /routes must be .*; write routes: \{ path: 'auth' \}/],
    ['routes: true', () => [authWith({ routes: true })], /write routes: \{ path: 'auth' \}/],
    ['a path with slashes', () => [authWith({ routes: { path: '/auth/' } })], /write routes: \{ path: 'auth' \}/],
    [
      'a role in a module that does not see the global guard',
      () => [authWith({ guard: 'global' }), ReportsModule],
      /@RequireRole\(\).*does not see AuthModule\. Write isGlobal: true beside guard/,
    ],
    [
      'a sliding route in such a module',
      () => [authWith({ guard: 'global' }), DraftsModule],
      /@SlidingSession\(\) .*Write isGlobal: true/,
    ],
    [
      'a module imported twice',
      () => [authWith({}), authWith({ grace: '1s' })],
      /AuthModule is imported twice for the issuer.*once/,
    ],
    [
      'two issuers of tokens, which would answer at one JWKS and in the cookies of one name',
      () => [authWith({}), authWith({ issuer: 'https://staff.example', keys: generateKeys() })],
      /AuthModule is imported for https:\/\/auth\.example and https:\/\/staff\.example: .* Give each issuer an application/,
    ],
    [
      'two global guards, which would refuse each other',
      () => [resourceServer(), resourceServer('https://staff.example')],
      /guard is 'global' in ResourceServerModule and in ResourceServerModule: each guard would refuse the tokens of the other\. Import/,
    ],
    [
      'guards of two kinds',
      () => [authWith({ guard: 'global' }), resourceServer()],
      /in AuthModule and in ResourceServerModule.*write guard: 'manual' in both, and @UseGuards\(JwtAuthGuard\)/,
    ],
    [
      'a feed in place of a store, of which Nest says only that a class of ours cannot be resolved',
      () => [authWith({ store: RedisRevocationFeedModule.forRoot({ url: 'redis://127.0.0.1:1' }) })],
      /^store is RedisRevocationFeedModule, which exports no TokenRepository\. Give RedisTokenRepositoryModule\.forRoot/,
    ],
    [
      'a store in memory in place of a feed: it would hear of nothing',
      () => {
        const feed = InMemoryTokenRepositoryModule.forRoot();
        return [ResourceServerModule.forRoot({ issuer: ISSUER, jwksUri: `${ISSUER}/jwks`, feed })];
      },
      /^feed is InMemoryTokenRepositoryModule, which exports no RevocationSource\. Give RedisRevocationFeedModule\.forRoot/,
    ],
    [
      'a module of the host that forgot to export its repository',
      () => [authWith({ store: { module: DraftsModule, providers: [] } })],
      /^store is DraftsModule, which exports no TokenRepository/,
    ],
    [
      'a store of a second copy of the package',
      () => [authWith({ store: { module: UsersModule, exports: [class TokenRepository {}] } })],
      /^store is UsersModule of another copy of keyturn; npm ls keyturn/,
    ],
    ['a store that is null', () => [authWith({ store: null as never })], /^store must be a module, such as/],
    [
      'a factory that returns nothing',
      () => [
        AuthModule.forRootAsync({
          store: InMemoryTokenRepositoryModule.forRoot(),
          useFactory: () => undefined as never,
        }),
      ],
      /^the options are undefined; useFactory must return an object$/,
    ],
    [
      'a path with a parameter in it',
      () => [authWith({ routes: { path: ':tenant' } })],
      /^routes has the path ':tenant'; write plain names/,
    ],
    [
      'a path with a member that nobody knows',
      () => [authWith({ routes: { path: 'auth', prefix: 'api' } as never })],
      /^routes has an unknown member: prefix/,
    ],
    [
      'a client of node-redis',
      () => [authWith({ store: RedisTokenRepositoryModule.forRoot({ client: nodeRedis() }) })],
      /client must be a client of ioredis.*give the url/,
    ],
    [
      // Nest 12 finds it by itself, Nest 11 ends without a word: there it is the first sentence.
      'users and sessions that wait for each other',
      () => [waiting()],
      /waits for itself|circular dependency has been detected/,
    ],
  ])('%s', async (_story, imports, sentence) => {
    const messages = await Promise.resolve()
      .then(() => start(imports()))
      .catch((error: Error) => error.message);
    expect(messages).toMatch(sentence);
  });

  it('a resource server of another issuer starts beside AuthModule, when at most one of them guards every route', async () => {
    const staff = resourceServer('https://staff.example', 'manual');
    expect(await start([authWith({ guard: 'global', isGlobal: true }), staff, ReportsModule])).toBe('started');
  });

  it.each(['before', 'after'])(
    'a module with a provider of the same name that waits for sessions is no circle, imported %s',
    async (order) => {
      const CONFIG = 'CONFIG';
      @Module({ providers: [{ provide: CONFIG, useValue: { issuer: ISSUER, keys } }], exports: [CONFIG] })
      class SettingsModule {}
      const ofFeature = {
        provide: CONFIG,
        inject: [SessionService],
        useFactory: (sessions: unknown) => ({ sessions }),
      };
      @Module({ providers: [ofFeature] })
      class FeatureModule {}
      const auth = AuthModule.forRootAsync({
        isGlobal: true,
        store: InMemoryTokenRepositoryModule.forRoot(),
        imports: [SettingsModule],
        inject: [CONFIG],
        useFactory: (config: { issuer: string; keys: typeof keys }) => config,
      });
      expect(await start(order === 'before' ? [FeatureModule, auth] : [auth, FeatureModule])).toBe('started');
    },
  );

  it('users and sessions start together where the factory asks for the users when it needs them', async () => {
    @Module({
      imports: [
        AuthModule.forRootAsync({
          isGlobal: true,
          store: InMemoryTokenRepositoryModule.forRoot(),
          inject: [ModuleRef],
          useFactory: (modules: ModuleRef) => ({
            issuer: ISSUER,
            keys,
            loadSubject: () => modules.get(Users, { strict: false }).load(),
          }),
        }),
        UsersModule,
      ],
    })
    class AppModule {}
    const app = await NestFactory.create(AppModule, { abortOnError: false, logger: false });
    await app.init();
    const { accessToken } = await app.get(Users).sessions.open({ sub: 'ann', generation: 0 });
    expect(accessToken).toMatch(/^ey/);
    await app.close();
  });
});

/** The part of a client of node-redis that one could take for another library's. */
const nodeRedis = () => ({ isOpen: true, duplicate: () => undefined, sendCommand: () => undefined }) as never;

describe('what is said at the start, and does not end it', () => {
  @Controller('open')
  class OpenController {
    @Get()
    view() {
      return 'to anybody';
    }
  }

  @Public()
  @Controller('shop')
  class ShopController {
    @Get()
    view() {
      return 'to anybody, on purpose';
    }
  }

  @UseGuards(JwtAuthGuard)
  @Controller('cart')
  class CartController {
    @SlidingSession()
    @Post()
    add(@Res() response: { send(body: unknown): void }) {
      response.send('added');
    }

    @SlidingSession()
    @Get()
    view(@Res({ passthrough: true }) _response: object) {
      return [];
    }
  }

  async function warningsOf(imports: readonly Mistaken[], controllers: Type[]): Promise<string[]> {
    const warnings: string[] = [];
    @Module({ imports: [...imports], controllers })
    class AppModule {}
    const ignore = () => undefined;
    const warn = (line: string) => void warnings.push(line);
    const logger = { log: ignore, error: ignore, debug: ignore, warn };
    const app = await NestFactory.create(AppModule, { abortOnError: false, logger });
    await app.init();
    await app.close();
    Logger.overrideLogger(false);
    return warnings;
  }

  it('no route is guarded', async () => {
    expect(await warningsOf([authWith({})], [OpenController, ShopController])).toEqual([
      expect.stringMatching(/^No route is guarded, OpenController\.view neither: write guard: 'global' in AuthModule/),
    ]);
  });

  it.each<[string, object, Type[]]>([
    ['all routes are', { guard: 'global' }, [OpenController]],
    ['one is', {}, [OpenController, CartController]],
    ['those that are not say so', {}, [ShopController]],
    ['there are none of the host', { routes: { path: 'auth' } }, []],
  ])('and nothing is said of it where %s', async (_story, changes, controllers) => {
    const warnings = await warningsOf([authWith(changes)], controllers);
    expect(warnings.filter((line) => line.includes('guarded'))).toEqual([]);
  });

  it('a handler that writes its answer itself never slides', async () => {
    const warnings = await warningsOf([authWith({})], [CartController]);
    expect(warnings.filter((line) => line.includes('@Res('))).toEqual([
      expect.stringMatching(
        /no effect where a handler writes the answer itself: CartController\.add\. Write @Res\(\{ passthrough: true \}\)/,
      ),
    ]);
  });
});

describe('a decorator where it does nothing is told of', () => {
  @WebSocketGateway()
  class PricesGateway {
    @SlidingSession()
    @SubscribeMessage('price')
    price() {
      return 1;
    }
  }

  @Controller('stock')
  class StockController {
    @SlidingSession()
    @Sse('changes')
    changes() {
      return EMPTY;
    }

    @SlidingSession()
    @Get()
    list() {
      return [];
    }
  }

  /** No guard runs when a service is called: the role would be asked of nobody. */
  @Injectable()
  class Orders {
    @RequireRole('admin')
    cancel() {
      return 'cancelled';
    }
  }

  @RequireRecentAuth('5m')
  @Injectable()
  class Payments {
    pay() {
      return 'paid';
    }
  }

  @RequireRole('admin')
  @WebSocketGateway()
  class AdminGateway {
    @RequireRecentAuth('5m')
    @SubscribeMessage('order')
    order() {
      return 1;
    }
  }

  /** As a package for jobs marks them, which may run guards of its own. */
  @Injectable()
  class Jobs {
    @RequireRole('admin')
    @SetMetadata('jobs:name', 'nightly')
    nightly() {
      return 1;
    }
  }

  async function warnings(controllers: Type[], providers: Type[]): Promise<string> {
    const lines: string[] = [];
    const logger = { log: () => undefined, error: () => undefined, warn: (line: string) => void lines.push(line) };
    @Module({ imports: [authWith({ guard: 'global' })], controllers, providers })
    class AppModule {}
    const app = await NestFactory.create(AppModule, { abortOnError: false, logger });
    app.useWebSocketAdapter(new WsAdapter(app));
    await app.init();
    await app.close();
    Logger.overrideLogger(false);
    return lines.join('\n');
  }

  it('sliding on a gateway and on a stream of events, which have no header for a token', async () => {
    const told = await warnings([StockController], [PricesGateway]);
    const [names] = /no effect on gateways, .*events: (.*)\. Their/.exec(told)!.slice(1) as [string];
    expect(names.split(', ').toSorted()).toEqual(['PricesGateway.price', 'StockController.changes']);
  });

  it('a demand on a method that only the host itself calls', async () => {
    const told = await warnings([ReportsController], [Orders, Payments, AdminGateway, Jobs]);
    const [names] = /No guard runs when your own code calls a method: (.*)\. Put/.exec(told)!.slice(1) as [string];
    expect(names.split(', ').toSorted()).toEqual(['Orders.cancel', 'Payments']);
  });

  it('and nothing is said where every decorator has its effect', async () => {
    expect(await warnings([ReportsController], [AdminGateway, Jobs])).not.toMatch(/no effect|No guard runs/);
  });
});

describe('a login that the host got wrong says what to write', () => {
  class User {
    roles = ['buyer'];
  }
  const circle: Record<string, unknown> = {};
  circle.self = circle;

  it.each<[string, object, RegExp]>([
    ['a sub that is a number', { sub: 42 }, /sub must be a text, not of type number: write String\(user\.id\)/],
    [
      'an entity in place of claims',
      { claims: new User() },
      /claims is an instance of User.*Write \{ roles: user\.roles \}/,
    ],
    [
      'a date',
      { claims: { at: { born: new Date() } } },
      /claims\.at\.born is an instance of Date.*date\.toISOString\(\)/,
    ],
    ['a bigint', { claims: { ids: [1, 2n] } }, /claims\.ids\[1\] is a bigint.*String\(id\)/],
    ['a number that JSON does not have', { claims: { share: NaN } }, /claims\.share is NaN/],
    ['a function', { claims: { can: () => true } }, /claims\.can is a function/],
    ['a map', { claims: { rights: new Map() } }, /claims\.rights is an instance of Map/],
    ['an object that contains itself', { claims: circle }, /claims\.self contains itself/],
    ['a list of claims', { claims: ['buyer'] }, /must give an object/],
    ['such a claim of the session', { sessionClaims: { at: new Date() } }, /claims\.at is an instance of Date/],
  ])('%s', async (_story, login, sentence) => {
    const app = await NestFactory.createApplicationContext(authWith({}), { logger: false });
    const opened = app.get(SessionService).open({ sub: 'ann', ...login });
    await expect(opened).rejects.toThrow(sentence);
    await app.close();
  });

  it('a claim that is undefined is left out, as in every JSON', async () => {
    const app = await NestFactory.createApplicationContext(authWith({}), { logger: false });
    const { accessToken } = await app
      .get(SessionService)
      .open({ sub: 'ann', claims: { tenant: undefined, list: [null, { a: 1.5 }] } as object });
    expect(Buffer.from(accessToken.split('.')[1]!, 'base64url').toString()).not.toContain('tenant');
    await app.close();
  });
});
