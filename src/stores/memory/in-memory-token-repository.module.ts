import type { DynamicModule } from '@nestjs/common';
import { Module } from '@nestjs/common';
import { InMemoryOneTimeValues } from './in-memory-one-time-values.js';
import { InProcessRevocationFeed } from './in-process-revocation-feed.js';
import { RevocationFeed } from '../../revocation/revocation-feed.js';
import type { InMemoryRepositoryOptions } from './in-memory-token.repository.js';
import { InMemoryTokenRepository } from './in-memory-token.repository.js';
import { OneTimeValues } from '../../sessions/one-time-values.js';
import { TokenRepository } from '../../sessions/token.repository.js';

export interface InMemoryTokenRepositoryModuleOptions extends InMemoryRepositoryOptions {
  /** Milliseconds since the epoch; for tests that let time pass. Default `Date.now`. */
  readonly clock?: (() => number) | undefined;
}

/**
 * Keeps sessions in this process alone: no second instance, and a restart logs everyone out.
 *
 * @example
 * ```ts
 * AuthModule.forRoot({ store: InMemoryTokenRepositoryModule.forRoot(), … })
 * ```
 */
@Module({})
export class InMemoryTokenRepositoryModule {
  /** Sessions in the memory of this process: for development and tests, or one instance that may forget. */
  static forRoot({ clock, ...options }: InMemoryTokenRepositoryModuleOptions = {}): DynamicModule {
    const repository = { provide: TokenRepository, useFactory: () => new InMemoryTokenRepository(clock, options) };
    const feed = { provide: RevocationFeed, useFactory: () => new InProcessRevocationFeed(clock) };
    const oneTime = { provide: OneTimeValues, useFactory: () => new InMemoryOneTimeValues(clock) };
    return {
      module: InMemoryTokenRepositoryModule,
      providers: [repository, feed, oneTime],
      exports: [TokenRepository, RevocationFeed, OneTimeValues],
    };
  }
}
