import { STATUS_CODES } from 'node:http';
import { Catch, HttpException, Inject, Logger, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { AuthError, AuthExceptionFilter, AuthHttpException } from '../../index.js';
import { FaultLine, OAuthExceptionFilter } from '../../internal.js';
import { SERVER_CONFIG, type ServerConfig } from '../config/load-config.js';
import { isBelow } from './form-parser.js';

/** The contract's code for errors that are not Keyturn's own: of the framework, the router, the body parser. */
const CODES: Readonly<Record<number, string>> = {
  400: 'invalid_request',
  404: 'not_found',
  413: 'payload_too_large',
  415: 'unsupported_media_type',
  503: 'temporarily_unavailable',
};

const UNREADABLE: ReadonlySet<number> = new Set([400, 413, 415]);

/** Gives every error answer of the service the contract's shape. What nobody expected is logged, and tells nothing. */
@Catch()
export class HttpErrorFilter implements ExceptionFilter {
  private readonly logger = new Logger('Keyturn');

  constructor(
    @Inject(AuthExceptionFilter) private readonly authErrors: AuthExceptionFilter,
    @Inject(OAuthExceptionFilter) private readonly oauthErrors: OAuthExceptionFilter,
    @Inject(HttpAdapterHost) private readonly host: HttpAdapterHost,
    @Inject(SERVER_CONFIG) private readonly config: ServerConfig,
  ) {}

  catch(error: unknown, host: ArgumentsHost): unknown {
    const statusCode = statusOf(error);
    // A body that cannot be read never comes to the OAuth routes, whose clients know OAuth's errors alone.
    if (UNREADABLE.has(statusCode) && isBelow(this.config.oauthPath, host.getArgByIndex<{ url: string }>(0).url)) {
      return this.oauthErrors.catch(error, host);
    }
    if (error instanceof AuthError) return this.authErrors.catch(error, host);
    const { httpAdapter } = this.host;
    const response = host.getArgByIndex<unknown>(1);
    if (error instanceof AuthHttpException) return httpAdapter.reply(response, error.getResponse(), error.getStatus());
    if (statusCode >= 500) this.tellOperator(error, statusCode, host);
    const body = {
      statusCode,
      error: STATUS_CODES[statusCode] ?? 'Error',
      code: CODES[statusCode] ?? (statusCode < 500 ? 'invalid_request' : 'internal_error'),
      message: statusCode < 500 ? messageOf(error) : 'Something went wrong. Try again, and tell us if it stays.',
    };
    return httpAdapter.reply(response, body, statusCode);
  }

  private tellOperator(error: unknown, status: number, host: ArgumentsHost): void {
    const { message, stack } = error instanceof Error ? error : { message: String(error), stack: undefined };
    this.logger.error(FaultLine.of(`A request was answered ${status}: ${message}`, undefined, host), stack);
  }
}

function statusOf(error: unknown): number {
  const status =
    error instanceof HttpException ? error.getStatus() : (error as { statusCode?: unknown } | null)?.statusCode;
  return typeof status === 'number' && status >= 400 && status <= 599 ? status : 500;
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : 'The request is not valid.');
