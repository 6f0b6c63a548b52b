import { Catch, HttpException, Inject, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { throwError } from 'rxjs';
import { AuthError } from '../auth.errors.js';
import { ErrorTranslator } from './error-translator.js';

/** Answers for an {@link AuthError} that a handler let through, in Keyturn's own routes and in the host's. */
@Catch(AuthError)
export class AuthExceptionFilter implements ExceptionFilter<AuthError> {
  constructor(
    @Inject(ErrorTranslator) private readonly translator: ErrorTranslator,
    @Inject(HttpAdapterHost) private readonly host: HttpAdapterHost,
  ) {}

  async catch(error: AuthError, host: ArgumentsHost): Promise<unknown> {
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
}
