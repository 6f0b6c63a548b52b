import { HttpCode, Inject, Post, Req, Res, UseGuards } from '@nestjs/common';
import { CurrentUser, type AuthUser } from '../decorators/current-user.decorator.js';
import { NoSliding } from '../decorators/sliding-session.decorator.js';
import { JwtAuthGuard } from '../guards/jwt-auth.guard.js';
import { RenewalService } from '../sessions/renewal.service.js';
import type { IncomingRequest } from '../transport/request-context.js';
import { requestInfoOf } from '../transport/request-info.js';
import { RouteAnswers } from '../transport/route-answers.js';
import { TokenResponder } from '../transport/token-responder.js';

/** Renews access tokens for clients that ask by themselves. In the strategies that slide. */
export class RenewController {
  constructor(
    @Inject(RenewalService) private readonly renewals: RenewalService,
    @Inject(TokenResponder) private readonly responder: TokenResponder,
    @Inject(RouteAnswers) private readonly answers: RouteAnswers,
  ) {}

  @NoSliding()
  @UseGuards(JwtAuthGuard)
  @Post('renew')
  @HttpCode(200)
  renew(@CurrentUser() user: AuthUser, @Req() request: IncomingRequest, @Res() response: object): Promise<void> {
    return this.answers.send(response, async () =>
      this.responder.respond(response, await this.renewals.renew(user, requestInfoOf(request))),
    );
  }
}
