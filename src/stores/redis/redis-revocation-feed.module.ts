import type { DynamicModule, FactoryProvider, ModuleMetadata, OnApplicationShutdown } from '@nestjs/common';
import { Inject, Module } from '@nestjs/common';
import { LONGEST_BLOCK, RedisRevocationSource } from './redis-revocation-feed.js';
import { RevocationSource } from '../../revocation/revocation-feed.js';
import { createBlockingClient } from './redis-client.js';
import type { RedisSettings, RedisTokenRepositoryOptions } from './redis-connection-options.js';
import { redisSettings } from './redis-connection-options.js';
import type { RedisTokenRepositoryAsyncOptions } from './redis-token-repository.module.js';

/**
 * Subscribes to the revocations of an auth service that keeps its sessions in Redis, for `ResourceServerModule`. It takes the
 * options of `RedisTokenRepositoryModule`, with the auth service's `keyPrefix`, and opens one connection that only reads
 * the stream `<keyPrefix>feed`: `XRANGE`, `XREAD`, and `INFO` when it connects. So its Redis user needs no more than
 * `%R~kt:feed +xrange +xread +info` (Redis 7; before, `~kt:feed`).
 *
 * What a Redis has lost (failover, restore) is published again by the auth service, which may write; what this app has
 * read before, it remembers.
 *
 * @example
 * ```ts
 * ResourceServerModule.forRoot({ feed: RedisRevocationFeedModule.forRoot({ url: 'redis://localhost:6379' }), … })
 * ```
 */
@Module({})
export class RedisRevocationFeedModule implements OnApplicationShutdown {
  constructor(@Inject(RevocationSource) private readonly feed: RedisRevocationSource) {}

  /** @throws AuthConfigError when an option is unknown, missing or out of range */
  static forRoot(options: RedisTokenRepositoryOptions): DynamicModule {
    const settings = redisSettings(options);
    return feedModule({ provide: FEED_SETTINGS, useFactory: () => settings });
  }

  /** As `forRoot()`, with options from a factory of the host. */
  static forRootAsync({ imports, inject, useFactory }: RedisTokenRepositoryAsyncOptions): DynamicModule {
    return feedModule(
      { provide: FEED_SETTINGS, inject, useFactory: async (...args) => redisSettings(await useFactory(...args)) },
      imports,
    );
  }

  /** Not in onModuleDestroy: Nest calls that while requests are still being answered. */
  onApplicationShutdown(): void {
    this.feed.close();
  }
}

const FEED_SETTINGS = Symbol.for('keyturn:redis-feed-settings');

function feedModule(settings: FactoryProvider<RedisSettings>, imports: ModuleMetadata['imports'] = []): DynamicModule {
  const feed: FactoryProvider<RevocationSource> = {
    provide: RevocationSource,
    inject: [FEED_SETTINGS],
    useFactory: async (options: RedisSettings) => {
      const consequence = 'Revocations do not arrive here until it is back.';
      return new RedisRevocationSource(await createBlockingClient(options, LONGEST_BLOCK, consequence), options);
    },
  };
  return { module: RedisRevocationFeedModule, imports, providers: [settings, feed], exports: [RevocationSource] };
}
