import { Body, Get, HttpStatus, Inject, Post, Req, Res, UseFilters, UsePipes } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { ApiAcceptedResponse, ApiTags } from '../../openapi/swagger-metadata.js';
import {
  AuthClock,
  AuthExceptionFilter,
  CurrentUser,
  requestInfoOf,
  Public,
  RenewalService,
  TokenResponder,
  type AuthUser,
  type IncomingRequest,
  type TokenAnswer,
} from '../../index.js';
import { EmptyAnswer, LoginAnswer, MeAnswer, UserAnswer } from './answers.js';
import { ApiCall, STORE } from './api-call.decorator.js';
import { LoginBody, RegisterBody } from './bodies.js';
import { BodyPipe } from './body.pipe.js';
import { DeviceCookie } from './device-cookie.js';
import { preferredLocale } from '../accounts/mail-requests.js';
import { Registrations } from '../accounts/registrations.js';
import { PasswordLogins } from '../logins/password-logins.js';

/** What needs users: register, log in, who am I. */
@ApiTags('account')
@UseFilters(AuthExceptionFilter)
@UsePipes(BodyPipe)
export class AccountController {
  constructor(
    @Inject(Registrations) private readonly registrations: Registrations,
    @Inject(PasswordLogins) private readonly logins: PasswordLogins,
    @Inject(DeviceCookie) private readonly deviceCookie: DeviceCookie,
    @Inject(RenewalService) private readonly renewals: RenewalService,
    @Inject(TokenResponder) private readonly responder: TokenResponder,
    @Inject(AuthClock) private readonly clock: AuthClock,
    @Inject(HttpAdapterHost) private readonly host: HttpAdapterHost,
  ) {}

  @Public()
  @Post('register')
  @ApiCall({
    id: 'register',
    summary: 'Make an account, where registration is open',
    status: 201,
    answer: UserAnswer,
    errors: ['invalid_request', 'forbidden', 'email_taken', 'too_many_attempts', ...STORE],
  })
  @ApiAcceptedResponse({
    type: EmptyAnswer,
    description: 'Where registrations are silent: the rest follows by mail, whether or not the address has an account.',
  })
  async register(
    @Body() { email, password }: RegisterBody,
    @Req() request: IncomingRequest,
    @Res({ passthrough: true }) response: object,
  ): Promise<UserAnswer | EmptyAnswer> {
    const applicant = { email, password, locale: preferredLocale(request.headers['accept-language']) };
    const user = await this.registrations.register(applicant, requestInfoOf(request));
    if (user) return { user: { id: user.id, email: user.email, roles: user.roles } };
    this.host.httpAdapter.status(response, HttpStatus.ACCEPTED);
    return {};
  }

  @Public()
  @Post('login')
  @ApiCall({
    id: 'login',
    summary: 'Open a session',
    answer: LoginAnswer,
    errors: [
      'invalid_request',
      'invalid_credentials',
      'forbidden',
      'email_unverified',
      'session_limit_reached',
      'too_many_attempts',
      ...STORE,
    ],
  })
  async login(
    @Body() body: LoginBody,
    @Req() request: IncomingRequest,
    @Res({ passthrough: true }) response: object,
  ): Promise<TokenAnswer & { readonly device_token?: string }> {
    const { email, password, client_id: clientId, persistent, device_token: device } = body;
    const devices = [...(device === undefined ? [] : [device]), ...this.deviceCookie.read(request)];
    const replaces = this.responder.sessionReplacedBy(request, clientId);
    const locale = preferredLocale(request.headers['accept-language']);
    const login = { email, password, clientId, persistent, devices, replaces, locale };
    const { grant, deviceToken } = await this.logins.open(login, requestInfoOf(request, body.device_name));
    const answer = this.responder.respond(response, grant);
    if (grant.transport === 'body') return { ...answer, device_token: deviceToken };
    this.deviceCookie.give(response, deviceToken, grant);
    return answer;
  }

  @Get('me')
  @ApiCall({ id: 'me', summary: 'Who is calling', answer: MeAnswer, bearer: true })
  me(@CurrentUser() user: AuthUser<{ email: string; roles: string[] }>): MeAnswer {
    return {
      sub: user.sub,
      sid: user.sid,
      email: user.email,
      roles: user.roles,
      auth_time: user.auth_time,
      issued_at: user.iat,
      expires_at: user.exp,
      renew_after: this.renewals.dueIn(user),
      renew_until: user.renew_until,
      session_expires_in: user.session_exp && Math.max(0, user.session_exp - Math.floor(this.clock.now() / 1000)),
    };
  }
}
