import type { Limit } from './limit.js';

/** An attempt that was noted. Times are milliseconds, by the clock of the log. */
export interface NotedAttempt {
  /** When the attempt was noted. */
  readonly at: number;
  /** When this process noted it as well, where two logs do. */
  readonly own?: number;
}

/** What became of an attempt: noted, or refused for so many milliseconds. */
export type Noted = NotedAttempt | { readonly wait: number };

/**
 * Remembers attempts by key, for all instances together. Looking and noting are one step, so that attempts at the same
 * time are counted exactly.
 */
export abstract class AttemptLog {
  /**
   * Notes an attempt unless the limit is reached; a refused attempt is not noted.
   * @param key letters, digits, `_`, `-` and `:`
   * @throws AuthError `store_unavailable`
   */
  abstract note(key: string, limit: Limit): Promise<Noted>;

  /**
   * Takes one attempt back, as if it had not been.
   * @param attempt as {@link note} gave it
   * @throws AuthError `store_unavailable`
   */
  abstract forget(key: string, attempt: NotedAttempt): Promise<void>;
}
