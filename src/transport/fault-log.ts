import { inspect } from 'node:util';
import { Logger, type ArgumentsHost } from '@nestjs/common';
import type { AuthError, AuthErrorCode } from '../auth.errors.js';
import { requestInfoOf } from './request-info.js';
import type { IncomingRequest } from './request-context.js';

const QUIET = 10_000;
/** What is a fault of ours. */
const FAULTS: readonly AuthErrorCode[] = ['store_unavailable', 'temporarily_unavailable', 'claims_too_large'];

/** What Fastify or Express knows of the route that a request came to. */
type Routed = IncomingRequest & {
  readonly baseUrl?: string;
  readonly route?: { readonly path?: string };
  readonly routeOptions?: { readonly url?: string };
};

/** A request that failed for a fault of ours: data for loggers that write JSON, a sentence for those that write text. */
export class FaultLine {
  constructor(
    readonly message: string,
    readonly code?: string,
    readonly request_id?: string,
    readonly client_request_id?: string,
    readonly traceparent?: string,
    readonly route?: string,
  ) {}

  [inspect.custom](): string {
    const where = [this.route, this.request_id && `request ${this.request_id}`].filter(Boolean).join(', ');
    return where === '' ? this.message : `${this.message} (${where})`;
  }

  /** @param host where it happened; of another kind than HTTP the request is left out */
  static of(message: string, code: string | undefined, host: ArgumentsHost): FaultLine {
    return FaultLine.ofRequest(message, code, httpRequestOf(host));
  }

  static ofRequest(message: string, code: string | undefined, request?: IncomingRequest): FaultLine {
    if (!request?.headers) return new FaultLine(message, code);
    const { requestId, clientRequestId, traceparent } = requestInfoOf(request);
    return new FaultLine(message, code, requestId, clientRequestId, traceparent, routeOf(request));
  }
}

/** The request of a context; undefined in other kinds than HTTP. */
export const httpRequestOf = (host: ArgumentsHost): IncomingRequest | undefined =>
  host.getType() === 'http' ? host.getArgByIndex<IncomingRequest>(0) : undefined;

/** The pattern, such as `DELETE /auth/sessions/:id`: what a client has put into its place may be anything. */
function routeOf(request: IncomingRequest): string | undefined {
  const { method, baseUrl = '', route, routeOptions } = request as Routed;
  const path = routeOptions?.url ?? (route?.path === undefined ? undefined : baseUrl + route.path);
  return path === undefined ? undefined : `${method} ${path}`;
}

/**
 * Tells the operator why requests fail for a fault of ours. In an outage they fail alike, so of each kind one line each
 * ten seconds says it.
 */
export class FaultLog {
  private readonly logger = new Logger('Keyturn');
  private readonly quietUntil = new Map<string, number>();

  /** @param request left out where there is none */
  tell(error: AuthError, request?: IncomingRequest): void {
    const { code, fault, message } = error;
    if (!FAULTS.includes(code) || performance.now() < (this.quietUntil.get(code) ?? 0)) return;
    this.quietUntil.set(code, performance.now() + QUIET);
    const status = error.getStatus();
    const line = FaultLine.ofRequest(`A request was answered ${status}: ${fault ?? message}`, code, request);
    if (status === 503) this.logger.warn(line);
    else this.logger.error(line);
  }
}
