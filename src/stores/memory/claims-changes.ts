import type { ClaimsChange } from '../../sessions/session-claims.js';
import type { HostClaims } from '../../sessions/session.js';
import { after, valid, type Kept } from './kept-values.js';

/** The last change of each subject's claims, for as long as it is kept. Times in milliseconds. */
export class ClaimsChanges {
  readonly kept = new Map<string, Kept<ClaimsChange>>();

  of(sub: string, now: number): ClaimsChange | null {
    return valid(this.kept.get(sub), now) ?? null;
  }

  /**
   * @param own the changes of the claims that its sessions have for themselves: the new one is after them all
   * @returns the time of the change
   */
  note(
    sub: string,
    { claims, keep, now }: { readonly claims: HostClaims | null; readonly keep: number; readonly now: number },
    own: readonly (ClaimsChange | null)[],
  ): number {
    const before = this.of(sub, now);
    const at = after(now, before, ...own);
    const value = { at, claims: claims ? structuredClone(claims) : (before?.claims ?? null) };
    this.kept.set(sub, { value, until: Math.max(now + keep, this.kept.get(sub)?.until ?? 0) });
    return at;
  }
}
