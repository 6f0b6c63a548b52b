import { HttpException } from '@nestjs/common';
import { AUTH_ERRORS, errorBodyOf, type AuthError, type ErrorTable } from '../auth.errors.js';

export type { ErrorBody } from '../auth.errors.js';

/** An {@link AuthError} as an HTTP answer: the contract's body, and the headers that go with it. */
export class AuthHttpException extends HttpException {
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    readonly authError: AuthError,
    realm: string,
    codes: ErrorTable = AUTH_ERRORS,
  ) {
    const body = errorBodyOf(authError, codes);
    super(body, body.statusCode, { cause: authError });
    this.headers = errorHeaders(authError, body.statusCode, realm);
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
