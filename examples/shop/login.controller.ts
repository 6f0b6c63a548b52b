import { Body, Controller, HttpCode, Post, Req, Res } from '@nestjs/common';
import { IsEmail, IsOptional, IsString, MaxLength } from 'class-validator';
import {
  AuthError,
  CurrentUser,
  LoginLimits,
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
    private readonly limits: LoginLimits,
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
    const info = requestInfoOf(request);
    // Before the password is checked, so that parallel guesses are counted too. An unknown e-mail counts like any other.
    const attempt = await this.limits.consume({ account: email.toLowerCase() }, info);
    const user = await this.users.withPassword(email, password);
    if (!user) throw new AuthError('invalid_credentials', 'The e-mail or the password is wrong.');
    // It was no guess: only wrong passwords count.
    await this.limits.reward(attempt);
    // The generation that was read with the hash: a login that races with a change of the password loses.
    const grant = await this.sessions.open({
      sub: user.id,
      generation: user.generation,
      clientId,
      ...info,
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
    const info = requestInfoOf(request);
    // The session is known, so nobody who guesses elsewhere keeps its owner from the checkout.
    const attempt = await this.limits.consume({ account: user.sub, device: user.sid }, info);
    if (!(await this.users.hasPassword(user.sub, password))) {
      throw new AuthError('invalid_credentials', 'The password is wrong.');
    }
    await this.limits.reward(attempt);
    return this.responder.respond(response, await this.sessions.reissue(user, info));
  }
}
