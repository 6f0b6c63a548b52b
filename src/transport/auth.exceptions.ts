import { HttpException } from '@nestjs/common';
import { AUTH_ERRORS, errorBodyOf, type AuthError, type AuthErrorCode, type ErrorTable } from '../auth.errors.js';

export type { ErrorBody } from '../auth.errors.js';

/** An {@link AuthError} as an HTTP answer: the contract's body, and the headers that go with it. */
export class AuthHttpException extends HttpException {
  /** Headers that belong to the answer, such as `WWW-Authenticate`. */
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    /** What went wrong. */
    readonly authError: AuthError,
    realm: string,
    codes: ErrorTable = AUTH_ERRORS,
  ) {
    const body = errorBodyOf(authError, codes);
    super(body, body.statusCode, { cause: authError });
    this.headers = errorHeaders(authError, body.statusCode, realm);
  }
}

/** What a refusal says where there are no headers: in messages of gateways and microservices, and to GraphQL clients. */
export interface RefusalData {
  readonly code: AuthErrorCode;
  readonly message: string;
  /** Seconds. */
  readonly retry_after?: number;
  /** Seconds; how old a login may be. */
  readonly max_age?: number;
  /** What the token lacks. */
  readonly scope?: string;
}

export const refusalData = ({ code, message, retryAfter, maxAge, scope }: AuthError): RefusalData => ({
  code,
  message,
  ...(retryAfter !== undefined && { retry_after: wholeSeconds(retryAfter) }),
  ...(maxAge !== undefined && { max_age: maxAge }),
  ...(scope !== undefined && { scope }),
});

/**
 * An {@link AuthError} as the error of a resolver: its code stands in `extensions`, on every GraphQL server alike. Its
 * body has no `statusCode`, or Apollo's driver would put a code of its own there.
 */
export class AuthGraphqlException extends HttpException {
  readonly extensions: Omit<RefusalData, 'message'> & { readonly status: number };

  constructor(
    readonly authError: AuthError,
    codes: ErrorTable = AUTH_ERRORS,
  ) {
    const { message, ...data } = refusalData(authError);
    const status = statusOf(authError.code, codes);
    super({ code: authError.code, message }, status, { cause: authError });
    this.extensions = { ...data, status };
  }
}

export const statusOf = (code: AuthErrorCode, codes: ErrorTable): number =>
  errorBodyOf({ code, message: '' }, codes).statusCode;

const wholeSeconds = (seconds: number): number => Math.max(1, Math.ceil(seconds));

export function errorHeaders(error: AuthError, status: number, realm: string): Record<string, string> {
  const headers: Record<string, string> = {};
  if (status === 401 || error.code === 'insufficient_scope') headers['WWW-Authenticate'] = challenge(error, realm);
  if (error.retryAfter !== undefined) headers['Retry-After'] = String(wholeSeconds(error.retryAfter));
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
