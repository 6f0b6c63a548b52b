import { createPrivateKey, createPublicKey, createSecretKey, type KeyObject } from 'node:crypto';
import type { AccessTokenAlgorithm } from '../options/options.js';
import { AuthConfigError, type NameOf } from '../auth.errors.js';
import { parseRfc3339 } from '../options/rfc3339.js';
import { encodeJson } from './token-form.js';

/** A JSON Web Key (RFC 7517). A type of our own: Node's has moved between versions of its declarations. */
export interface Jwk {
  readonly kty?: string;
  readonly kid?: string;
  readonly k?: string;
  readonly [member: string]: unknown;
}

/** What a key of the ring signs. */
export type KeyPurpose = 'access' | 'refresh';

const TYPES: Readonly<Record<KeyPurpose, string>> = { access: 'at+jwt', refresh: 'rt+jwt' };

/** One key, parsed once: handing PEM or JSON to each call makes HS256 eight times and RS256 twice as slow. */
export interface RingKey {
  readonly kid: string;
  readonly purpose: KeyPurpose;
  readonly alg: AccessTokenAlgorithm;
  /** The first part of the tokens it signs. */
  readonly header: string;
  readonly signingKey: KeyObject;
  readonly verificationKey: KeyObject;
  /** Milliseconds; signs from then on. */
  readonly useFrom: number;
  /** Milliseconds; neither signs nor verifies from then on. */
  readonly retireAt: number;
}

/** A private JWK with the members Keyturn adds, as it was read: of any type. */
type KeyringJwk = Readonly<Record<string, unknown>>;

const MIN_SECRET_BYTES = 32;
const MIN_RSA_BITS = 2048;
/** More costs each verification milliseconds, and protects nothing. */
const MAX_RSA_BITS = 8192;
/** NIST SP 800-56B: an odd exponent above 2^16; below, some forgeries are a matter of a root. */
const MIN_RSA_EXPONENT = 65_537n;
const MAX_RSA_EXPONENT = 2n ** 32n;
/** Of 32 random bytes, so few different ones come once in more than 10^30 times. */
const MIN_DISTINCT_BYTES = 8;
const KNOWN_SECRETS = /secret|changeme|change-me|password|example|your[-_ ]|keyboard cat/i;
/** What a key of a type can be used with; the first is meant where it does not say. */
export const ALGORITHMS: ReadonlyMap<unknown, readonly AccessTokenAlgorithm[]> = new Map([
  ['EC', ['ES256']],
  ['RSA', ['RS256', 'PS256']],
  ['oct', ['HS256']],
] as const);

/** Who sets it by another name than the option's has no code to call: the service has a command. */
const wanted =
  (problem: string) =>
  (nameOf: NameOf): string => {
    const name = nameOf('keys');
    const maker = name === 'keys' ? 'generateKeys()' : 'keyturn keys generate';
    return `${name} ${problem} a private JWKS: { "keys": [ … ] }; ${maker} makes one`;
  };

/**
 * Reads a private JWKS: an object or its JSON text.
 * @throws AuthConfigError that says which key is at fault and why, never what is in it
 */
export function parseKeys(jwks: unknown): RingKey[] {
  const parsed = typeof jwks === 'string' ? parseJson(jwks) : jwks;
  const keys = (parsed as { keys?: unknown } | null | undefined)?.keys;
  if (!Array.isArray(keys) || keys.length === 0) {
    throw AuthConfigError.of('keys', wanted('must be'));
  }
  return keys.map((jwk: KeyringJwk, index) => parseKey(jwk, index));
}

