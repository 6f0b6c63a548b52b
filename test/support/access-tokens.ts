import { JwtService } from '@nestjs/jwt';
import { AuthClock } from '../../src/auth.clock.js';
import { AuthError } from '../../src/auth.errors.js';
import { resolveOptions, type AccessTokenAlgorithm } from '../../src/options/options.js';
import { AccessTokenService, type AccessTokenContent } from '../../src/tokens/access-token.service.js';
import type { PrivateKeySet } from '../../src/tokens/generate-keys.js';
import { parseKeyRing } from '../../src/tokens/key-ring.js';
import { ISSUER } from './auth-library.js';

/** Whole seconds. */
export const NOW = 1_800_000_000;

/** Ann's token for half an hour, renewable for two. */
export const content: AccessTokenContent = {
  ...{ sub: 'ann', sid: 'the-session', clientId: 'default', authTime: NOW - 100, amr: ['pwd'], generation: 7 },
  ...{ claimsAt: (NOW - 5) * 1000, claims: { roles: ['buyer'], nested: { list: [1] } } },
  ...{ issuedAt: NOW, expiresAt: NOW + 1800, renewUntil: NOW + 7200 },
};

/** The service with its keys and a clock that is moved by hand. */
export function tokenService(
  keys: PrivateKeySet,
  algorithm: AccessTokenAlgorithm = 'ES256',
  audience: string | string[] = 'shop',
) {
  const clock = { now: NOW * 1000 };
  const ring = parseKeyRing(keys, algorithm);
  const policy = resolveOptions({ issuer: ISSUER, audience, keys, algorithm }, 'refresh-sliding');
  const service = new AccessTokenService(policy, ring, new JwtService({}), new AuthClock(() => clock.now));
  return { service, ring, clock };
}

/** The code of what is thrown, or `accepted`. */
export const verdictOf = async (check: () => unknown): Promise<string> => {
  try {
    await check();
    return 'accepted';
  } catch (error) {
    return error instanceof AuthError ? error.code : `${String(error)}, which would be a 500`;
  }
};
