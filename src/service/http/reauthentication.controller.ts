import { Body, Inject, Post, Req, Res, UseFilters, UsePipes } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import {
  AuthError,
  AuthEvents,
  AuthExceptionFilter,
  CurrentUser,
  NoSliding,
  requestInfoOf,
  SessionService,
  TokenResponder,
  type AuthUser,
  type IncomingRequest,
  type RequestInfo,
  type TokenAnswer,
} from '../../index.js';
import { TokenAnswerBody } from '../../openapi/index.js';
import { ApiCall, STORE } from './api-call.decorator.js';
import { ReauthenticationBody } from './bodies.js';
import { BodyPipe } from './body.pipe.js';
import { UsersService } from '../accounts/users.service.js';

/** The password once more, for what `@RequireRecentAuth()` guards. */
@ApiTags('account')
@UseFilters(AuthExceptionFilter)
@UsePipes(BodyPipe)
export class ReauthenticationController {
  constructor(
    @Inject(UsersService) private readonly users: UsersService,
    @Inject(SessionService) private readonly sessions: SessionService,
    @Inject(TokenResponder) private readonly responder: TokenResponder,
    @Inject(AuthEvents) private readonly events: AuthEvents,
  ) {}

  @NoSliding()
  @Post('reauthenticate')
  @ApiCall({
    id: 'reauthenticate',
    summary: 'Give the password again: an access token with a fresh `auth_time`, for what asks for a recent login',
    answer: TokenAnswerBody,
    errors: ['invalid_credentials', ...STORE],
    bearer: true,
  })
  async reauthenticate(
    @Body() { password }: ReauthenticationBody,
    @CurrentUser() user: AuthUser,
    @Req() request: IncomingRequest,
    @Res({ passthrough: true }) response: object,
  ): Promise<TokenAnswer> {
    const info = requestInfoOf(request);
    await this.verify(user, password, info);
    // Asks for the generation after the password was verified: a change in between makes this token an old one.
    return this.responder.respond(response, await this.sessions.reissue(user, { amr: ['pwd'], ...info }));
  }

  private async verify({ sub, sid }: AuthUser, password: string, info: RequestInfo) {
    try {
      await this.users.verifyPassword(sub, password);
    } catch (error) {
      if (error instanceof AuthError) {
        this.events.emit({ type: 'password.refused', sub, sid, code: error.code }, info);
      }
      throw error;
    }
  }
}
