import type { AccessTokenClaims } from './claims-rules.js';

/**
 * Access tokens whose signature and claims were found good, by their exact string. Two generations of a Map: when the
 * young one is full it becomes the old one and the old one is dropped, so the bound costs no bookkeeping per hit.
 *
 * Only what verification has accepted may be put in: it refuses every spelling of a token but the canonical one, else
 * one token could fill the cache. Expiry and revocation are asked on every hit, by the caller.
 */
export class VerifiedTokenCache {
  private young = new Map<string, AccessTokenClaims>();
  private old = new Map<string, AccessTokenClaims>();

  private readonly half: number;

  /** @param max how many tokens are kept at most; 0 keeps none, and neither does 1, which has no two halves */
  constructor(max: number) {
    this.half = Math.floor(max / 2);
  }

  get(token: string): AccessTokenClaims | undefined {
    const claims = this.young.get(token);
    if (claims) return claims;
    const older = this.old.get(token);
    if (older) this.set(token, older);
    return older;
  }

  set(token: string, claims: AccessTokenClaims): void {
    if (this.half === 0) return;
    if (this.young.size >= this.half) {
      this.old = this.young;
      this.young = new Map();
    }
    this.young.set(token, claims);
  }

  get size(): number {
    return this.young.size + this.old.size;
  }
}
