import { Body, HttpCode, Inject, Post, Req, Res, UseFilters, UsePipes } from '@nestjs/common';
import { IsString, MaxLength } from 'class-validator';
import {
  AuthError,
  AuthEvents,
  AuthExceptionFilter,
  BodyPipe,
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
import { MAX_PASSWORD_UNITS } from './account.controller.js';
import { UsersService } from '../accounts/users.service.js';

export class ReauthenticationBody {
  @IsString()
  @MaxLength(MAX_PASSWORD_UNITS)
  password!: string;
}

/** The password once more, for what `@RequireRecentAuth()` guards. */
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
  @HttpCode(200)
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
