import type { Abstract, DynamicModule } from '@nestjs/common';
import { MODULE_METADATA } from '@nestjs/common/constants.js';
import { AuthConfigError } from '../auth.errors.js';
import { AttemptLog } from '../limits/attempt-log.js';
import { RevocationFeed, RevocationSource } from '../revocation/revocation-feed.js';
import { OneTimeValues } from '../sessions/one-time-values.js';
import { TokenRepository } from '../sessions/token.repository.js';

/** What the modules of this library export, and no modules themselves. */
const OURS: ReadonlySet<unknown> = new Set([
  TokenRepository,
  RevocationFeed,
  RevocationSource,
  OneTimeValues,
  AttemptLog,
]);

/** Of a provider that is exported as a whole its token; of a module, which may export more, itself. */
const tokenOf = (exported: unknown): unknown => (exported as { provide?: unknown } | null)?.provide ?? exported;

/** Any other class may be one. */
const isNoModule = (token: unknown): boolean =>
  typeof token === 'string' || typeof token === 'symbol' || OURS.has(token);

/**
 * Looks at whether a module that a host gives exports what it is given for. Nest would only say that a class of ours,
 * which no host knows, cannot be resolved.
 * @param advice which modules do
 * @throws AuthConfigError where it exports none, or that of another copy of the package
 */
export function requireExport(
  { module, exports = [] }: DynamicModule,
  wanted: Abstract<unknown>,
  option: string,
  advice: string,
): void {
  const ofClass = (Reflect.getMetadata(MODULE_METADATA.EXPORTS, module) as unknown[] | undefined) ?? [];
  const tokens = [...exports, ...ofClass].map(tokenOf);
  if (tokens.includes(wanted)) return;
  if (tokens.some((token) => typeof token === 'function' && token.name === wanted.name)) {
    throw AuthConfigError.of(
      option,
      `is ${module.name} of another copy of keyturn; npm ls keyturn shows both: keep one of them`,
    );
  }
  if (!tokens.every(isNoModule)) return;
  throw AuthConfigError.of(option, `is ${module.name}, which exports no ${wanted.name}. Give ${advice}`);
}
