import { Catch, Inject, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { AuthError } from '../auth.errors.js';
import { AuthExceptionFilter } from '../transport/auth-exception.filter.js';
import { AuthHttpException } from '../transport/auth.exceptions.js';

/** Answers for what the guard refuses on Keyturn's own routes, ahead of every filter of the host; see the option `errors`. */
@Catch(AuthError, AuthHttpException)
export class RouteErrorsFilter implements ExceptionFilter<AuthError | AuthHttpException> {
  constructor(@Inject(AuthExceptionFilter) private readonly answers: AuthExceptionFilter) {}

  catch(error: AuthError | AuthHttpException, host: ArgumentsHost): void {
    const response = host.getArgByIndex<object>(1);
    if (error instanceof AuthError) this.answers.write(error, response);
    else this.answers.reply(response, error);
  }
}
