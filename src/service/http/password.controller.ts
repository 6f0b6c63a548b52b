import { Body, HttpCode, Inject, Post, Req, Res, UseFilters, UsePipes } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { IsString, MaxLength } from 'class-validator';
import {
  AuthExceptionFilter,
  BodyPipe,
  CurrentUser,
  NoSliding,
  requestInfoOf,
  Public,
  TokenResponder,
  type AuthUser,
  type IncomingRequest,
  type TokenAnswer,
} from '../../index.js';
import { MAX_PASSWORD_UNITS } from './account.controller.js';
import { PasswordChange } from '../accounts/password-change.js';

export class PasswordBody {
  @IsString()
  @MaxLength(MAX_PASSWORD_UNITS)
  current_password!: string;

  @IsString()
  @MaxLength(MAX_PASSWORD_UNITS)
  new_password!: string;
}

export class PasswordResetBody {
  @IsString()
  @MaxLength(64)
  ticket!: string;

  @IsString()
  @MaxLength(MAX_PASSWORD_UNITS)
  new_password!: string;
}

/** Where the new password is set and the session store could not do its part: log in with it, now or in a moment. */
export interface PasswordChangedAnswer {
  readonly password_changed: true;
  readonly login_required: true;
  /** Whether sessions of before are still to be ended, which happens as soon as the store answers. */
  readonly sessions_pending: boolean;
}

/** New passwords: by the old one, or by an administrator's ticket. */
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
  @HttpCode(200)
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
  @HttpCode(204)
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
