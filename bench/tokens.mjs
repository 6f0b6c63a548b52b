import { createPublicKey, randomBytes } from 'node:crypto';
import { JwtService } from '@nestjs/jwt';
import { build, load } from './build.mjs';

export const ISSUER = 'https://auth.example';

/**
 * Keys for one algorithm, in every form that a variant wants, and the services that issue and verify with them.
 * Built by hand from the library's parts: the load generator needs tokens, not an application.
 */
export async function tokenShop(algorithm, from = build) {
  const [{ AccessTokenService }, { RefreshTokens }, { parseKeyRing }, { generateKeys }, options, { AuthClock }] =
    await Promise.all(
      [
        'tokens/access-token.service.js',
        'tokens/refresh-token.js',
        'tokens/key-ring.js',
        'tokens/generate-keys.js',
        'options/options.js',
        'auth.clock.js',
      ].map((file) => load(file, from)),
    );
  // As text of its own, since the textbook hands the secret over as text.
  const secret = randomBytes(32).toString('hex');
  const keys = generateKeys(algorithm);
  const [access] = keys.keys;
  if (algorithm === 'HS256') access.k = Buffer.from(secret).toString('base64url');
  const publicKey =
    algorithm === 'HS256'
      ? null
      : createPublicKey({ key: access, format: 'jwk' }).export({ type: 'spki', format: 'pem' });
  const ring = parseKeyRing(keys, algorithm);
  const policy = options.resolveOptions({ issuer: ISSUER, keys, algorithm }, 'refresh-sliding');
  const service = new AccessTokenService(policy, ring, new JwtService({}), new AuthClock());
  return {
    keys,
    secret,
    publicKey,
    service,
    refreshTokens: new RefreshTokens(ring, ISSUER),
    issue: (sub) => service.issue(content(sub)),
  };
}

/** What a refresh would issue for a user with one role. */
export function content(sub) {
  const now = Date.now();
  const issuedAt = Math.floor(now / 1000);
  return {
    sub,
    sid: randomBytes(16).toString('base64url'),
    clientId: 'default',
    authTime: issuedAt,
    amr: ['pwd'],
    generation: 0,
    claimsAt: now,
    claims: { roles: ['user'] },
    issuedAt,
    expiresAt: issuedAt + 1800,
    renewUntil: issuedAt + 7200,
  };
}
