import {
  Inject,
  Injectable,
  StreamableFile,
  type CallHandler,
  type ExecutionContext,
  type NestInterceptor,
} from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { map, type Observable } from 'rxjs';
import { RenewalService } from '../sessions/renewal.service.js';
import type { AccessTokenClaims } from '../tokens/claims-rules.js';
import { userOf } from '../transport/current-user.js';
import { messageSource, type IncomingRequest } from '../transport/request-context.js';
import { RENEWED_TOKEN_HEADER, TokenResponder } from '../transport/token-responder.js';

/** The part of an outgoing answer that is read here; Express and Fastify agree on it. */
interface OutgoingResponse {
  readonly statusCode: number;
  getHeader(name: string): string | number | readonly string[] | undefined;
}

/**
 * Adds a renewed access token to the successful answer of a route, when one is due; see `@SlidingSession()`. Decides
 * when the answer is there, so an error renews nothing.
 */
@Injectable()
export class SlidingSessionInterceptor implements NestInterceptor {
  constructor(
    @Inject(RenewalService) private readonly renewals: RenewalService,
    @Inject(TokenResponder) private readonly responder: TokenResponder,
    @Inject(HttpAdapterHost) private readonly host: HttpAdapterHost,
  ) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    // Only an HTTP answer has headers to carry a token in.
    if (context.getType<string>() !== 'http') return next.handle();
    const { carrier, request } = messageSource(context);
    const user = userOf(carrier);
    if (!user || !request) return next.handle();
    return next.handle().pipe(
      map((answer: unknown) => {
        this.renew(user, request, context.switchToHttp().getResponse<OutgoingResponse>(), answer);
        return answer;
      }),
    );
  }

  private renew(user: AccessTokenClaims, request: IncomingRequest, response: OutgoingResponse, answer: unknown): void {
    if (!this.mayCarryToken(request, response, answer)) return;
    const grant = this.renewals.renewIfDue(user);
    if (!grant) return;
    this.responder.attach(response, grant);
    // Express makes a 304 of an answer after this point, and a 304 would throw the new token away.
    const headers = request.headers as Record<string, unknown>;
    delete headers['if-none-match'];
    delete headers['if-modified-since'];
  }

  private mayCarryToken(request: IncomingRequest, response: OutgoingResponse, answer: unknown): boolean {
    if (request.method === 'HEAD' || answer instanceof StreamableFile) return false;
    if (response.statusCode >= 400 || response.statusCode === 304) return false;
    if (this.host.httpAdapter.isHeadersSent(response)) return false;
    // A class and its method may both be marked.
    if (response.getHeader(RENEWED_TOKEN_HEADER) !== undefined) return false;
    const caching = response.getHeader('Cache-Control');
    return caching === undefined || /\b(no-store|private)\b/i.test(String(caching));
  }
}
