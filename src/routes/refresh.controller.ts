import { Body, Headers, HttpCode, Inject, Post, Req, Res, UseFilters, UseGuards } from '@nestjs/common';
import { AuthError } from '../auth.errors.js';
import { Public } from '../decorators/access.decorators.js';
import { CurrentUser, type AuthUser } from '../decorators/current-user.decorator.js';
import { NoSliding } from '../decorators/sliding-session.decorator.js';
import { JwtAuthGuard } from '../guards/jwt-auth.guard.js';
import { RefreshRotationService } from '../sessions/refresh-rotation.service.js';
import { RenewalService } from '../sessions/renewal.service.js';
import { AuthExceptionFilter } from '../transport/auth-exception.filter.js';
import type { IncomingRequest } from '../transport/request-context.js';
import { originOf } from '../transport/request-origin.js';
import { TokenResponder, type TokenAnswer } from '../transport/token-responder.js';
import { RefreshTokenPipe, type RefreshTokenBody } from './refresh-token.pipe.js';

/** Turns tokens: `POST refresh` by the refresh token, `POST renew` by the access token. */
@UseFilters(AuthExceptionFilter)
export class RefreshController {
  constructor(
    @Inject(RefreshRotationService) private readonly rotation: RefreshRotationService,
    @Inject(RenewalService) private readonly renewals: RenewalService,
    @Inject(TokenResponder) private readonly responder: TokenResponder,
  ) {}

  @Public()
  @Post('refresh')
  @HttpCode(200)
  async refresh(
    @Body(RefreshTokenPipe) { refresh_token: token }: RefreshTokenBody,
    @Req() request: IncomingRequest,
    @Res({ passthrough: true }) response: object,
    @Headers('idempotency-key') idempotencyKey?: string,
  ): Promise<TokenAnswer> {
    if (token === undefined) throw new AuthError('token_missing', 'Send the refresh token as "refresh_token".');
    const grant = await this.rotation.refresh(token, { idempotencyKey, ...originOf(request) });
    return this.responder.respond(response, grant);
  }

  @NoSliding()
  @UseGuards(JwtAuthGuard)
  @Post('renew')
  @HttpCode(200)
  async renew(
    @CurrentUser() user: AuthUser,
    @Req() request: IncomingRequest,
    @Res({ passthrough: true }) response: object,
  ): Promise<TokenAnswer> {
    return this.responder.respond(response, await this.renewals.renew(user, originOf(request)));
  }
}
