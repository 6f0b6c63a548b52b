import { Catch, HttpException, Inject, Logger, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { throwError } from 'rxjs';
import { AuthError } from '../auth.errors.js';
import { ErrorTranslator } from './error-translator.js';

const QUIET = 10_000;

/** Answers for an {@link AuthError} that a handler let through, in Keyturn's own routes and in the host's. */
@Catch(AuthError)
export class AuthExceptionFilter implements ExceptionFilter<AuthError> {
  private readonly logger = new Logger('Keyturn');
  private quietUntil = 0;

  constructor(
    @Inject(ErrorTranslator) private readonly translator: ErrorTranslator,
    @Inject(HttpAdapterHost) private readonly host: HttpAdapterHost,
  ) {}

  async catch(error: AuthError, host: ArgumentsHost): Promise<unknown> {
    if (error.code === 'store_unavailable') this.tellOperator(error.fault ?? 'The store gave no reason.');
    if (error.code === 'claims_too_large') this.logger.error(`A request was answered 500: ${error.fault}`);
    const exception = await this.translator.translate(error, host);
    const kind = host.getType<string>();
    if (kind === 'rpc') return throwError(() => exception);
    if (kind === 'ws') return this.emit(exception, host);
    if (!(exception instanceof HttpException) || kind !== 'http') return exception;
    const response = host.getArgByIndex<unknown>(1);
    if (this.host.httpAdapter.isHeadersSent(response)) return undefined;
    return this.host.httpAdapter.reply(response, exception.getResponse(), exception.getStatus());
  }

  /** Nest's own way of telling a socket, since a filter's result goes nowhere there. */
  private async emit(exception: Error, host: ArgumentsHost): Promise<void> {
    const { BaseWsExceptionFilter } = await import('@nestjs/websockets');
    new BaseWsExceptionFilter().catch(exception, host);
  }

  /** In an outage every request fails alike: one line each ten seconds says it. */
  private tellOperator(fault: string): void {
    if (performance.now() < this.quietUntil) return;
    this.quietUntil = performance.now() + QUIET;
    this.logger.warn(`A request was answered 503: ${fault}`);
  }
}
