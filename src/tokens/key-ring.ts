import type { AccessTokenAlgorithm } from '../options/options.js';
import { AuthConfigError } from '../auth.errors.js';
import { parseKeys, type Jwk, type KeyPurpose, type RingKey } from './ring-key.js';
import type { JwkSet } from '../options/jwk-set.js';

/** What a key does at a time: `coming` verifies already, `verifying` no longer signs, `retired` does neither. */
export type KeyState = 'coming' | 'signing' | 'verifying' | 'retired';

/** A key of the ring, without what is secret in it. */
export interface KeyInfo {
  /** The name of the key, as headers of tokens have it. */
  readonly kid: string;
  /** Which tokens it is for. */
  readonly purpose: KeyPurpose;
  /** The algorithm that it signs with. */
  readonly alg: AccessTokenAlgorithm;
  /** Whether it will sign, signs, only verifies what is signed, or does nothing any more. */
  readonly state: KeyState;
  /** Milliseconds; -Infinity where the key does not say. */
  readonly useFrom: number;
  /** Milliseconds; Infinity where the key does not say. */
  readonly retireAt: number;
}

interface HeldKeys {
  readonly all: readonly RingKey[];
  readonly byKid: ReadonlyMap<string, RingKey>;
  readonly byHeader: ReadonlyMap<string, RingKey>;
}

const PURPOSES: readonly KeyPurpose[] = ['access', 'refresh'];

/**
 * The keys that sign and verify tokens: one active key per purpose, others for verification. Which one is active
 * follows from the time alone, so all instances that hold the same ring switch together.
 *
 * @example
 * ```ts
 * constructor(@Inject(KeyRing) private readonly keys: KeyRing) {}
 *
 * secretChanged(jwks: string) {
 *   this.keys.replace(jwks);
 * }
 * ```
 */
export class KeyRing {
  private held: HeldKeys;
  private readonly subscribers: (() => void)[] = [];

  /**
   * @param purposes what there must be keys for; refresh tokens are not made in every strategy
   * @throws AuthConfigError for two keys with one `kid`, or when a purpose has no key
   */
  constructor(
    keys: readonly RingKey[],
    private readonly algorithm: AccessTokenAlgorithm,
    readonly purposes: readonly KeyPurpose[] = PURPOSES,
  ) {
    this.held = this.checked(keys);
  }

  /**
   * Takes a newer private JWKS in place of the present one, as a whole. Tokens of a key that is not in it are refused
   * from now on, those in the cache of verified tokens included. To rotate without a refused token, add a key whose
   * `use_from` lies so far ahead that every instance and every reader of the JWKS has it by then.
   *
   * @param jwks an object or its JSON text, as the option `keys` takes it
   * @param at milliseconds: when it is to be good for signing
   * @throws AuthConfigError that says what is wrong and never what is in a key; the present keys go on then
   */
  replace(jwks: string | JwkSet, at: number = Date.now()): void {
    const held = this.checked(parseKeys(jwks));
    const present = this.held;
    this.held = held;
    try {
      this.assertSigning(at);
    } catch (error) {
      this.held = present;
      throw error;
    }
    for (const tell of this.subscribers) tell();
  }

  /** Calls a function after each {@link replace}: what was verified by the keys of before must not be kept. */
  onReplaced(subscriber: () => void): void {
    this.subscribers.push(subscriber);
  }

  /** @throws AuthConfigError when a purpose has no key that signs at a time (milliseconds) */
  assertSigning(at: number): void {
    for (const purpose of this.purposes) this.active(purpose, at);
  }

  /** Until when there is a key to sign with, from a time on: milliseconds, Infinity where nothing ends it. */
  signsUntil(purpose: KeyPurpose, at: number): number {
    const ends = this.held.all.map(({ retireAt }) => retireAt).filter((end) => end > at && end < Infinity);
    const lapses = [at, ...ends].filter((time) => !this.activeOrNone(purpose, time));
    return Math.min(...lapses, Infinity);
  }

  /** When the next key stops verifying, after a time: milliseconds, Infinity for never. */
  nextRetirement(purpose: KeyPurpose, at: number): number {
    const ends = this.held.all.filter((key) => key.purpose === purpose && key.retireAt > at);
    return Math.min(...ends.map(({ retireAt }) => retireAt), Infinity);
  }

  /** The keys in their order, and what each does at a time (milliseconds). Nothing in it is secret. */
  list(at: number): KeyInfo[] {
    return this.held.all.map((key) => {
      const { kid, purpose, alg, useFrom, retireAt } = key;
      return { kid, purpose, alg, state: this.stateOf(key, at), useFrom, retireAt };
    });
  }

  /** The key that signs at a time (milliseconds): of those in use, the one that came into use last. */
  active(purpose: KeyPurpose, at: number): RingKey {
    const key = this.activeOrNone(purpose, at);
    if (!key)
      throw AuthConfigError.of(
        'keys',
        (nameOf) => `${nameOf('keys')}: no ${purpose} key is in use at ${new Date(at).toISOString()}`,
      );
    return key;
  }

