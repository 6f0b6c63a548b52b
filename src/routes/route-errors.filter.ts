import { Catch, Inject, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { AuthError } from '../auth.errors.js';
import { AuthExceptionFilter } from '../transport/auth-exception.filter.js';

/** Answers for what the guard refuses on Keyturn's own routes, ahead of every filter of the host; see the option `errors`. */
@Catch(AuthError)
export class RouteErrorsFilter implements ExceptionFilter<AuthError> {
  constructor(@Inject(AuthExceptionFilter) private readonly answers: AuthExceptionFilter) {}

  catch(error: AuthError, host: ArgumentsHost): void {
    this.answers.write(error, host.getArgByIndex<object>(1));
  }
}
