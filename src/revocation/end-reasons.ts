import type { SessionEndReason } from '../auth.errors.js';

/** `token_reused` is an alarm, and stands above all others; a session whose time was over was ended by nobody. */
export const REASON_STRENGTH = {
  session_ended: 0,
  session_replaced: 1,
  session_revoked: 1,
  token_reused: 2,
} as const satisfies Record<SessionEndReason, number>;

/**
 * Whether a reason may take the place of another one for the same session. Of equal ones the first stays: nobody can
 * change afterwards what the owner of an ended session is told, except by an alarm. A store of your own needs it in `end`.
 *
 * @example
 * ```ts
 * isStronger('token_reused', 'session_revoked'); // true
 * ```
 */
export const isStronger = (reason: SessionEndReason, than: SessionEndReason): boolean =>
  REASON_STRENGTH[reason] > REASON_STRENGTH[than];
