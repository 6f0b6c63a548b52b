/** Every code an answer of Keyturn can carry. Codes are stable; messages are for people and may change. */
export type AuthErrorCode =
  // 400
  | 'invalid_request'
  | 'ticket_invalid'
  // 401
  | 'token_missing'
  | 'token_invalid'
  | 'token_expired'
  | 'token_not_yet_valid'
  | 'token_reused'
  | 'session_ended'
  | 'session_revoked'
  | 'session_replaced'
  | 'insufficient_user_authentication'
  | 'invalid_credentials'
  // 403
  | 'forbidden'
  | 'insufficient_scope'
  // 404, 409
  | 'not_found'
  | 'email_taken'
  | 'renewal_not_due'
  | 'renewal_exhausted'
  | 'session_limit_reached'
  // 413, 415, 429
  | 'payload_too_large'
  | 'unsupported_media_type'
  | 'too_many_attempts'
  // 503
  | 'store_unavailable'
  | 'temporarily_unavailable';

/** Why a session is over; also the code that its owner is answered with. */
export type SessionEndReason = 'session_ended' | 'session_revoked' | 'session_replaced' | 'token_reused';

/** What an {@link AuthError} knows beyond its code and message. */
export interface AuthErrorDetails {
  /** What went wrong underneath; stays inside, never part of an answer. */
  readonly cause?: unknown;
  /** What an operator is told in the log: no addresses, no statements, no secrets. */
  readonly fault?: string;
  /** Seconds after which trying again makes sense; becomes `Retry-After`. */
  readonly retryAfter?: number;
  /** Seconds; the `max_age` of an RFC 9470 challenge. */
  readonly maxAge?: number;
  /** What an access token must be granted, separated by blanks; the `scope` of an RFC 6750 challenge. */
  readonly scope?: string;
  /** One sentence for each field at fault; becomes `details` of a 400. */
  readonly details?: readonly string[];
}

/**
 * The one error of Keyturn: a code for programs, a message for people, no HTTP and no Nest.
 * The transport layer turns it into the answer of the context it happened in.
 *
 * @example
 * ```ts
 * try {
 *   await rotation.refresh(token);
 * } catch (error) {
 *   if (error instanceof AuthError && error.code === 'token_reused') warnTheUser();
 * }
 * ```
 */
export class AuthError extends Error {
  override readonly name = 'AuthError';
  readonly fault?: string;
  readonly retryAfter?: number;
  readonly maxAge?: number;
  readonly scope?: string;
  readonly details?: readonly string[];

  constructor(
    readonly code: AuthErrorCode,
    message: string,
    { cause, fault, retryAfter, maxAge, scope, details }: AuthErrorDetails = {},
  ) {
    super(message, cause === undefined ? undefined : { cause });
    this.fault = fault;
    this.retryAfter = retryAfter;
    this.maxAge = maxAge;
    this.scope = scope;
    this.details = details;
  }
}

/** A start that must not happen: an option is missing, unknown, out of range, or contradicts another. Names the option. */
export class AuthConfigError extends Error {
  override readonly name = 'AuthConfigError';
}
