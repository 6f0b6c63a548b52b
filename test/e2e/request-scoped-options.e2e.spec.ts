import { Controller, Get, Inject, Injectable, Module, Scope, type DynamicModule, type Type } from '@nestjs/common';
import { REQUEST } from '@nestjs/core';
import {
  AuthModule,
  InMemoryTokenRepository,
  InMemoryTokenRepositoryModule,
  ResourceServerModule,
  RevocationFeed,
  TokenRepository,
} from '../../src/index.js';
import { InProcessRevocationFeed } from '../../src/stores/memory/in-process-revocation-feed.js';
import { ADAPTERS, startApp } from '../support/adapters.js';
import { ISSUER, keys } from '../support/auth-library.js';

@Controller('secret')
class SecretController {
  @Get()
  read() {
    return 'secret';
  }
}

@Injectable({ scope: Scope.REQUEST })
class TenantConfig {
  readonly issuer = ISSUER;

  createAuthOptions() {
    return { issuer: this.issuer, keys };
  }
}

@Injectable({ scope: Scope.REQUEST, durable: true })
class DurableConfig extends TenantConfig {}

@Injectable()
class NeedsTenant {
  readonly issuer = ISSUER;
  constructor(@Inject(TenantConfig) readonly config: TenantConfig) {}
}

/** Made anew for each who asks, which is once for the options. */
@Injectable({ scope: Scope.TRANSIENT })
class OwnConfig {
  readonly issuer = ISSUER;
}

@Module({ providers: [TenantConfig, DurableConfig, NeedsTenant, OwnConfig], exports: [NeedsTenant, OwnConfig] })
class ConfigModule {}

@Module({
  providers: [TenantConfig, DurableConfig],
  exports: [TenantConfig, DurableConfig],
})
class TenantModule {}

/** A module that hands on another one. */
@Module({ imports: [TenantModule], exports: [TenantModule] })
class CoreModule {}

const beside = { guard: 'global', isGlobal: true, store: InMemoryTokenRepositoryModule.forRoot() } as const;

const injecting = (config: Type<{ issuer: string }> | symbol | string, from: Type = TenantModule): DynamicModule =>
  AuthModule.forRootAsync({
    ...beside,
    imports: [from],
    inject: [config],
    useFactory: () => ({ issuer: ISSUER, keys }),
  });

function scopedStore(): DynamicModule {
  @Module({})
  class TenantStoreModule {}
  const providers = [
    { provide: TokenRepository, scope: Scope.REQUEST, useFactory: () => new InMemoryTokenRepository() },
    { provide: RevocationFeed, useFactory: () => new InProcessRevocationFeed() },
  ];
  return { module: TenantStoreModule, providers, exports: [TokenRepository, RevocationFeed] };
}

/** What a start of the host says; `started` where a stranger is kept out. */
async function started(auth: DynamicModule): Promise<string> {
  try {
    const app = await startApp('express', { imports: [auth], controllers: [SecretController] });
    const { status } = await app.ask('GET /secret');
    await app.close();
    return status === 401 ? 'started' : `open to anybody: ${status}`;
  } catch (error) {
    return (error as Error).message;
  }
}

describe('what is made anew for each request cannot be part of the guard, and Nest would leave the guard out', () => {
  const sentence = (name: string, module = 'AuthModule') =>
    `${name} is request-scoped, but ${module} is made once, at the start, and needs it for its options or its store: ` +
    'its guard would never run. Inject nothing request-scoped there';

  it.each<[string, string, () => DynamicModule]>([
    ['what the factory injects', 'TenantConfig', () => injecting(TenantConfig)],
    ['from a module that another one exports', 'TenantConfig', () => injecting(TenantConfig, CoreModule)],
    ['by tenant in place of by request', 'DurableConfig', () => injecting(DurableConfig)],
    ['what the injected class needs', 'TenantConfig', () => injecting(NeedsTenant, ConfigModule)],
    ['the request itself', 'REQUEST', () => injecting(REQUEST)],
    ['a class of options', 'TenantConfig', () => AuthModule.forRootAsync({ ...beside, useClass: TenantConfig })],
    [
      'a class of options that the host provides',
      'TenantConfig',
      () => AuthModule.forRootAsync({ ...beside, imports: [TenantModule], useExisting: TenantConfig }),
    ],
    [
      'the store',
      'TokenRepository',
      () => AuthModule.forRoot({ issuer: ISSUER, keys, ...beside, store: scopedStore() }),
    ],
  ])('%s ends the start with a sentence that names it', async (_story, name, auth) => {
    expect(await started(auth())).toBe(sentence(name));
  });

  it('a resource server says the same of its own options', async () => {
    const auth = ResourceServerModule.forRootAsync({
      guard: 'global',
      isGlobal: true,
      imports: [TenantModule],
      inject: [TenantConfig],
      useFactory: ({ issuer }: TenantConfig) => ({ issuer, jwksUri: 'http://127.0.0.1:1/jwks' }),
    });
    expect(await started(auth)).toBe(sentence('TenantConfig', 'ResourceServerModule'));
  });

  it('a transient class is made once for the options, so it is taken', async () => {
    expect(await started(injecting(OwnConfig, ConfigModule))).toBe('started');
  });
});

it.each(ADAPTERS)('on %s request-scoped controllers and services of the host are guarded as ever', async (adapter) => {
  @Controller('mine')
  class MineController {
    constructor(@Inject(TenantConfig) readonly config: TenantConfig) {}

    @Get()
    read() {
      return this.config.issuer;
    }
  }
  const auth = AuthModule.forRoot({ issuer: ISSUER, keys, ...beside });
  const app = await startApp(adapter, { imports: [auth, TenantModule], controllers: [MineController] });

  expect((await app.ask('GET /mine')).status).toBe(401);
  await app.close();
});
