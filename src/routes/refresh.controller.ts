import { Body, HttpCode, Inject, Optional, Post, Req, Res } from '@nestjs/common';
import { AuthError } from '../auth.errors.js';
import { AuthObserver, observeRefresh } from '../events/observer.js';
import { Public } from '../decorators/access.decorators.js';
import { LegacyTokens } from '../legacy/legacy-tokens.js';
import type { IncomingRequest } from '../transport/request-context.js';
import { requestInfoOf } from '../transport/request-info.js';
import { RouteAnswers } from '../transport/route-answers.js';
import { TokenCookies } from '../transport/token-cookies.js';
import { TokenResponder } from '../transport/token-responder.js';
import { refreshTokenBody } from './refresh-token-body.js';

/** Rotates refresh tokens. In the strategies that have them. */
export class RefreshController {
  constructor(
    @Inject(LegacyTokens) private readonly tokens: LegacyTokens,
    @Inject(TokenResponder) private readonly responder: TokenResponder,
    @Inject(TokenCookies) private readonly cookies: TokenCookies,
    @Inject(RouteAnswers) private readonly answers: RouteAnswers,
    @Optional() @Inject(AuthObserver) private readonly observer?: AuthObserver,
  ) {}

  @Public()
  @Post('refresh')
  @HttpCode(200)
  refresh(@Body() body: unknown, @Req() request: IncomingRequest, @Res() response: object): Promise<void> {
    return this.answers.send(response, () =>
      observeRefresh(this.observer, async () => {
        const given = refreshTokenBody(body).refresh_token;
        const token = given ?? this.cookies.refreshToken(request);
        if (token === undefined) throw new AuthError('token_missing', 'Send the refresh token as "refresh_token".');
        // Not by @Headers(), which OpenAPI would show as a header that every call must have.
        const idempotencyKey = request.headers['idempotency-key'] as string | undefined;
        const grant = await this.tokens.refresh(token, { idempotencyKey, ...requestInfoOf(request) });
        if (!grant) throw notMoved();
        // A form of any page can bring a token of its own author: its answer would sign the visitor in as that one.
        if (given !== undefined && grant.transport === 'cookie') this.cookies.refuseForeignPage(request);
        return this.responder.respond(response, grant);
      }),
    );
  }
}

/** The client keeps its token: there is a route of the former login that takes it, or there will be room here. */
const notMoved = (): AuthError =>
  new AuthError('temporarily_unavailable', 'This user is not moved yet. Keep the tokens and use the former refresh.', {
    retryAfter: 60,
  });
