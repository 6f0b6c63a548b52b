import { STATUS_CODES } from 'node:http';
import { HttpException } from '@nestjs/common';
import { AUTH_ERRORS, type AuthErrorCode, type ErrorTable } from './auth.error-codes.js';

export { AUTH_ERRORS } from './auth.error-codes.js';
export type { AuthErrorCode, ErrorMeaning, ErrorTable } from './auth.error-codes.js';

/** Why a session is over; also the code that its owner is answered with. */
export type SessionEndReason = 'session_ended' | 'session_revoked' | 'session_replaced' | 'token_reused';

/** What an {@link AuthError} knows beyond its code and message. */
export interface AuthErrorDetails {
  /** What went wrong underneath; stays inside, never part of an answer. */
  readonly cause?: unknown;
  /** What an operator is told in the log: no addresses, no statements, no secrets. */
  readonly fault?: string | undefined;
  /** Seconds after which trying again makes sense; becomes `Retry-After`. */
  readonly retryAfter?: number | undefined;
  /** Seconds; the `max_age` of an RFC 9470 challenge. */
  readonly maxAge?: number | undefined;
  /** What an access token must be granted, separated by blanks; the `scope` of an RFC 6750 challenge. */
  readonly scope?: string | undefined;
  /** One sentence for each field at fault; becomes `details` of a 400. */
  readonly details?: readonly string[] | undefined;
  /** The claim of the token that is wrong, such as `aud`. */
  readonly claim?: string | undefined;
  /** What is wrong with the claim. */
  readonly reason?: ClaimFault | undefined;
}

/** What can be wrong with a claim: it is not there, not of its type, or not what the verifier expects. */
export type ClaimFault = 'missing' | 'invalid' | 'mismatch';

/** The body of an error answer. */
export interface ErrorBody {
  /** The HTTP status. */
  readonly statusCode: number;
  /** The HTTP status in words. */
  readonly error: string;
  /** Stable, for programs. */
  readonly code: AuthErrorCode;
  /** One sentence for people; it may change. */
  readonly message: string;
  /** One sentence for each field at fault. */
  readonly details?: readonly string[] | undefined;
}

/** The body of an error answer. A code without a row is a mistake of the host, and nothing that a client could correct. */
export function errorBodyOf(
  { code, message, details }: Pick<AuthError, 'code' | 'message' | 'details'>,
  codes: ErrorTable = AUTH_ERRORS,
): ErrorBody {
  const statusCode = Object.hasOwn(codes, code) ? codes[code]!.status : 500;
  return { statusCode, error: STATUS_CODES[statusCode]!, code, message, ...(details && { details }) };
}

/** `Symbol.for`, since the ESM and the CommonJS copy of the library may both be loaded in one process. */
const BRAND = Symbol.for('keyturn:auth-error');

/**
 * The one error of Keyturn: a code for programs and a message for people. It is an `HttpException`, so that Nest and
 * every filter of a host answer it with its status. The transport layer adds the headers that go with it, and makes of
 * it what other contexts than HTTP understand. `instanceof` recognizes it across two copies of the library.
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
export class AuthError extends HttpException {
  override readonly name = 'AuthError';
  /** What an operator is told in the log. It is no part of an answer. */
  readonly fault?: string | undefined;
  /** Seconds after which trying again makes sense; `Retry-After` of the answer. */
  readonly retryAfter?: number | undefined;
  /** Seconds; the `max_age` of an RFC 9470 challenge. */
  readonly maxAge?: number | undefined;
  /** What an access token must be granted, separated by blanks; the `scope` of an RFC 6750 challenge. */
  readonly scope?: string | undefined;
  /** One sentence for each field at fault. */
  readonly details?: readonly string[] | undefined;
  /** The claim of the token that is wrong, such as `aud`. */
  readonly claim?: string | undefined;
  /** What is wrong with the claim. */
  readonly reason?: ClaimFault | undefined;

  constructor(
    /** Stable, for programs; `AUTH_ERRORS` says what each means. */
    readonly code: AuthErrorCode,
    message: string,
    { cause, fault, retryAfter, maxAge, scope, details, claim, reason }: AuthErrorDetails = {},
  ) {
    const body = errorBodyOf({ code, message, details });
    super(body, body.statusCode, cause === undefined ? undefined : { cause });
    this.fault = fault;
    this.retryAfter = retryAfter;
    this.maxAge = maxAge;
    this.scope = scope;
    this.details = details;
    this.claim = claim;
    this.reason = reason;
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    if (this !== AuthError) return Function.prototype[Symbol.hasInstance].call(this, value);
    return typeof value === 'object' && value !== null && BRAND in value;
  }
}
Object.defineProperty(AuthError.prototype, BRAND, { value: true });

/** How somebody calls an option: by its own name, or by the environment variable that sets it. */
export type NameOf = (option: string) => string;

/**
 * A start that must not happen: an option is missing, unknown, out of range, or contradicts another.
 *
 * @example
 * ```ts
 * try {
 *   await NestFactory.create(AppModule, { abortOnError: false });
 * } catch (error) {
 *   if (error instanceof AuthConfigError) console.error(error.option, error.message);
 * }
 * ```
 */
export class AuthConfigError extends Error {
  override readonly name = 'AuthConfigError';
  /** The option at fault, such as `sliding.slideLimit`; undefined if it is not about one. */
  readonly option?: string | undefined;
  private readonly sentence?: (nameOf: NameOf) => string;

  constructor(message: string, { option, cause }: { readonly option?: string; readonly cause?: unknown } = {}) {
    super(message, cause === undefined ? undefined : { cause });
    if (option !== undefined) this.option = option;
  }

  /**
   * An error about one option.
   * @param problem what follows the option's name in the message, or the whole message where it names other options too
   */
  static of(option: string, problem: string | ((nameOf: NameOf) => string), cause?: unknown): AuthConfigError {
    const sentence = typeof problem === 'string' ? (nameOf: NameOf) => `${nameOf(option)} ${problem}` : problem;
    const error = new AuthConfigError(
      sentence((name) => name),
      { option, cause },
    );
    // Nest prints what can be enumerated; the field of the class can be, before this.
    Object.defineProperty(error, 'sentence', { value: sentence, enumerable: false });
    return error;
  }

  /** The same error in the words of somebody who sets options by other names, such as environment variables. */
  renamed(nameOf: NameOf): AuthConfigError {
    if (this.option === undefined || !this.sentence) return this;
    return new AuthConfigError(this.sentence(nameOf), { option: nameOf(this.option), cause: this.cause });
  }
}
