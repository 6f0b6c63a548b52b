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

  /** @param max how many tokens are kept at most; 0 keeps none */
  constructor(private readonly max: number) {}

  get(token: string): AccessTokenClaims | undefined {
    const claims = this.young.get(token);
    if (claims) return claims;
    const older = this.old.get(token);
    if (older) this.set(token, older);
    return older;
  }

  set(token: string, claims: AccessTokenClaims): void {
    if (this.max === 0) return;
    if (this.young.size >= Math.ceil(this.max / 2)) {
      this.old = this.young;
      this.young = new Map();
    }
    this.young.set(token, claims);
  }

  get size(): number {
    return this.young.size + this.old.size;
  }
}
