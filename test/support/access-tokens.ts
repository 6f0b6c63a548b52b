import { JwtService } from '@nestjs/jwt';
import passport from 'passport';
import { AuthClock } from '../../src/auth.clock.js';
import { AuthError } from '../../src/auth.errors.js';
import type { JwtStrategy } from '../../src/guards/jwt.strategy.js';
import { resolveOptions, type AccessTokenAlgorithm } from '../../src/options/options.js';
import { AccessTokenService, type AccessTokenContent } from '../../src/tokens/access-token.service.js';
import type { AccessTokenClaims } from '../../src/tokens/claims-rules.js';
import type { PrivateKeySet } from '../../src/tokens/generate-keys.js';
import { parseKeyRing } from '../../src/tokens/key-ring.js';
import { ISSUER } from './auth-library.js';

/** Whole seconds. */
export const NOW = 1_800_000_000;

/** Ann's token for half an hour, renewable for two. */
export const content: AccessTokenContent = {
  sub: 'ann',
  sid: 'the-session',
  clientId: 'default',
  authTime: NOW - 100,
  amr: ['pwd'],
  generation: 7,
  claimsAt: (NOW - 5) * 1000,
  claims: { roles: ['buyer'], nested: { list: [1] } },
  issuedAt: NOW,
  expiresAt: NOW + 1800,
  renewUntil: NOW + 7200,
  sessionEnd: NOW + 86_400,
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

/** What Passport makes of a token by a strategy of ours, without the guard around it. */
export const authenticate = ({ name }: JwtStrategy, token: string): Promise<AccessTokenClaims> =>
  new Promise((resolve, reject) => {
    const done = (error: Error | null, claims: AccessTokenClaims | false | null, info: unknown): void => {
      if (claims) return resolve(claims);
      // What is no error of ours is jsonwebtoken's word on the signature, as for the guard.
      reject(error ?? (info instanceof AuthError ? info : new AuthError('token_invalid', String(info))));
    };
    const attempt = passport.authenticate(name, done) as (request: object, response: object, next: () => void) => void;
    attempt({ headers: { authorization: `Bearer ${token}` } }, {}, reject);
  });

/** The code of what is thrown, or `accepted`. */
export const verdictOf = async (check: () => unknown): Promise<string> => {
  try {
    await check();
    return 'accepted';
  } catch (error) {
    return error instanceof AuthError ? error.code : `${String(error)}, which would be a 500`;
  }
};
