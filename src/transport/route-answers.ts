import { Inject, Injectable } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { AuthError } from '../auth.errors.js';
import { ROUTE_ERRORS } from '../auth.constants.js';
import { AuthExceptionFilter } from './auth-exception.filter.js';

/** Who writes the error answers of Keyturn's own routes: see the option `errors`. */
export type RouteErrors = 'keyturn' | 'host';

/**
 * Writes the answers of Keyturn's own routes. They are a contract with clients, so an interceptor of the host (an envelope
 * around every body, a mapping of every error) must not change them. Their handlers take `@Res()` without `passthrough`,
 * so Nest writes nothing after them. They return nothing: an interceptor that keeps answers, as Nest's for caches does,
 * would give the next request one that nobody writes, and one that logs them would log tokens.
 */
@Injectable()
export class RouteAnswers {
  constructor(
    @Inject(HttpAdapterHost) private readonly host: HttpAdapterHost,
    @Inject(AuthExceptionFilter) private readonly filter: AuthExceptionFilter,
    @Inject(ROUTE_ERRORS) private readonly errors: RouteErrors,
  ) {}

  /**
   * Does the work and writes its result, with the status of `@HttpCode()`.
   * @param refuse writes the answer for an error; default: the contract's, unless the host writes those
   * @throws what `refuse` does not write
   */
  async send<Body>(
    response: object,
    work: () => Body | Promise<Body>,
    refuse: (error: unknown) => void = (error) => this.refuse(error, response),
  ): Promise<void> {
    let body: Body;
    try {
      body = await work();
    } catch (error) {
      return refuse(error);
    }
    this.host.httpAdapter.reply(response, body);
  }

  private refuse(error: unknown, response: object): void {
    if (this.errors === 'host' || !(error instanceof AuthError)) throw error;
    this.filter.write(error, response);
  }
}
