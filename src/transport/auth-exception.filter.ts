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
    const exception = await this.translator.translate(error, host);
    if (host.getType<string>() === 'rpc') return throwError(() => exception);
    if (!(exception instanceof HttpException) || host.getType<string>() !== 'http') return exception;
    const response = host.getArgByIndex<unknown>(1);
    if (this.host.httpAdapter.isHeadersSent(response)) return undefined;
    return this.host.httpAdapter.reply(response, exception.getResponse(), exception.getStatus());
  }

  /** In an outage every request fails alike: one line each ten seconds says it. */
  private tellOperator(fault: string): void {
    if (performance.now() < this.quietUntil) return;
    this.quietUntil = performance.now() + QUIET;
    this.logger.warn(`A request was answered 503: ${fault}`);
  }
}
