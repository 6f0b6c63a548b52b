import type { AuthErrorCode } from '../auth.error-codes.js';

/**
 * A code of the service, or one of the client: `offline`, no answer; `unexpected_answer`, one that is not the service's,
 * such as the page of a captive portal; `storage_failed`, the session is in memory, and the storage is behind.
 */
export type SessionErrorCode = AuthErrorCode | 'offline' | 'unexpected_answer' | 'storage_failed';

/**
 * Why a call of a session failed. Decide by `code`; `message` is for people and may change. `cause` is what the network or the
 * storage threw.
 *
 * @example
 * ```ts
 * try {
 *   await session.login({ email, password });
 * } catch (error) {
 *   if (error instanceof SessionError && error.code === 'invalid_credentials') askAgain();
 * }
 * ```
 */
export class SessionError extends Error {
  /**
   * @param status of the HTTP answer, if there was one
   * @param retryAfter seconds after which the service wants to be asked again
   */
  constructor(
    /** Stable, for programs. */
    readonly code: SessionErrorCode,
    message: string = code,
    readonly status?: number,
    readonly retryAfter?: number,
  ) {
    super(message);
  }
}
