import { Body, Controller, HttpCode, Post, Req, Res } from '@nestjs/common';
import { IsEmail, IsOptional, IsString, MaxLength } from 'class-validator';
import {
  AuthError,
  CurrentUser,
  deviceOf,
  requestInfoOf,
  Public,
  SessionService,
  TokenResponder,
  type AuthUser,
  type IncomingRequest,
  type TokenAnswer,
} from 'keyturn';
import { UsersService } from './users.service.js';

export class LoginBody {
  @IsEmail()
  readonly email!: string;

  @IsString()
  @MaxLength(128)
  readonly password!: string;

  /** `app` (the default is like it) or `web`. */
  @IsOptional()
  @IsString()
  readonly client_id?: string;
}

export class PasswordBody {
  @IsString()
  @MaxLength(128)
  readonly password!: string;
}

@Controller()
export class LoginController {
  constructor(
    private readonly users: UsersService,
    private readonly sessions: SessionService,
    private readonly responder: TokenResponder,
  ) {}

  @Public()
  @Post('login')
  @HttpCode(200)
  async login(
    @Body() { email, password, client_id: clientId }: LoginBody,
    @Req() request: IncomingRequest,
    @Res({ passthrough: true }) response: object,
  ): Promise<TokenAnswer> {
    // Before anything is done for it: a foreign page must not log its visitors in here.
    this.responder.refuseForeignLogin(request, clientId);
    const user = await this.users.withPassword(email, password);
    if (!user) throw new AuthError('invalid_credentials', 'The e-mail or the password is wrong.');
    // The generation that was read with the hash: a login that races with a change of the password loses.
    const grant = await this.sessions.open({
      sub: user.id,
      generation: user.generation,
      clientId,
      device: deviceOf(request),
    });
    return this.responder.respond(response, grant);
  }

  /** The password once more, for the checkout: an access token whose login is now. */
  @Post('reauthenticate')
  @HttpCode(200)
  async reauthenticate(
    @Body() { password }: PasswordBody,
    @CurrentUser() user: AuthUser,
    @Req() request: IncomingRequest,
    @Res({ passthrough: true }) response: object,
  ): Promise<TokenAnswer> {
    if (!(await this.users.hasPassword(user.sub, password))) {
      throw new AuthError('invalid_credentials', 'The password is wrong.');
    }
    return this.responder.respond(response, await this.sessions.reissue(user, requestInfoOf(request)));
  }
}
