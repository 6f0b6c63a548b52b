import { Catch, HttpException, Inject, Logger, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { throwError } from 'rxjs';
import { AuthError } from '../auth.errors.js';
import { ErrorTranslator } from './error-translator.js';

/** Answers for an {@link AuthError} that a handler let through, in Keyturn's own routes and in the host's. */
@Catch(AuthError)
export class AuthExceptionFilter implements ExceptionFilter<AuthError> {
  private readonly logger = new Logger('Keyturn');

  constructor(
    @Inject(ErrorTranslator) private readonly translator: ErrorTranslator,
    @Inject(HttpAdapterHost) private readonly host: HttpAdapterHost,
  ) {}

  async catch(error: AuthError, host: ArgumentsHost): Promise<unknown> {
    if (error.code === 'store_unavailable') this.logger.warn(`${error.message} ${String(error.cause ?? '')}`);
    const exception = await this.translator.translate(error, host);
    if (host.getType<string>() === 'rpc') return throwError(() => exception);
    if (!(exception instanceof HttpException) || host.getType<string>() !== 'http') return exception;
    const response = host.getArgByIndex<unknown>(1);
    if (this.host.httpAdapter.isHeadersSent(response)) return undefined;
    return this.host.httpAdapter.reply(response, exception.getResponse(), exception.getStatus());
  }
}
