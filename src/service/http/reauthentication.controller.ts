import { Body, Inject, Post, Req, Res, UseFilters, UsePipes } from '@nestjs/common';
import { ApiTags } from '../../openapi/swagger-metadata.js';
import {
  AuthExceptionFilter,
  CurrentUser,
  NoSliding,
  requestInfoOf,
  SessionService,
  TokenResponder,
  type AuthUser,
  type IncomingRequest,
  type TokenAnswer,
} from '../../index.js';
import { TokenAnswerBody } from '../../openapi/index.js';
import { ApiCall, STORE } from './api-call.decorator.js';
import { ReauthenticationBody } from './bodies.js';
import { BodyPipe } from './body.pipe.js';
import { PasswordChecks } from '../accounts/password-checks.js';

/** The password once more, for what `@RequireRecentAuth()` guards. */
@ApiTags('account')
@UseFilters(AuthExceptionFilter)
@UsePipes(BodyPipe)
export class ReauthenticationController {
  constructor(
    @Inject(PasswordChecks) private readonly checks: PasswordChecks,
    @Inject(SessionService) private readonly sessions: SessionService,
    @Inject(TokenResponder) private readonly responder: TokenResponder,
  ) {}

  @NoSliding()
  @Post('reauthenticate')
  @ApiCall({
    id: 'reauthenticate',
    summary: 'Give the password again: an access token with a fresh auth_time, for what asks for a recent login',
    answer: TokenAnswerBody,
    errors: ['invalid_credentials', 'too_many_attempts', ...STORE],
    bearer: true,
  })
  async reauthenticate(
    @Body() { password }: ReauthenticationBody,
    @CurrentUser() user: AuthUser,
    @Req() request: IncomingRequest,
    @Res({ passthrough: true }) response: object,
  ): Promise<TokenAnswer> {
    const info = requestInfoOf(request);
    await this.checks.again(user, password, info);
    // Asks for the generation after the password was verified: a change in between makes this token an old one.
    return this.responder.respond(response, await this.sessions.reissue(user, { amr: ['pwd'], ...info }));
  }
}
