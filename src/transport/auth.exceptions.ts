import { HttpException } from '@nestjs/common';
import { STATUS_CODES } from 'node:http';
import type { AuthError, AuthErrorCode } from '../auth.errors.js';

/** HTTP status by code; what is not named here is a 401. */
const STATUS: Partial<Record<AuthErrorCode, number>> = {
  invalid_request: 400,
  ticket_invalid: 400,
  forbidden: 403,
  insufficient_scope: 403,
  not_found: 404,
  email_taken: 409,
  renewal_not_due: 409,
  renewal_exhausted: 409,
  session_limit_reached: 409,
  payload_too_large: 413,
  unsupported_media_type: 415,
  too_many_attempts: 429,
  store_unavailable: 503,
  temporarily_unavailable: 503,
};

/** The body of every error answer. */
export interface ErrorBody {
  readonly statusCode: number;
  readonly error: string;
  readonly code: AuthErrorCode;
  readonly message: string;
  readonly details?: readonly string[];
}

/** An {@link AuthError} as an HTTP answer: the contract's body, and the headers that go with it. */
export class AuthHttpException extends HttpException {
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    readonly authError: AuthError,
    realm: string,
  ) {
    const { code, message, details } = authError;
    const statusCode = STATUS[code] ?? 401;
    const error = STATUS_CODES[statusCode]!;
    super({ statusCode, error, code, message, ...(details && { details }) } satisfies ErrorBody, statusCode, {
      cause: authError,
    });
    this.headers = errorHeaders(authError, statusCode, realm);
  }
}

function errorHeaders(error: AuthError, status: number, realm: string): Record<string, string> {
  const headers: Record<string, string> = {};
  if (status === 401 || error.code === 'insufficient_scope') headers['WWW-Authenticate'] = challenge(error, realm);
  if (error.retryAfter !== undefined) headers['Retry-After'] = String(Math.max(1, Math.ceil(error.retryAfter)));
  return headers;
}

const quoted = (text: string): string => `"${text.replace(/[^\x20-\x7e]/g, '').replace(/["\\]/g, '')}"`;

/** The challenge of a 401 (RFC 6750 section 3, RFC 9470 section 3) or of a scope that is missing: without an error where no credentials were judged. */
function challenge({ code, message, maxAge, scope }: AuthError, realm: string): string {
  const start = `Bearer realm=${quoted(realm)}`;
  switch (code) {
    case 'token_missing':
    case 'invalid_credentials':
      return start;
    case 'insufficient_scope':
      return `${start}, error="insufficient_scope"${scope === undefined ? '' : `, scope=${quoted(scope)}`}`;
    case 'insufficient_user_authentication':
      return `${start}, error="insufficient_user_authentication", max_age="${maxAge}"`;
    default:
      return `${start}, error="invalid_token", error_description=${quoted(message)}`;
  }
}
