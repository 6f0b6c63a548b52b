import { Body, Get, HttpStatus, Inject, Post, Req, Res, UseFilters, UsePipes } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { ApiAcceptedResponse, ApiTags } from '../../openapi/swagger-metadata.js';
import {
  auditHash,
  AuthClock,
  AuthError,
  AuthEvents,
  AuthExceptionFilter,
  CurrentUser,
  LoginLimits,
  requestInfoOf,
  Public,
  RenewalService,
  SessionService,
  TokenResponder,
  type AuthUser,
  type CountedAttempt,
  type IncomingRequest,
  type RequestInfo,
  type SessionRequest,
  type TokenAnswer,
} from '../../index.js';
import { sourceOf, traced } from '../../internal.js';
import { EmptyAnswer, LoginAnswer, MeAnswer, UserAnswer } from './answers.js';
import { ApiCall, STORE } from './api-call.decorator.js';
import { LoginBody, RegisterBody } from './bodies.js';
import { BodyPipe } from './body.pipe.js';
import { DeviceCookie } from './device-cookie.js';
import { ServiceMetrics } from '../metrics/service-metrics.js';
import { ACCOUNT_CONFIG, type AccountConfig } from '../config/load-config.js';
import { emailKey } from '../accounts/user.js';
import { PasswordChecks } from '../accounts/password-checks.js';
import { PasswordRules } from '../accounts/password-rules.js';
import { MailRequests, preferredLocale } from '../accounts/mail-requests.js';
import { LoginSessions } from '../accounts/login-sessions.js';
import { UsersService } from '../accounts/users.service.js';

/** What needs users: register, log in, who am I. */
@ApiTags('account')
@UseFilters(AuthExceptionFilter)
@UsePipes(BodyPipe)
export class AccountController {
  constructor(
    @Inject(ACCOUNT_CONFIG) private readonly config: AccountConfig,
    @Inject(UsersService) private readonly users: UsersService,
    @Inject(PasswordRules) private readonly rules: PasswordRules,
    @Inject(DeviceCookie) private readonly deviceCookie: DeviceCookie,
    @Inject(PasswordChecks) private readonly checks: PasswordChecks,
    @Inject(LoginLimits) private readonly limits: LoginLimits,
    @Inject(SessionService) private readonly sessions: SessionService,
    @Inject(LoginSessions) private readonly logins: LoginSessions,
    @Inject(RenewalService) private readonly renewals: RenewalService,
    @Inject(TokenResponder) private readonly responder: TokenResponder,
    @Inject(AuthEvents) private readonly events: AuthEvents,
    @Inject(AuthClock) private readonly clock: AuthClock,
    @Inject(ServiceMetrics) private readonly metrics: ServiceMetrics,
    @Inject(MailRequests) private readonly mails: MailRequests,
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
    if (this.config.registration === 'closed') {
      throw new AuthError('forbidden', 'Registration is closed. Ask an administrator for an account.');
    }
    await this.rules.assert(password, email);
    const info = requestInfoOf(request);
    const attempt = await this.limits.consume({ kind: 'register' }, info);
    const locale = preferredLocale(request.headers['accept-language']);
    const source = sourceOf(info.device?.ip);
    if (this.config.registrationSilent) {
      await this.users
        .registerPending(email, password, this.clock.now(), {
          source,
          alsoWrite: (tx) => this.mails.write(tx, { kind: 'registration', email, locale }),
        })
        .catch((error: unknown) => this.unlessOurFault(error, attempt));
      this.mails.wake();
      this.host.httpAdapter.status(response, HttpStatus.ACCEPTED);
      return {};
    }
    const user = await this.users
      .register(email, password, [], {
        source,
        alsoWrite: async (tx, sub) => {
          if (this.mails.reachUsers) await this.mails.write(tx, { kind: 'verify-email', sub, locale });
        },
      })
      .catch((error: unknown) => this.unlessOurFault(error, attempt));
    this.mails.wake();
    this.events.emit({ type: 'user.registered', sub: user.id }, info);
    return { user: { id: user.id, email: user.email, roles: user.roles } };
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
    const replaces = this.responder.sessionReplacedBy(request, body.client_id);
    const info = requestInfoOf(request, body.device_name);
    try {
      const devices = [
        ...(body.device_token === undefined ? [] : [body.device_token]),
        ...this.deviceCookie.read(request),
      ];
      const { grant, deviceToken } = await traced('keyturn.login', info, () =>
        this.openSession(body, devices, request, { ...info, replaces }),
      );
      this.metrics.loginOpened();
      const answer = this.responder.respond(response, grant);
      if (grant.transport === 'body') return { ...answer, device_token: deviceToken };
      this.deviceCookie.give(response, deviceToken, grant);
      return answer;
    } catch (error) {
      this.metrics.loginFailed(error);
      // A limit tells of itself, once: ten thousand refusals must not be as many lines.
      if (error instanceof AuthError && error.code !== 'too_many_attempts') {
        const accountHash = auditHash(emailKey(body.email));
        this.events.emit({ type: 'login.failed', accountHash, code: error.code }, info);
      }
      throw error;
    }
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

  /** An account that could not be made for a fault of ours is no attempt. */
  private async unlessOurFault(error: unknown, attempt: CountedAttempt): Promise<never> {
    if (!(error instanceof AuthError) || error.code !== 'email_taken') await this.limits.reward(attempt);
    throw error;
  }

  private async openSession(
    { email, password, client_id: clientId, persistent }: LoginBody,
    devices: readonly string[],
    { headers }: IncomingRequest,
    info: RequestInfo & Pick<SessionRequest, 'replaces'>,
  ) {
    // Before the password: an answer of its own afterwards would tell that the password was right.
    this.sessions.assertClient(clientId);
    const { deviceToken, ...authenticated } = await this.checks.login(email, password, devices, info);
    if (this.config.requireVerifiedEmail && !authenticated.emailVerified) {
      const locale = preferredLocale(headers['accept-language']);
      await this.mails.ask({ kind: 'verify-email', sub: authenticated.user.id, locale });
      throw new AuthError('email_unverified', 'Confirm your e-mail address first. Another mail with a link was sent.');
    }
    // No claims: those of the row are as old as the hashing took, and roles may have been lowered meanwhile.
    return { grant: await this.logins.open(authenticated, { clientId, persistent, ...info }), deviceToken };
  }
}