function parseJson(text: string): unknown {
  try {
    // Some editors begin a file with a byte order mark, which JSON does not know.
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    const quoted = /^\s*(['"])\s*\{[^]*\}\s*\1\s*$/.test(text);
    throw AuthConfigError.of(
      'keys',
      quoted
        ? 'begins and ends with a quote, which is no part of it; leave the quotes out'
        : wanted('is not JSON; it must be'),
    );
  }
}

/** What a `kid` may be: it stands in log lines and in labels of metrics. */
export const KID = /^[\x21-\x7e]{1,255}$/;

/** Text from outside as a part of a log line: bounded, and without a character that could begin a line of its own. */
export const inLog = (text: string): string => text.slice(0, 64).replace(/[^\x20-\x7e]/g, '?');

export const nameOfKey = (kid: unknown, index: number): string =>
  typeof kid === 'string' ? `"${inLog(kid)}"` : `number ${index + 1}`;

function parseKey(jwk: KeyringJwk, index: number): RingKey {
  const refuse = (why: string): never => {
    throw AuthConfigError.of('keys', (nameOf) => `${nameOf('keys')}: key ${nameOfKey(jwk?.kid, index)} ${why}`);
  };
  if (typeof jwk !== 'object' || jwk === null) return refuse('is not an object');
  if (typeof jwk.kid !== 'string' || jwk.kid === '') return refuse('has no kid');
  if (!KID.test(jwk.kid)) return refuse('must have a kid of 1 to 255 visible ASCII characters');
  if (jwk.purpose !== 'access' && jwk.purpose !== 'refresh') {
    return refuse('must say what it is for: "purpose": "access" or "refresh"');
  }
  const fitting = ALGORITHMS.get(jwk.kty) ?? refuse('must be of type EC (P-256), RSA or oct');
  const alg = (jwk.alg ?? fitting[0]) as AccessTokenAlgorithm;
  if (!fitting.includes(alg))
    return refuse(`of type ${jwk.kty as string} cannot be used with alg ${inLog(String(jwk.alg))}`);
  if ((jwk.use ?? 'sig') !== 'sig')
    return refuse(`has "use": "${inLog(String(jwk.use))}" and so is not for signatures`);
  if (!allows(jwk.key_ops, 'sign')) return refuse('has "key_ops" without "sign" and so is not for signatures');
  if (jwk.purpose === 'refresh' && alg !== 'HS256') return refuse('is a refresh key and must be of type oct');
  const common: Omit<RingKey, 'signingKey' | 'verificationKey'> = {
    kid: jwk.kid,
    purpose: jwk.purpose,
    alg,
    header: encodeJson({ alg, typ: TYPES[jwk.purpose], kid: jwk.kid }),
    useFrom: parseTime(jwk.use_from, 'use_from', -Infinity, refuse),
    retireAt: parseTime(jwk.retire_at, 'retire_at', Infinity, refuse),
  };
  if (alg === 'HS256') {
    const secret = Buffer.from(typeof jwk.k === 'string' ? jwk.k : '', 'base64url');
    if (secret.length < MIN_SECRET_BYTES) return refuse(`has ${secret.length} bytes; an oct key needs 32 or more`);
    if (new Set(secret).size < MIN_DISTINCT_BYTES) return refuse('is no random secret; make one at random');
    if (KNOWN_SECRETS.test(secret.toString('latin1'))) return refuse('is a known example secret; make one at random');
    const key = createSecretKey(secret);
    return { ...common, signingKey: key, verificationKey: key };
  }
  return { ...common, ...parseKeyPair(jwk, refuse) };
}

function parseKeyPair(
  jwk: KeyringJwk,
  refuse: (why: string) => never,
): Pick<RingKey, 'signingKey' | 'verificationKey'> {
  let signingKey: KeyObject;
  try {
    signingKey = createPrivateKey({ key: jwk, format: 'jwk' });
  } catch {
    return refuse('is no valid private JWK');
  }
  const weakness = weaknessOf(signingKey);
  return weakness ? refuse(weakness) : { signingKey, verificationKey: createPublicKey(signingKey) };
}

/** Why a key of type EC or RSA is not taken, private or public. */
export function weaknessOf({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): string | undefined {
  const { namedCurve, modulusLength = 0, publicExponent = 0n } = asymmetricKeyDetails ?? {};
  if (asymmetricKeyType === 'ec' && namedCurve !== 'prime256v1') return 'must be on the curve P-256';
  if (asymmetricKeyType !== 'rsa') return undefined;
  if (modulusLength < MIN_RSA_BITS) return `needs at least ${MIN_RSA_BITS} bits`;
  if (modulusLength > MAX_RSA_BITS) return `has ${modulusLength} bits; at most ${MAX_RSA_BITS} are accepted`;
  if (publicExponent < MIN_RSA_EXPONENT || publicExponent > MAX_RSA_EXPONENT || publicExponent % 2n === 0n) {
    return 'has a public exponent that is not safe; make the key with the exponent 65537';
  }
  return undefined;
}

/** Whether `key_ops` (RFC 7517 section 4.3), if there, names an operation. */
export const allows = (operations: unknown, operation: 'sign' | 'verify'): boolean =>
  operations === undefined || (Array.isArray(operations) && operations.includes(operation));

function parseTime(value: unknown, member: string, fallback: number, refuse: (why: string) => never): number {
  if (value === undefined) return fallback;
  return parseRfc3339(value) ?? refuse(`has no valid ${member}; write it as 2026-01-31T12:00:00Z`);
}
