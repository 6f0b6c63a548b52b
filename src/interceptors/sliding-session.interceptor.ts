import {
  Inject,
  Injectable,
  Logger,
  StreamableFile,
  type CallHandler,
  type ExecutionContext,
  type NestInterceptor,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { concat, defer, EMPTY, from, ignoreElements, tap, type Observable } from 'rxjs';
import type { AuthPolicy } from '../options/options.js';
import { AUTH_POLICY } from '../auth.constants.js';
import type { SlidingRule } from '../routing/route-metadata.js';
import { RouteRules } from '../routing/route-rules.js';
import { Renewals, type RenewedToken } from '../sessions/renewals.js';
import type { AccessTokenClaims } from '../tokens/claims-rules.js';
import { graphqlContext, requestIn, responseOf, userOf, type IncomingRequest } from '../transport/request-context.js';
import { requestInfoOf } from '../transport/request-info.js';
import { extractBearer } from '../transport/token-extractor.js';
import { TokenResponder } from '../transport/token-responder.js';

/** The part of an outgoing answer that is read here; Express and Fastify agree on it. */
interface OutgoingResponse {
  readonly statusCode: number;
  getHeader(name: string): string | number | readonly string[] | undefined;
  readonly headersSent?: boolean;
  /** Fastify's own "sent" is true only when the answer has ended. */
  readonly raw?: { readonly headersSent: boolean };
}

/** An exchange whose answer may carry a token. */
interface Exchange {
  readonly user: AccessTokenClaims;
  readonly request: IncomingRequest;
  readonly response: OutgoingResponse;
}

/** What Nest sends piece by piece: its files, streams of Node and of the web, async generators, a fetch's answer. */
const isStreamed = (answer: unknown): boolean =>
  answer instanceof StreamableFile ||
  answer instanceof Response ||
  (typeof answer === 'object' && answer !== null && Symbol.asyncIterator in answer);

const NO_RESPONSE =
  '@SlidingSession() cannot renew on a resolver: the GraphQL context has no response. Give it one: ' +
  'context: (request, reply) => ({ req: request, res: reply })';

/** Requests that an interceptor sees to already: a class, its method and every route may be marked at once. */
const seenTo = new WeakSet<IncomingRequest>();

/**
 * Adds a renewed access token to the successful answer of a route, when one is due; see `@SlidingSession()`. Whether
 * one may be due is asked when the request comes, so that most cost next to nothing; all else is decided when the
 * answer is there, so an error renews nothing.
 */
@Injectable()
export class SlidingSessionInterceptor implements NestInterceptor {
  private readonly logger = new Logger('Keyturn');
  private readonly rules: RouteRules;
  private warned = false;

  constructor(
    @Inject(AUTH_POLICY) private readonly policy: AuthPolicy,
    @Inject(Reflector) reflector: Reflector,
    @Inject(Renewals) private readonly renewals: Renewals,
    @Inject(TokenResponder) private readonly responder: TokenResponder,
  ) {
    this.rules = new RouteRules(reflector, policy.revocation.whenStale, policy.publicMetadata);
  }

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const { sliding } = this.rules.of(context);
    const exchange = sliding && this.exchangeOf(context, sliding);
    return exchange ? this.renewing(next.handle(), exchange, sliding) : next.handle();
  }

  /** Null where no token may be due, and where no headers could carry it: on sockets and in messages. */
  private exchangeOf(context: ExecutionContext, rule: SlidingRule): Exchange | null {
    const kind = context.getType<string>();
    if (kind !== 'http' && kind !== 'graphql') return null;
    const request = requestIn(context);
    const user = request ? userOf(request) : undefined;
    if (!request || !user || !this.renewals.mayBeDue(user, rule.renewAfter) || seenTo.has(request)) return null;
    // Let in by a guard of another issuer, beside which this module slides everywhere: its token is not ours to replace.
    if (user.iss !== this.policy.issuer) return null;
    const response = responseOf(context) as OutgoingResponse | undefined;
    if (!response) return this.warnOfNoResponse(context);
    seenTo.add(request);
    return { user, request, response };
  }

  /** Apollo on Fastify gives resolvers the request alone, which does not lead to its reply; a subscription has none. */
  private warnOfNoResponse(context: ExecutionContext): null {
    const isHttp = graphqlContext(context).req?.headers !== undefined;
    if (isHttp && !this.warned) this.logger.warn(NO_RESPONSE);
    this.warned ||= isHttp;
    return null;
  }

  private renewing(answers: Observable<unknown>, exchange: Exchange, rule: SlidingRule): Observable<unknown> {
    let answer: { readonly value: unknown } | undefined;
    const noted = tap((value: unknown) => {
      answer = { value };
    });
    // Not sooner: what has given a value may still fail, and a stream of events has sent its headers by then.
    const renewal = defer(() => {
      const renewed = answer && this.renew(answer.value, exchange, rule);
      return renewed ? from(renewed).pipe(ignoreElements()) : EMPTY;
    });
    return concat(answers.pipe(noted), renewal);
  }

  private renew(answer: unknown, exchange: Exchange, rule: SlidingRule): void | Promise<void> {
    const { user, request } = exchange;
    if (isStreamed(answer) || !this.mayCarryToken(exchange)) return undefined;
    const renewed = this.renewals.renewIfDue(user, {
      ...rule,
      info: requestInfoOf(request),
      token: extractBearer(request),
    });
    return renewed instanceof Promise
      ? renewed.then((late) => this.attach(exchange, late))
      : this.attach(exchange, renewed);
  }

  private attach(exchange: Exchange, renewed: RenewedToken | undefined): void {
    // Asked again: a handler that answers by itself may have done so while the store was asked.
    if (!renewed || !this.mayCarryToken(exchange)) return;
    this.responder.attach(exchange.response, renewed);
    // Express makes a 304 of an answer after this point, and a 304 would throw the new token away.
    const headers = exchange.request.headers as Record<string, unknown>;
    delete headers['if-none-match'];
    delete headers['if-modified-since'];
  }

  private mayCarryToken({ request, response }: Exchange): boolean {
    if (request.method === 'HEAD') return false;
    if (response.statusCode >= 400 || response.statusCode === 304) return false;
    if (response.headersSent || response.raw?.headersSent) return false;
    const caching = response.getHeader('Cache-Control');
    return caching === undefined || /\b(no-store|private)\b/i.test(String(caching));
  }
}
