import type { AuthError } from '../auth.errors.js';

/** The error codes of RFC 6749 section 5.2, RFC 8707 section 2 and RFC 6749 section 4.1.2.1 (`temporarily_unavailable`). */
export type OAuthErrorCode =
  | 'invalid_request'
  | 'invalid_client'
  | 'invalid_grant'
  | 'unauthorized_client'
  | 'unsupported_grant_type'
  | 'invalid_scope'
  | 'invalid_target'
  | 'server_error'
  | 'temporarily_unavailable';

/** What an {@link OAuthError} knows beyond its code and description. */
export interface OAuthErrorDetails {
  /** Keyturn's own code, which says more than OAuth's. */
  readonly authCode?: string;
  /** Seconds; becomes `Retry-After`. */
  readonly retryAfter?: number;
  /** HTTP status, where it is not that of the code. */
  readonly status?: number;
  readonly cause?: unknown;
}

const STATUS: Readonly<Record<OAuthErrorCode, number>> = {
  invalid_request: 400,
  invalid_client: 401,
  invalid_grant: 400,
  unauthorized_client: 400,
  unsupported_grant_type: 400,
  invalid_scope: 400,
  invalid_target: 400,
  server_error: 500,
  temporarily_unavailable: 503,
};

/** The one error of the OAuth routes; its filter writes it as RFC 6749 section 5.2 says. */
export class OAuthError extends Error {
  override readonly name = 'OAuthError';
  readonly status: number;
  readonly authCode?: string;
  readonly retryAfter?: number;

  constructor(
    readonly code: OAuthErrorCode,
    description: string,
    { authCode, retryAfter, status, cause }: OAuthErrorDetails = {},
  ) {
    super(description, cause === undefined ? undefined : { cause });
    this.status = status ?? STATUS[code];
    this.authCode = authCode;
    this.retryAfter = retryAfter;
  }
}

/** The codes that say something other than "this grant is over". */
const OTHER_CODES: Readonly<Record<string, OAuthErrorCode>> = {
  invalid_request: 'invalid_request',
  claims_too_large: 'server_error',
  too_many_attempts: 'temporarily_unavailable',
  store_unavailable: 'temporarily_unavailable',
  temporarily_unavailable: 'temporarily_unavailable',
};

/**
 * An error of Keyturn as OAuth clients understand it. A store that is away is never `invalid_grant`, since clients drop
 * their tokens on that (RFC 6749 section 5.2).
 */
export function oauthError(error: AuthError): OAuthError {
  return new OAuthError(OTHER_CODES[error.code] ?? 'invalid_grant', error.message, {
    authCode: error.code,
    retryAfter: error.retryAfter,
    ...(error.code === 'too_many_attempts' && { status: 429 }),
    cause: error,
  });
}
