import { Inject, Injectable, Logger, type ArgumentsHost, type HttpException } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { AuthError, ErrorTable } from '../auth.errors.js';
import type { AuthPolicy } from '../options/options.js';
import { AUTH_POLICY } from '../auth.constants.js';
import {
  AuthGraphqlException,
  AuthHttpException,
  errorHeaders,
  refusalData,
  statusOf,
  type RefusalData,
} from './auth.exceptions.js';
import { FaultLog, httpRequestOf } from './fault-log.js';
import { grpcRefusal } from './grpc-refusal.js';
import { requestOf, responseOf } from './request-context.js';

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
   * The exception to throw. Over HTTP it is the error itself, which is what filters of the host for it wait for.
   * `WWW-Authenticate` and `Retry-After` are set on the answer here and now, so that they are there whatever filter of the
   * host's writes the body. A fault of ours is logged.
   */
  async translate(error: AuthError, host: ArgumentsHost): Promise<Error> {
    this.faults.tell(error, httpRequestOf(host));
    switch (host.getType<string>()) {
      case 'http':
        this.setHeaders(error, statusOf(error.code, this.policy.errorCodes), responseOf(host));
        return error;
      case 'graphql':
        return this.answered(new AuthGraphqlException(error, this.codesWith(error)), error, responseOf(host));
      // There an HttpException would become "Internal server error". Loaded here, since hosts on HTTP have neither.
      case 'ws': {
        const { WsException } = await import('@nestjs/websockets');
        return new WsException(errorMessage(error));
      }
      case 'rpc': {
        const { RpcException } = await import('@nestjs/microservices');
        const status = statusOf(error.code, this.policy.errorCodes);
        return new RpcException(grpcRefusal(refusalData(error), status, host.getArgByIndex(1)) ?? errorMessage(error));
      }
      default:
        return error;
    }
  }

  /** The same for a route of HTTP, by its response. */
  ofRoute(error: AuthError, response: object): AuthHttpException {
    this.faults.tell(error, requestOf(response));
    const exception = new AuthHttpException(error, this.policy.issuer, this.codesWith(error));
    return this.answered(exception, error, response);
  }

  private codesWith({ code }: AuthError): ErrorTable {
    if (!Object.hasOwn(this.policy.errorCodes, code)) {
      this.logger.error(`The error code '${code}' has no meaning. Give it one in the option errorCodes.`);
    }
    return this.policy.errorCodes;
  }

  private answered<Exception extends HttpException>(
    exception: Exception,
    error: AuthError,
    response: unknown,
  ): Exception {
    this.setHeaders(error, exception.getStatus(), response);
    return exception;
  }

  /** In an answer of GraphQL, too, where one is under way. */
  private setHeaders(error: AuthError, status: number, response: unknown): void {
    const { httpAdapter } = this.host;
    if (!response || !httpAdapter || httpAdapter.isHeadersSent(response)) return;
    const headers = errorHeaders(error, status, this.policy.issuer);
    for (const [name, value] of Object.entries(headers)) httpAdapter.setHeader(response, name, value);
  }
}

/** What a socket or a microservice is told. */
export const errorMessage = (error: AuthError): RefusalData & { readonly status: 'error' } => ({
  status: 'error',
  ...refusalData(error),
});
