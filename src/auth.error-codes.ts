import type { HostErrorCodes } from './auth.extensions.js';

/** What an error code stands for. */
export interface ErrorMeaning {
  /** The HTTP status it is answered with. */
  readonly status: number;
  /** What happened, in one sentence. */
  readonly meaning: string;
  /** What a client does about it, in one sentence. */
  readonly client: string;
}

/** Error codes with their meanings; see the option `errorCodes`. */
export type ErrorTable = Readonly<Record<string, ErrorMeaning>>;

const LOG_IN = 'Drop the tokens and let the user log in.';
const RETRY = 'Keep the tokens and try again after `Retry-After` seconds.';

/**
 * Every code an answer of Keyturn can carry. Codes are stable; messages are for people and may change. The statuses,
 * the docs, the OpenAPI document and the types of clients come from this table, so a code without a row is no code.
 */
export const AUTH_ERRORS = {
  invalid_request: {
    status: 400,
    meaning: 'A field or header is missing, unknown, of the wrong type or out of range; `details` names each.',
    client: 'Correct the request.',
  },
  token_missing: { status: 401, meaning: 'The request carries no token.', client: 'Let the user log in.' },
  token_invalid: { status: 401, meaning: 'The token is not one of ours.', client: LOG_IN },
  token_expired: {
    status: 401,
    meaning: 'The access token is over, or its claims are outdated. A refresh never answers it.',
    client: 'Refresh, then send the request again.',
  },
  token_not_yet_valid: {
    status: 401,
    meaning: 'The token is from the future: the clocks of two machines differ.',
    client: 'Try again after `Retry-After` seconds.',
  },
  token_reused: {
    status: 401,
    meaning: 'A spent refresh token came again. The session was ended for safety.',
    client: 'Drop the tokens, tell the user, and let the user log in.',
  },
  session_ended: {
    status: 401,
    meaning: 'The session reached its idle or absolute end, or is unknown.',
    client: LOG_IN,
  },
  session_revoked: {
    status: 401,
    meaning: 'The session was revoked: logged out, password changed, or account disabled.',
    client: LOG_IN,
  },
  session_replaced: { status: 401, meaning: 'The session made room for a newer login.', client: LOG_IN },
  insufficient_user_authentication: {
    status: 401,
    meaning: 'The login is too old for this route; `max_age` of `WWW-Authenticate` says how old it may be.',
    client: 'Ask for the password and send it to `reauthenticate`, then send the request again.',
  },
  invalid_credentials: {
    status: 401,
    meaning: 'The e-mail address or the password is wrong. Unknown and disabled accounts get the same answer.',
    client: 'Ask for the password again.',
  },
  forbidden: {
    status: 403,
    meaning: 'The user lacks the role, registration is closed, or a page of another origin called by cookie.',
    client: 'Tell the user. A new login does not help.',
  },
  insufficient_scope: {
    status: 403,
    meaning: 'The token lacks the scope that `WWW-Authenticate` names.',
    client: 'Ask for a token with that scope. A new login does not help.',
  },
  not_found: { status: 404, meaning: 'There is no such route or thing.', client: 'Correct the request.' },
  renewal_not_due: {
    status: 409,
    meaning: 'The access token is too young to be renewed.',
    client: 'Keep using the token and try again after `Retry-After` seconds.',
  },
  renewal_exhausted: {
    status: 409,
    meaning: 'The access token cannot be renewed any more.',
    client: 'Refresh; without a refresh token, let the user log in.',
  },
  session_limit_reached: {
    status: 409,
    meaning: 'The user has as many sessions as are allowed.',
    client: 'Let the user end a session on another device.',
  },
  payload_too_large: { status: 413, meaning: 'The body is larger than 16 KiB.', client: 'Send less.' },
  unsupported_media_type: {
    status: 415,
    meaning: 'The body is not JSON.',
    client: 'Send JSON with `Content-Type: application/json`.',
  },
  too_many_attempts: {
    status: 429,
    meaning: 'There were too many attempts.',
    client: 'Wait `Retry-After` seconds before the next attempt.',
  },
  internal_error: {
    status: 500,
    meaning: 'Something happened that nobody foresaw; the log of the service tells what.',
    client: 'Keep the tokens. Report it if it stays.',
  },
  claims_too_large: {
    status: 500,
    meaning: 'The host gave more claims for the user than `claimsLimit` allows; its log tells how many.',
    client: 'Keep the tokens. Trying again does not help; report it.',
  },
  store_unavailable: { status: 503, meaning: 'Redis or the database does not answer.', client: RETRY },
  temporarily_unavailable: {
    status: 503,
    meaning:
      'Too many passwords are being hashed, the knowledge of revocations is too old, or the process is stopping.',
    client: RETRY,
  },
} as const satisfies ErrorTable;

/** The codes that have a row: Keyturn's own, and those that a host declares in {@link HostErrorCodes}. */
export type AuthErrorCode = keyof typeof AUTH_ERRORS | Extract<keyof HostErrorCodes, string>;
