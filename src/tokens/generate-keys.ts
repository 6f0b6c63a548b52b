import { generateKeyPairSync, randomBytes } from 'node:crypto';
import type { AccessTokenAlgorithm } from '../options/options.js';
import type { Jwk, KeyPurpose } from './ring-key.js';

/** A private JWKS as the option `keys` takes it. Keep it secret: anybody who has it can sign tokens. */
export interface PrivateKeySet {
  /** Private keys as JWKs (RFC 7517). */
  readonly keys: readonly PrivateKey[];
}

/** One key of it. */
export type PrivateKey = Jwk & { kid: string; alg: AccessTokenAlgorithm; purpose: KeyPurpose };

/**
 * Makes a fresh key set: one key for access tokens and one for refresh tokens.
 *
 * @example
 * ```ts
 * writeFileSync('keys.json', JSON.stringify(generateKeys()), { mode: 0o600 });
 * ```
 */
export function generateKeys(algorithm: AccessTokenAlgorithm = 'ES256'): PrivateKeySet {
  return { keys: [generateKey('access', algorithm), generateKey('refresh')] };
}

/** Makes one key, to be added to a set; see {@link generateKeys}. The algorithm is that of access tokens. */
export function generateKey(purpose: KeyPurpose, algorithm: AccessTokenAlgorithm = 'ES256'): PrivateKey {
  return purpose === 'access'
    ? { ...accessJwk(algorithm), kid: newKid('a'), alg: algorithm, purpose }
    : { ...secretJwk(), kid: newKid('r'), alg: 'HS256', purpose };
}

const newKid = (prefix: string): string => `${prefix}-${randomBytes(6).toString('base64url')}`;

const secretJwk = (): Jwk => ({ kty: 'oct', k: randomBytes(32).toString('base64url') });

function accessJwk(algorithm: AccessTokenAlgorithm): Jwk {
  if (algorithm === 'HS256') return secretJwk();
  const { privateKey } =
    algorithm === 'ES256'
      ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
      : generateKeyPairSync('rsa', { modulusLength: 2048 });
  return privateKey.export({ format: 'jwk' });
}
