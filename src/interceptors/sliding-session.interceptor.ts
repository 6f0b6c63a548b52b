import {
  Inject,
  Injectable,
  StreamableFile,
  type CallHandler,
  type ExecutionContext,
  type NestInterceptor,
} from '@nestjs/common';
import { concat, defer, EMPTY, from, ignoreElements, tap, type Observable } from 'rxjs';
import { Renewals, type RenewedToken } from '../sessions/renewals.js';
import type { AccessTokenClaims } from '../tokens/claims-rules.js';
import { userOf } from '../transport/current-user.js';
import { messageSource, type IncomingRequest } from '../transport/request-context.js';
import { originOf } from '../transport/request-origin.js';
import { extractBearer } from '../transport/token-extractor.js';
import { RENEWED_TOKEN_HEADER, TokenResponder } from '../transport/token-responder.js';

/** The part of an outgoing answer that is read here; Express and Fastify agree on it. */
interface OutgoingResponse {
  readonly statusCode: number;
  getHeader(name: string): string | number | readonly string[] | undefined;
  readonly headersSent?: boolean;
  /** Fastify's own "sent" is true only when the answer has ended. */
  readonly raw?: { readonly headersSent: boolean };
}

const isSent = ({ headersSent, raw }: OutgoingResponse): boolean => headersSent || raw?.headersSent || false;

/** What Nest sends piece by piece: its files, streams of Node and of the web, async generators, a fetch's answer. */
const isStreamed = (answer: unknown): boolean =>
  answer instanceof StreamableFile ||
  answer instanceof Response ||
  (typeof answer === 'object' && answer !== null && Symbol.asyncIterator in answer);

/**
 * Adds a renewed access token to the successful answer of a route, when one is due; see `@SlidingSession()`. Decides
 * when the answer is there, so an error renews nothing.
 */
@Injectable()
export class SlidingSessionInterceptor implements NestInterceptor {
  constructor(
    @Inject(Renewals) private readonly renewals: Renewals,
    @Inject(TokenResponder) private readonly responder: TokenResponder,
  ) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    // Only an HTTP answer has headers to carry a token in.
    if (context.getType<string>() !== 'http') return next.handle();
    const { carrier, request } = messageSource(context);
    const user = userOf(carrier);
    if (!user || !request) return next.handle();
    let answer: { readonly value: unknown } | undefined;
    const handled = next.handle().pipe(tap((value: unknown) => (answer = { value })));
    // Not sooner: what has given a value may still fail, and a stream of events has sent its headers by then.
    const renewal = defer(() => {
      const response = context.getArgByIndex<OutgoingResponse>(1);
      const waiting = answer && this.renew(user, request, response, answer.value);
      return waiting ? from(waiting).pipe(ignoreElements()) : EMPTY;
    });
    return concat(handled, renewal);
  }

  /** Waits only where the renewed token is made by another service. */
  private renew(
    user: AccessTokenClaims,
    request: IncomingRequest,
    response: OutgoingResponse,
    answer: unknown,
  ): Promise<void> | undefined {
    if (!this.mayCarryToken(request, response, answer)) return undefined;
    // First, since most answers are not due: who asks is looked up for the others only.
    if (this.renewals.dueIn(user) !== 0) return undefined;
    const renewed = this.renewals.renewIfDue(user, { origin: originOf(request), token: extractBearer(request) });
    if (renewed instanceof Promise) return renewed.then((token) => this.attach(request, response, token));
    this.attach(request, response, renewed);
    return undefined;
  }

  private attach(request: IncomingRequest, response: OutgoingResponse, renewed: RenewedToken | undefined): void {
    // A deadline of the host's may have answered while the token was fetched.
    if (!renewed || isSent(response)) return;
    this.responder.attach(response, renewed);
    // Express makes a 304 of an answer after this point, and a 304 would throw the new token away.
    const headers = request.headers as Record<string, unknown>;
    delete headers['if-none-match'];
    delete headers['if-modified-since'];
  }

  private mayCarryToken(request: IncomingRequest, response: OutgoingResponse, answer: unknown): boolean {
    if (request.method === 'HEAD' || isStreamed(answer)) return false;
    if (response.statusCode >= 400 || response.statusCode === 304) return false;
    if (isSent(response)) return false;
    // A class and its method may both be marked.
    if (response.getHeader(RENEWED_TOKEN_HEADER) !== undefined) return false;
    const caching = response.getHeader('Cache-Control');
    return caching === undefined || /\b(no-store|private)\b/i.test(String(caching));
  }
}
