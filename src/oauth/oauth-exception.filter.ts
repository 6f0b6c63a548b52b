import { Catch, HttpException, Inject, Logger, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { AuthError } from '../auth.errors.js';
import { AUTH_POLICY } from '../auth.constants.js';
import type { AuthPolicy } from '../options/options.js';
import { oauthError, OAuthError } from './oauth.errors.js';

/** The body of an error answer (RFC 6749 section 5.2); `code` is Keyturn's own and says more. */
export interface OAuthErrorBody {
  readonly error: string;
  readonly error_description: string;
  readonly code?: string;
}

/** Writes every error of the OAuth routes as RFC 6749 section 5.2 says, whatever filters the host has. */
@Catch()
export class OAuthExceptionFilter implements ExceptionFilter {
  private readonly logger = new Logger('Keyturn');

  constructor(
    @Inject(HttpAdapterHost) private readonly host: HttpAdapterHost,
    @Inject(AUTH_POLICY) private readonly policy: AuthPolicy,
  ) {}

  catch(thrown: unknown, host: ArgumentsHost): void {
    this.answer(thrown, host.getArgByIndex<object>(1));
  }

  /** Writes the answer for what a route has thrown. */
  answer(thrown: unknown, response: object): void {
    const error = this.asOAuth(thrown);
    const { httpAdapter } = this.host;
    httpAdapter.setHeader(response, 'Cache-Control', 'no-store');
    if (error.retryAfter !== undefined) {
      httpAdapter.setHeader(response, 'Retry-After', String(Math.max(1, Math.ceil(error.retryAfter))));
    }
    // RFC 6749 section 5.2: the scheme that the client may use.
    if (error.status === 401) {
      httpAdapter.setHeader(response, 'WWW-Authenticate', `Basic realm="${this.policy.issuer}"`);
    }
    const body: OAuthErrorBody = {
      error: error.code,
      error_description: asciiOnly(error.message),
      ...(error.authCode !== undefined && { code: error.authCode }),
    };
    httpAdapter.reply(response, body, error.status);
  }

  private asOAuth(thrown: unknown): OAuthError {
    if (thrown instanceof OAuthError) return thrown;
    if (thrown instanceof AuthError) return oauthError(thrown);
    const status = thrown instanceof HttpException ? thrown.getStatus() : statusOfParser(thrown);
    if (status >= 400 && status < 500)
      return new OAuthError('invalid_request', 'The request is not valid.', { status });
    this.logger.error(thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown));
    return new OAuthError('server_error', 'Something went wrong. Try again later.');
  }
}

/** RFC 6749 section 5.2 allows no quotation mark, no backslash and nothing beyond ASCII there. */
const asciiOnly = (text: string): string => text.replace(/["\\]/g, "'").replace(/[^\x20-\x7e]/g, '');

/** What the platform's body parser throws is no exception of Nest's. */
function statusOfParser(thrown: unknown): number {
  const status = (thrown as { statusCode?: unknown } | null)?.statusCode;
  return typeof status === 'number' ? status : 500;
}