  /** Like {@link active}, but undefined when no key was in use. */
  activeOrNone(purpose: KeyPurpose, at: number): RingKey | undefined {
    const alg = purpose === 'access' ? this.algorithm : 'HS256';
    let found: RingKey | undefined;
    for (const key of this.held.all) {
      if (key.purpose !== purpose || key.alg !== alg || at < key.useFrom || at >= key.retireAt) continue;
      if (!found || key.useFrom >= found.useFrom) found = key;
    }
    return found;
  }

  /** The key a token names, if it may verify such tokens at a time (milliseconds). A key verifies one algorithm only. */
  verifying(purpose: KeyPurpose, kid: string, alg: string, at: number): RingKey | undefined {
    const key = this.inRing(purpose, kid, alg);
    return key && at < key.retireAt ? key : undefined;
  }

  /** The key of that name, if it may verify at a time (milliseconds), whatever its algorithm. */
  find(purpose: KeyPurpose, kid: string, at: number): RingKey | undefined {
    const key = this.held.byKid.get(kid);
    return key && key.purpose === purpose && at < key.retireAt ? key : undefined;
  }

  /** Whether a token names a key that verified such tokens once and is retired at a time (milliseconds). */
  isRetired(purpose: KeyPurpose, kid: string, alg: string, at: number): boolean {
    const key = this.inRing(purpose, kid, alg);
    return key !== undefined && at >= key.retireAt;
  }

  /** The key a token names, if it ever verified such tokens. */
  inRing(purpose: KeyPurpose, kid: string, alg: string): RingKey | undefined {
    const key = this.held.byKid.get(kid);
    return key && key.purpose === purpose && key.alg === alg ? key : undefined;
  }

  /** All keys of a purpose, also those that are retired, in the order in which they came into use. */
  ofPurpose(purpose: KeyPurpose): readonly RingKey[] {
    const keys = this.held.all.filter((key) => key.purpose === purpose);
    return keys.sort((a, b) => (a.useFrom === b.useFrom ? 0 : a.useFrom - b.useFrom));
  }

  /** The key whose tokens have this header, letter by letter, if it may verify at a time (milliseconds). */
  ofHeader(purpose: KeyPurpose, header: string, at: number): RingKey | undefined {
    const key = this.held.byHeader.get(header);
    return key && key.purpose === purpose && at < key.retireAt ? key : undefined;
  }

  /** What verifiers of access tokens are given (RFC 7517): public keys only, those to come included. */
  publicJwks(at: number): { keys: Jwk[] } {
    const published = this.held.all.filter((key) => key.alg !== 'HS256' && at < key.retireAt);
    return {
      keys: published.map(({ verificationKey, kid, alg }) => ({
        ...verificationKey.export({ format: 'jwk' }),
        kid,
        alg,
        use: 'sig',
      })),
    };
  }

  private stateOf(key: RingKey, at: number): KeyState {
    if (at >= key.retireAt) return 'retired';
    if (at < key.useFrom) return 'coming';
    return this.activeOrNone(key.purpose, at) === key ? 'signing' : 'verifying';
  }

  private checked(keys: readonly RingKey[]): HeldKeys {
    const byKid = new Map(keys.map((key) => [key.kid, key]));
    if (byKid.size !== keys.length)
      throw AuthConfigError.of('keys', (nameOf) => `${nameOf('keys')}: two keys have the same kid`);
    // One secret for two purposes would let one kind of token pass for the other, were it not for their headers.
    const secrets = keys.filter(({ alg }) => alg === 'HS256');
    const twin = secrets.find(({ signingKey, kid }) =>
      secrets.some((other) => other.kid !== kid && other.signingKey.equals(signingKey)),
    );
    if (twin) {
      throw AuthConfigError.of(
        'keys',
        (nameOf) => `${nameOf('keys')}: key "${twin.kid}" has the secret of another key; make each at random`,
      );
    }
    if (this.purposes.includes('refresh') && !keys.some((key) => key.purpose === 'refresh')) {
      throw AuthConfigError.of(
        'keys',
        (nameOf) => `${nameOf('keys')}: there is no key with "purpose": "refresh" (type oct, 32 bytes or more)`,
      );
    }
    if (!keys.some((key) => key.purpose === 'access' && key.alg === this.algorithm)) {
      throw AuthConfigError.of(
        'keys',
        (nameOf) => `${nameOf('keys')}: there is no key with "purpose": "access" for algorithm ${this.algorithm}`,
      );
    }
    return { all: keys, byKid, byHeader: new Map(keys.map((key) => [key.header, key])) };
  }
}

/**
 * Reads a private JWKS: an object or its JSON text.
 * @throws AuthConfigError that says which key is at fault and why, never what is in it
 */
export const parseKeyRing = (
  jwks: unknown,
  algorithm: AccessTokenAlgorithm,
  purposes?: readonly KeyPurpose[],
): KeyRing => new KeyRing(parseKeys(jwks), algorithm, purposes);
