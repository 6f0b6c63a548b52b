/** Why a session is over: a code of the service for programs, a sentence for people. */
export interface SessionEnd {
  /** Why the session ended, such as `token_reused`. */
  readonly code: string;
  /** The sentence of the server; `docs/clients.md` has words for people. */
  readonly message: string;
}

/** What is kept of a session. Times in milliseconds; `at` and `ends` by the clock of this device. */
export interface StoredSession {
  /** The session. */
  readonly sid: string;
  /** When the tokens were received. */
  readonly at: number;
  /** How long the access token lives. */
  readonly life: number;
  /** The absolute end of the session; for a warning only. */
  readonly ends?: number;
  /** In body transport. */
  readonly access?: string;
  /** The refresh token; absent where it is in a cookie. */
  readonly refresh?: string;
  /** Set where the service gives no refresh tokens, and access tokens renew themselves. */
  readonly renews?: boolean;
  /** Set where nothing gives a new access token: the session is over with the one at hand. */
  readonly isFinal?: boolean;
}

/** In the place of a session: why it ended, for the other tabs. */
export interface StoredEnd {
  /** Absent: there is no session. */
  readonly sid?: undefined;
  /** Why the last session ended; absent after a logout. */
  readonly ended?: SessionEnd;
}

/** What a storage keeps: a session, or that there is none and why. */
export type Stored = StoredSession | StoredEnd;

/**
 * Where sessions, and the secret of this device, are kept by their names. One method, so that each change is one step
 * that no other tab can come between.
 *
 * @example
 * ```ts
 * const kept = new Map<string, unknown>();
 * const storage: SessionStorage = {
 *   update: async (name, change) => {
 *     const next = change(kept.get(name) as never);
 *     kept.set(name, next);
 *     return next;
 *   },
 * };
 * ```
 */
export interface SessionStorage {
  /**
   * Reads, changes and writes in one step. Nothing needs to be written where `change` returns what it was given.
   * @param change without side effects, from and to what JSON can carry; undefined: nothing is kept
   * @returns what is there now
   */
  update<T>(name: string, change: (kept: T | undefined) => T | undefined): Promise<T | undefined>;
}
