import { Body, Inject, Post, Req, Res, UseFilters, UsePipes } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { ApiOkResponse, ApiTags } from '../../openapi/swagger-metadata.js';
import {
  AuthExceptionFilter,
  CurrentUser,
  NoSliding,
  requestInfoOf,
  Public,
  TokenResponder,
  type AuthUser,
  type IncomingRequest,
  type TokenAnswer,
} from '../../index.js';
import { ApiCall, STORE } from './api-call.decorator.js';
import { PasswordChangedAnswer } from './answers.js';
import { PasswordBody, PasswordResetBody } from './bodies.js';
import { BodyPipe } from './body.pipe.js';
import { PasswordChange } from '../accounts/password-change.js';

/** New passwords: by the old one, or by a ticket, which came by mail or from an administrator. */
@ApiTags('account')
@UseFilters(AuthExceptionFilter)
@UsePipes(BodyPipe)
export class PasswordController {
  constructor(
    @Inject(PasswordChange) private readonly passwords: PasswordChange,
    @Inject(TokenResponder) private readonly responder: TokenResponder,
    @Inject(HttpAdapterHost) private readonly host: HttpAdapterHost,
  ) {}

  @NoSliding()
  @Post('password')
  @ApiCall({
    id: 'changePassword',
    summary: 'Change the password: every session ends, and a new one is opened',
    answer: PasswordChangedAnswer,
    errors: ['invalid_credentials', 'session_limit_reached', 'too_many_attempts', ...STORE],
    bearer: true,
  })
  async change(
    @Body() body: PasswordBody,
    @CurrentUser() user: AuthUser,
    @Req() request: IncomingRequest,
    @Res({ passthrough: true }) response: object,
  ): Promise<TokenAnswer | PasswordChangedAnswer> {
    const info = requestInfoOf(request);
    const { grant, pending } = await this.passwords.change(user, body.current_password, body.new_password, info);
    if (!grant) return changedAnswer(pending);
    const answer = this.responder.respond(response, grant);
    return pending ? { ...answer, sessions_pending: true } : answer;
  }

  @Public()
  @Post('password-reset')
  @ApiCall({
    id: 'resetPassword',
    summary: 'Set the password by a ticket, from a mail or an administrator; every session ends',
    errors: ['invalid_request', 'ticket_invalid', 'too_many_attempts', ...STORE],
  })
  @ApiOkResponse({
    type: PasswordChangedAnswer,
    description: 'Done; sessions of before end as soon as the store answers.',
  })
  async reset(
    @Body() body: PasswordResetBody,
    @Req() request: IncomingRequest,
    @Res({ passthrough: true }) response: object,
  ): Promise<PasswordChangedAnswer | undefined> {
    const { pending } = await this.passwords.reset(body.ticket, body.new_password, requestInfoOf(request));
    if (!pending) return undefined;
    this.host.httpAdapter.status(response, 200);
    return changedAnswer(pending);
  }
}

const changedAnswer = (pending: boolean): PasswordChangedAnswer => ({
  password_changed: true,
  login_required: true,
  sessions_pending: pending,
});
