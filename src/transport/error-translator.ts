import { Inject, Injectable, Logger, type ArgumentsHost } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { AuthError } from '../auth.errors.js';
import type { AuthPolicy } from '../options/options.js';
import { AUTH_POLICY } from '../auth.constants.js';
import { requestOf } from './request-context.js';
import { AuthHttpException } from './auth.exceptions.js';
import { FaultLog, requestIn } from './fault-log.js';

/** Turns an {@link AuthError} into what the context it happened in understands. */
@Injectable()
export class ErrorTranslator {
  private readonly logger = new Logger('Keyturn');
  private readonly faults = new FaultLog();

  constructor(
    @Inject(AUTH_POLICY) private readonly policy: AuthPolicy,
    @Inject(HttpAdapterHost) private readonly host: HttpAdapterHost,
  ) {}

  /**
   * The exception to throw. `WWW-Authenticate` and `Retry-After` are set on the answer here and now, so that they
   * are there whatever filter of the host's writes the body. A fault of ours is logged.
   */
  async translate(error: AuthError, host: ArgumentsHost): Promise<Error> {
    this.faults.tell(error, requestIn(host));
    switch (host.getType<string>()) {
      case 'http':
        return this.http(error, host.getArgByIndex<unknown>(1));
      case 'graphql':
        return this.http(error, host.getArgByIndex<{ res?: unknown } | undefined>(2)?.res);
      // There an HttpException would become "Internal server error". Loaded here, since hosts on HTTP have neither.
      case 'ws': {
        const { WsException } = await import('@nestjs/websockets');
        return new WsException(message(error));
      }
      case 'rpc': {
        const { RpcException } = await import('@nestjs/microservices');
        return new RpcException(message(error));
      }
      default:
        return error;
    }
  }

  /** The same for a route of HTTP, by its response. */
  ofRoute(error: AuthError, response: object): AuthHttpException {
    this.faults.tell(error, requestOf(response));
    return this.http(error, response);
  }

  private http(error: AuthError, response: unknown): AuthHttpException {
    if (!Object.hasOwn(this.policy.errorCodes, error.code)) {
      this.logger.error(`The error code '${error.code}' has no meaning. Give it one in the option errorCodes.`);
    }
    const exception = new AuthHttpException(error, this.policy.issuer, this.policy.errorCodes);
    const { httpAdapter } = this.host;
    if (response && httpAdapter && !httpAdapter.isHeadersSent(response)) {
      for (const [name, value] of Object.entries(exception.headers)) httpAdapter.setHeader(response, name, value);
    }
    return exception;
  }
}

const message = ({ code, message: text }: AuthError) => ({ status: 'error', code, message: text });
