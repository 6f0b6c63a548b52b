import type { DynamicModule } from '@nestjs/common';
import { MODULE_METADATA } from '@nestjs/common/constants.js';
import { AuthConfigError } from '../auth.errors.js';
import { RevocationFeed, RevocationSource } from '../revocation/revocation-feed.js';
import { TokenRepository } from '../sessions/token.repository.js';

/** Of a provider that is exported as a whole its token; of a module, which may export more, itself. */
const tokenOf = (exported: unknown): unknown => (exported as { provide?: unknown } | null)?.provide ?? exported;

/** What is exported and no module. A class may be one, unless it is known. */
const isNoModule = (token: unknown): boolean =>
  typeof token === 'string' || typeof token === 'symbol' || token === RevocationFeed || token === RevocationSource;

/**
 * Looks at whether a module can be the `store`. Nest would only say that a class of ours, which no host knows, cannot be
 * resolved.
 * @throws AuthConfigError where it exports no `TokenRepository`, or that of another copy of the package
 */
export function checkStoreExports({ module, exports = [] }: DynamicModule): void {
  const ofClass = (Reflect.getMetadata(MODULE_METADATA.EXPORTS, module) as unknown[] | undefined) ?? [];
  const tokens = [...exports, ...ofClass].map(tokenOf);
  if (tokens.includes(TokenRepository)) return;
  if (tokens.some((token) => typeof token === 'function' && token.name === 'TokenRepository')) {
    throw AuthConfigError.of(
      'store',
      `is ${module.name} of another copy of keyturn; npm ls keyturn shows both: keep one of them`,
    );
  }
  if (!tokens.every(isNoModule)) return;
  throw AuthConfigError.of(
    'store',
    `is ${module.name}, which exports no TokenRepository. Give RedisTokenRepositoryModule.forRoot({ url }), ` +
      'InMemoryTokenRepositoryModule.forRoot(), or a module of your own that exports TokenRepository and RevocationFeed',
  );
}
