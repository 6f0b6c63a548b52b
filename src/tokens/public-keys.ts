import { createPublicKey, type KeyObject } from 'node:crypto';
import type { AccessTokenAlgorithm } from '../options/options.js';
import { ALGORITHMS, allows, inLog, KID, nameOfKey, weaknessOf, type Jwk } from './ring-key.js';
import type { VerificationKey, VerificationKeys } from './verification-keys.js';

/** So many keys no issuer has in use; each costs time to parse. */
export const MAX_KEYS = 20;
/** RFC 7518 sections 6.2.2 and 6.3.2, and the `k` of section 6.4: what nobody publishes. */
const SECRET_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'];

/** The published keys of an issuer, parsed once. */
export class PublicKeys implements VerificationKeys {
  private readonly byKid: ReadonlyMap<string, VerificationKey>;

  constructor(readonly keys: readonly VerificationKey[]) {
    this.byKid = new Map(keys.map((key) => [key.kid, key]));
  }

  has(kid: string): boolean {
    return this.byKid.has(kid);
  }

  verifying(_purpose: 'access', kid: string, alg: string): VerificationKey | undefined {
    const key = this.byKid.get(kid);
    return key?.alg === alg ? key : undefined;
  }

  /** Whether a key of these is gone, or another one under its kid, in a newer set. */
  hasLostKeyIn(newer: PublicKeys): boolean {
    return this.keys.some(
      ({ kid, alg, verificationKey }) => !newer.verifying('access', kid, alg)?.verificationKey.equals(verificationKey),
    );
  }
}

/** What of a JWKS can verify tokens, and a sentence on each key that cannot. */
export interface ParsedJwks {
  readonly keys: PublicKeys;
  readonly refused: readonly string[];
}

/**
 * Reads a public JWKS (RFC 7517). A key that is unfit is left out, since a set may hold keys for other uses.
 * @throws TypeError for what is no JWKS, holds more than 20 keys, two of one `kid`, or none that is fit
 */
export function parsePublicJwks(jwks: unknown): ParsedJwks {
  const entries = (jwks as { keys?: unknown } | null | undefined)?.keys;
  if (!Array.isArray(entries)) throw new TypeError('is no JWKS: { "keys": [ … ] }');
  if (entries.length > MAX_KEYS) throw new TypeError(`has ${entries.length} keys; at most ${MAX_KEYS} are read`);
  const parsed = entries.map((jwk: Jwk | null, index) => {
    const result = parsePublicKey(jwk);
    return typeof result === 'string' ? `key ${nameOfKey(jwk?.kid, index)} ${result}` : result;
  });
  const fit = parsed.filter((key) => typeof key !== 'string');
  const refused = parsed.filter((key) => typeof key === 'string');
  if (fit.length === 0) throw new TypeError(['has no key that is fit to verify', ...refused].join('; '));
  if (new Set(fit.map(({ kid }) => kid)).size < fit.length) throw new TypeError('has two keys with the same kid');
  return { keys: new PublicKeys(fit), refused };
}

function parsePublicKey(jwk: Jwk | null): VerificationKey | string {
  if (typeof jwk !== 'object' || jwk === null) return 'is not an object';
  if (typeof jwk.kid !== 'string' || jwk.kid === '') return 'has no kid';
  if (!KID.test(jwk.kid)) return 'must have a kid of 1 to 255 visible ASCII characters';
  if (jwk.kty === 'oct') return 'is a secret (type oct): a verifier must not hold what signs';
  if (SECRET_MEMBERS.some((member) => jwk[member] !== undefined)) return 'is a private key: give the public one';
  if ((jwk.use ?? 'sig') !== 'sig' || !allows(jwk.key_ops, 'verify')) return 'is not for signatures';
  const fitting = ALGORITHMS.get(jwk.kty);
  if (!fitting) return 'must be of type EC (P-256) or RSA';
  const alg = (jwk.alg ?? fitting[0]) as AccessTokenAlgorithm;
  if (!fitting.includes(alg)) return `of type ${jwk.kty} cannot be used with alg ${inLog(String(jwk.alg))}`;
  let verificationKey: KeyObject;
  try {
    verificationKey = createPublicKey({ key: jwk, format: 'jwk' });
  } catch {
    return 'is no valid JWK';
  }
  return weaknessOf(verificationKey) ?? { kid: jwk.kid, alg, verificationKey };
}
