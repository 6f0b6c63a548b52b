import type {
  DynamicModule,
  FactoryProvider,
  ModuleMetadata,
  OnApplicationShutdown,
  OnModuleInit,
} from '@nestjs/common';
import { Inject, Module } from '@nestjs/common';
import { within } from '../../auth.deadline.js';
import { LONGEST_BLOCK, RedisRevocationFeed } from './redis-revocation-feed.js';
import { RevocationFeed } from '../../revocation/revocation-feed.js';
import {
  closeRedisClient,
  connectRedisClient,
  createBlockingClient,
  hostClient,
  prepareRedisClient,
} from './redis-client.js';
import type { RedisClient, RedisSettings, RedisTokenRepositoryOptions } from './redis-connection-options.js';
import { redisSettings } from './redis-connection-options.js';
import { warnOfRedisSettings } from './redis-facts.js';
import { RedisTokenRepository } from './redis-token.repository.js';
import { OneTimeValues } from '../../sessions/one-time-values.js';
import { TokenRepository } from '../../sessions/token.repository.js';
import { AttemptLog } from '../../limits/attempt-log.js';
import { RedisAttemptLog } from './redis-attempt-log.js';
import { RedisOneTimeValues } from './redis-one-time-values.js';

/** DI token of the ioredis client, for what else keeps its state in the same Redis (login limits, the feed). */
export const REDIS_CLIENT = Symbol.for('keyturn:redis-client');
/** DI token of the connection on which the feed waits for news. */
export const REDIS_READER = Symbol.for('keyturn:redis-reader');
/** DI token of the checked options, {@link RedisSettings}. */
export const REDIS_SETTINGS = Symbol.for('keyturn:redis-settings');

export interface RedisTokenRepositoryAsyncOptions extends Pick<ModuleMetadata, 'imports'> {
  readonly inject?: FactoryProvider['inject'] | undefined;
  readonly useFactory: FactoryProvider<
    RedisTokenRepositoryOptions | Promise<RedisTokenRepositoryOptions>
  >['useFactory'];
}

/**
 * Keeps sessions in Redis. Comes up without it too: calls then answer `store_unavailable` until it appears.
 *
 * @example
 * ```ts
 * RedisTokenRepositoryModule.forRoot({ url: 'redis://localhost:6379', commandTimeout: '300ms' })
 * ```
 */
@Module({})
export class RedisTokenRepositoryModule implements OnModuleInit, OnApplicationShutdown {
  constructor(
    @Inject(REDIS_SETTINGS) private readonly settings: RedisSettings,
    @Inject(REDIS_CLIENT) private readonly client: RedisClient,
    @Inject(RevocationFeed) private readonly feed: RedisRevocationFeed,
  ) {}

  /** @throws AuthConfigError when an option is unknown, missing or out of range */
  static forRoot(options: RedisTokenRepositoryOptions): DynamicModule {
    const settings = redisSettings(options);
    return storeModule({ provide: REDIS_SETTINGS, useFactory: () => settings });
  }

  /** As `forRoot()`, with options from a factory of the host. */
  static forRootAsync({ imports, inject, useFactory }: RedisTokenRepositoryAsyncOptions): DynamicModule {
    return storeModule(
      { provide: REDIS_SETTINGS, inject, useFactory: async (...args) => redisSettings(await useFactory(...args)) },
      imports,
    );
  }

  /**
   * Connects, and gives a healthy Redis the moment it needs. Not where the client is made: a start that fails later would
   * leave the connection open.
   */
  async onModuleInit(): Promise<void> {
    warnOfRedisSettings(this.client, this.settings.commandTimeout);
    if (this.settings.at.kind === 'client' || this.client.status === 'ready') return;
    // Either way the start goes on: why there is no connection the log tells.
    const connected = connectRedisClient(this.client);
    await within(this.settings.commandTimeout, connected, () => new Error('not connected yet')).catch(() => undefined);
  }

  /** Not in onModuleDestroy: Nest calls that while requests are still being answered. */
  async onApplicationShutdown(): Promise<void> {
    this.feed.close();
    if (this.settings.at.kind !== 'client') closeRedisClient(this.client);
  }
}

function storeModule(settings: FactoryProvider<RedisSettings>, imports: ModuleMetadata['imports'] = []): DynamicModule {
  const client: FactoryProvider<RedisClient> = {
    provide: REDIS_CLIENT,
    inject: [REDIS_SETTINGS],
    useFactory: async ({ at, ...rest }: RedisSettings) =>
      at.kind === 'client' ? hostClient(at.client) : prepareRedisClient({ ...rest, at }),
  };
  const reader: FactoryProvider<RedisClient> = {
    provide: REDIS_READER,
    inject: [REDIS_SETTINGS],
    useFactory: (options: RedisSettings) => createBlockingClient(options, LONGEST_BLOCK),
  };
  const repository: FactoryProvider<TokenRepository> = {
    provide: TokenRepository,
    inject: [REDIS_CLIENT, REDIS_SETTINGS],
    useFactory: (redis: RedisClient, options: RedisSettings) => new RedisTokenRepository(redis, options),
  };
  const feed: FactoryProvider<RevocationFeed> = {
    provide: RevocationFeed,
    inject: [REDIS_CLIENT, REDIS_READER, REDIS_SETTINGS],
    useFactory: (redis: RedisClient, waiting: RedisClient, options: RedisSettings) =>
      new RedisRevocationFeed(redis, waiting, options),
  };
  const oneTime: FactoryProvider<OneTimeValues> = {
    provide: OneTimeValues,
    inject: [REDIS_CLIENT, REDIS_SETTINGS],
    useFactory: (redis: RedisClient, options: RedisSettings) => new RedisOneTimeValues(redis, options),
  };
  const attempts: FactoryProvider<AttemptLog> = {
    provide: AttemptLog,
    inject: [REDIS_CLIENT, REDIS_SETTINGS],
    useFactory: (redis: RedisClient, options: RedisSettings) => new RedisAttemptLog(redis, options),
  };
  const exported = [
    REDIS_CLIENT,
    REDIS_READER,
    REDIS_SETTINGS,
    TokenRepository,
    RevocationFeed,
    OneTimeValues,
    AttemptLog,
  ];
  return {
    module: RedisTokenRepositoryModule,
    imports,
    providers: [settings, client, reader, repository, feed, oneTime, attempts],
    exports: exported,
  };
}
