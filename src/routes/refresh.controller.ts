import { Body, HttpCode, Inject, Optional, Post, Req, Res } from '@nestjs/common';
import { AuthError } from '../auth.errors.js';
import { AuthObserver, observeRefresh } from '../events/observer.js';
import { Public } from '../decorators/access.decorators.js';
import { RefreshRotationService } from '../sessions/refresh-rotation.service.js';
import type { IncomingRequest } from '../transport/request-context.js';
import { requestInfoOf } from '../transport/request-info.js';
import { RouteAnswers } from '../transport/route-answers.js';
import { TokenCookies } from '../transport/token-cookies.js';
import { TokenResponder, type TokenAnswer } from '../transport/token-responder.js';
import { refreshTokenBody } from './refresh-token-body.js';

/** Rotates refresh tokens. In the strategies that have them. */
export class RefreshController {
  constructor(
    @Inject(RefreshRotationService) private readonly rotation: RefreshRotationService,
    @Inject(TokenResponder) private readonly responder: TokenResponder,
    @Inject(TokenCookies) private readonly cookies: TokenCookies,
    @Inject(RouteAnswers) private readonly answers: RouteAnswers,
    @Optional() @Inject(AuthObserver) private readonly observer?: AuthObserver,
  ) {}

  @Public()
  @Post('refresh')
  @HttpCode(200)
  refresh(
    @Body() body: unknown,
    @Req() request: IncomingRequest,
    @Res() response: object,
  ): Promise<TokenAnswer | undefined> {
    return this.answers.send(response, () =>
      observeRefresh(this.observer, async () => {
        const token = refreshTokenBody(body).refresh_token ?? this.cookies.refreshToken(request);
        if (token === undefined) throw new AuthError('token_missing', 'Send the refresh token as "refresh_token".');
        // Not by @Headers(), which OpenAPI would show as a header that every call must have.
        const idempotencyKey = request.headers['idempotency-key'] as string | undefined;
        const grant = await this.rotation.refresh(token, { idempotencyKey, ...requestInfoOf(request) });
        return this.responder.respond(response, grant);
      }),
    );
  }
}
