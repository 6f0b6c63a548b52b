import { Body, Headers, HttpCode, Inject, Optional, Post, Req, Res, UseFilters } from '@nestjs/common';
import { AuthError } from '../auth.errors.js';
import { AuthObserver, observeRefresh } from '../events/observer.js';
import { Public } from '../decorators/access.decorators.js';
import { RefreshRotationService } from '../sessions/refresh-rotation.service.js';
import { AuthExceptionFilter } from '../transport/auth-exception.filter.js';
import type { IncomingRequest } from '../transport/request-context.js';
import { requestInfoOf } from '../transport/request-info.js';
import { TokenCookies } from '../transport/token-cookies.js';
import { TokenResponder, type TokenAnswer } from '../transport/token-responder.js';
import { RefreshTokenPipe, type RefreshTokenBody } from './refresh-token.pipe.js';

/** Rotates refresh tokens. In the strategies that have them. */
@UseFilters(AuthExceptionFilter)
export class RefreshController {
  constructor(
    @Inject(RefreshRotationService) private readonly rotation: RefreshRotationService,
    @Inject(TokenResponder) private readonly responder: TokenResponder,
    @Inject(TokenCookies) private readonly cookies: TokenCookies,
    @Optional() @Inject(AuthObserver) private readonly observer?: AuthObserver,
  ) {}

  @Public()
  @Post('refresh')
  @HttpCode(200)
  async refresh(
    @Body(RefreshTokenPipe) body: RefreshTokenBody,
    @Req() request: IncomingRequest,
    @Res({ passthrough: true }) response: object,
    @Headers('Idempotency-Key') idempotencyKey?: string,
  ): Promise<TokenAnswer> {
    return observeRefresh(this.observer, async () => {
      const token = body.refresh_token ?? this.cookies.refreshToken(request);
      if (token === undefined) throw new AuthError('token_missing', 'Send the refresh token as "refresh_token".');
      const grant = await this.rotation.refresh(token, { idempotencyKey, ...requestInfoOf(request) });
      return this.responder.respond(response, grant);
    });
  }
}
