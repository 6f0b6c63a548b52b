import type { AccessTokenClaims } from './claims-rules.js';

interface Entry {
  readonly token: string;
  readonly claims: AccessTokenClaims;
  /** Whether it was asked for since the hand last passed. */
  used: boolean;
}

// Of a whole token the hash alone takes half a microsecond. These are an entire HMAC, or half of another signature.
const KEY_LENGTH = 43;
const keyOf = (token: string): string => token.slice(-KEY_LENGTH);

/**
 * Access tokens whose signature and claims were found good, by their exact string. A full cache drops the first token
 * that was not asked for since the last look at it ("second chance"), so a hit costs a look-up and a mark.
 *
 * Only what verification has accepted may be put in: it refuses every spelling of a token but the canonical one, else
 * one token could fill the cache. Expiry and revocation are asked on every hit, by the caller; of keys it is asked here.
 */
export class VerifiedTokenCache {
  private readonly entries = new Map<string, Entry>();
  /** The same entries in a circle, around which the hand goes. */
  private readonly circle: Entry[] = [];
  private hand = 0;
  /** Milliseconds: from then on, a key that verified something here may be retired. */
  private goodUntil = -Infinity;
  private emptied = 0;

  /**
   * @param max how many tokens are kept at most; 0 keeps none
   * @param nextRetirement when the next key stops verifying, after a time; milliseconds
   */
  constructor(
    private readonly max: number,
    private readonly nextRetirement: (at: number) => number = () => Infinity,
  ) {}

  /** Rises when keys may have stopped verifying; what was verified before is not taken after. */
  get epoch(): number {
    return this.emptied;
  }

  /** @param now milliseconds */
  get(token: string, now: number): AccessTokenClaims | undefined {
    if (now >= this.goodUntil) {
      this.clear();
      this.goodUntil = this.nextRetirement(now);
    }
    const entry = this.entries.get(keyOf(token));
    if (entry?.token !== token) return undefined;
    entry.used = true;
    return entry.claims;
  }

  /** @param epoch what {@link epoch} was before the token was verified */
  set(token: string, claims: AccessTokenClaims, epoch: number): void {
    // Two first requests of one token are verified side by side.
    if (this.max === 0 || epoch !== this.emptied || this.entries.has(keyOf(token))) return;
    if (this.entries.size === this.max) this.makeRoom();
    const entry = { token, claims, used: false };
    this.entries.set(keyOf(token), entry);
    this.circle[this.hand] = entry;
    this.hand = (this.hand + 1) % this.max;
  }

  /** For when keys that verified what is kept do so no more. */
  clear(): void {
    this.entries.clear();
    this.circle.length = 0;
    this.hand = 0;
    this.goodUntil = -Infinity;
    this.emptied += 1;
  }

  get size(): number {
    return this.entries.size;
  }

  private makeRoom(): void {
    for (let entry = this.circle[this.hand]!; entry.used; entry = this.circle[this.hand]!) {
      entry.used = false;
      this.hand = (this.hand + 1) % this.max;
    }
    this.entries.delete(keyOf(this.circle[this.hand]!.token));
  }
}
