import { constants, createHmac, sign } from 'node:crypto';
import type { AccessTokenAlgorithm } from '../options/options.js';
import { encodeJson } from './token-form.js';
import type { RingKey } from './ring-key.js';

/** How Node makes an asymmetric signature as RFC 7518 wants it. */
const SIGNATURES = {
  ES256: { dsaEncoding: 'ieee-p1363' },
  RS256: { padding: constants.RSA_PKCS1_PADDING },
  PS256: { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST },
} as const satisfies Record<Exclude<AccessTokenAlgorithm, 'HS256'>, object>;

/**
 * A compact JWS (RFC 7515 section 3.1) over claims. Made here, since it runs twice in each refresh: around an HMAC of
 * 3 µs jsonwebtoken spends 20 on checking options that are always the same.
 */
export function signClaims(claims: object, key: RingKey): string {
  const signed = `${key.header}.${encodeJson(claims)}`;
  return `${signed}.${signatureOf(signed, key)}`;
}

/** The last part of a token, over the first two. */
export function signatureOf(signed: string, { alg, signingKey }: RingKey): string {
  if (alg === 'HS256') return createHmac('sha256', signingKey).update(signed).digest('base64url');
  return sign('sha256', Buffer.from(signed), { key: signingKey, ...SIGNATURES[alg] }).toString('base64url');
}
