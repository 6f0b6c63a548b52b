import { HttpCode, Inject, Post, Req, Res, UseFilters, UseGuards } from '@nestjs/common';
import { CurrentUser, type AuthUser } from '../decorators/current-user.decorator.js';
import { NoSliding } from '../decorators/sliding-session.decorator.js';
import { JwtAuthGuard } from '../guards/jwt-auth.guard.js';
import { RenewalService } from '../sessions/renewal.service.js';
import { AuthExceptionFilter } from '../transport/auth-exception.filter.js';
import type { IncomingRequest } from '../transport/request-context.js';
import { requestInfoOf } from '../transport/request-info.js';
import { TokenResponder, type TokenAnswer } from '../transport/token-responder.js';

/** Renews access tokens for clients that ask by themselves. In the strategies that slide. */
@UseFilters(AuthExceptionFilter)
export class RenewController {
  constructor(
    @Inject(RenewalService) private readonly renewals: RenewalService,
    @Inject(TokenResponder) private readonly responder: TokenResponder,
  ) {}

  @NoSliding()
  @UseGuards(JwtAuthGuard)
  @Post('renew')
  @HttpCode(200)
  async renew(
    @CurrentUser() user: AuthUser,
    @Req() request: IncomingRequest,
    @Res({ passthrough: true }) response: object,
  ): Promise<TokenAnswer> {
    return this.responder.respond(response, await this.renewals.renew(user, requestInfoOf(request)));
  }
}
