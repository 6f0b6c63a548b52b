import { Body, HttpCode, Inject, Post, Req, Res, UseFilters, UsePipes } from '@nestjs/common';
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

/** New passwords: by the old one, or by an administrator's ticket. */
@UseFilters(AuthExceptionFilter)
@UsePipes(BodyPipe)
export class PasswordController {
  constructor(
    @Inject(PasswordChange) private readonly passwords: PasswordChange,
    @Inject(TokenResponder) private readonly responder: TokenResponder,
  ) {}

  @NoSliding()
  @Post('password')
  @HttpCode(200)
  async change(
    @Body() body: PasswordBody,
    @CurrentUser() user: AuthUser,
    @Req() request: IncomingRequest,
    @Res({ passthrough: true }) response: object,
  ): Promise<TokenAnswer> {
    const grant = await this.passwords.change(user, body.current_password, body.new_password, requestInfoOf(request));
    return this.responder.respond(response, grant);
  }

  @Public()
  @Post('password-reset')
  @HttpCode(204)
  async reset(@Body() body: PasswordResetBody, @Req() request: IncomingRequest): Promise<void> {
    await this.passwords.reset(body.ticket, body.new_password, requestInfoOf(request));
  }
}
