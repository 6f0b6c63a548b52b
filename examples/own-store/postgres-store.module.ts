import { Module, type DynamicModule } from '@nestjs/common';
import { RevocationFeed, TokenRepository } from 'keyturn';
import type { Pool } from 'pg';
import { PostgresRevocationFeed } from './postgres-revocation.feed.js';
import { PostgresTokenRepository } from './postgres-token.repository.js';

/**
 * What `AuthModule` takes as `store`.
 *
 * @example
 * ```ts
 * const pool = new Pool({ connectionString: process.env.DATABASE_URL, query_timeout: 500 });
 * AuthModule.forRoot({ issuer, keys, store: PostgresStoreModule.forRoot(pool) });
 * ```
 */
@Module({})
export class PostgresStoreModule {
  static forRoot(pool: Pool, commandTimeout = 500): DynamicModule {
    const repository = {
      provide: TokenRepository,
      useFactory: async () => {
        const sessions = new PostgresTokenRepository(pool, commandTimeout);
        await sessions.prepare();
        return sessions;
      },
    };
    const feed = {
      provide: RevocationFeed,
      useFactory: async () => {
        const revocations = new PostgresRevocationFeed(pool);
        await revocations.prepare();
        return revocations;
      },
    };
    return { module: PostgresStoreModule, providers: [repository, feed], exports: [TokenRepository, RevocationFeed] };
  }
}
