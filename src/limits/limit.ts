/** So many attempts in a window of time. */
export interface Limit {
  /** How many attempts fit into the window. */
  readonly attempts: number;
  /** Milliseconds. In any stretch of this length there are at most so many attempts. */
  readonly window: number;
  /** How many of the attempts are not for a burst: each of them is free only {@link apart} after the one before. */
  readonly kept: number;
  /** Milliseconds. */
  readonly apart: number;
}

/** A limit whose attempts can all come at once. */
export const limitOf = (attempts: number, window: number): Limit => ({ attempts, window, kept: 0, apart: 0 });

/**
 * The same limit, with some attempts kept for later, so that after a burst the next one is free within `longestWait`
 * and not when the window is over. At most a tenth is kept: a small limit stays as it is written, and its wait longer.
 * @example withoutLongWait(limitOf(50, 3_600_000), 900_000) // 47 at once, then one each 15 minutes; 50 in any hour
 */
export function withoutLongWait({ attempts, window }: Limit, longestWait: number): Limit {
  const kept = Math.min(Math.ceil(window / longestWait) - 1, Math.floor(attempts / 10));
  return kept < 1 ? limitOf(attempts, window) : { attempts, window, kept, apart: Math.ceil(window / (kept + 1)) };
}

/**
 * How long until the next attempt is free: milliseconds, 0 for now. The script of the Redis store decides by the same rule.
 * @param times of the attempts of the last window, the oldest first; milliseconds
 */
export function waitFor(times: readonly number[], { attempts, window, kept, apart }: Limit, now: number): number {
  const used = times.length;
  const atOnce = attempts - kept;
  if (used < atOnce) return 0;
  const burst = times[used - atOnce]! + window - now;
  if (kept === 0) return burst;
  const room = used < attempts ? now : times[used - attempts]! + window;
  return Math.min(burst, Math.max(0, room - now, times[used - 1]! + apart - now));
}
