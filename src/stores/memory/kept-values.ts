import type { ClaimsChange } from '../../sessions/session-claims.js';

/** A looked-for value and until when it is kept. */
export interface Kept<T> {
  readonly value: T;
  readonly until: number;
}

/** After each change before it, in the same millisecond too: what was made from that one is dated one later. */
export const after = (now: number, ...changes: (ClaimsChange | null)[]): number =>
  Math.max(now, ...changes.map((change) => (change ? change.at + 1 : 0)));

export const valid = <T>(kept: Kept<T> | undefined, now: number): T | undefined =>
  kept && kept.until > now ? kept.value : undefined;
