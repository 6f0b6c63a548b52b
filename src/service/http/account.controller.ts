import { Body, Get, HttpCode, Inject, Post, Req, Res, UseFilters, UsePipes } from '@nestjs/common';
import { IsBoolean, IsEmail, IsOptional, IsString, MaxLength } from 'class-validator';
import {
  auditHash,
  AuthClock,
  AuthError,
  AuthEvents,
  AuthExceptionFilter,
  BodyPipe,
  CurrentUser,
  requestInfoOf,
  Public,
  RenewalService,
  SessionService,
  TokenResponder,
  type AuthUser,
  type IncomingRequest,
  type RequestInfo,
  type TokenAnswer,
} from '../../index.js';
import { ServiceMetrics } from '../metrics/service-metrics.js';
import { ACCOUNT_CONFIG, type AccountConfig } from '../config/load-config.js';
import { emailKey } from '../accounts/email-key.js';
import { checkPassword } from '../accounts/password-policy.js';
import { UsersService } from '../accounts/users.service.js';

/** A password no policy would take is not even looked at: hashing megabytes is a way to stop a service. */
export const MAX_PASSWORD_UNITS = 1024;

export class RegisterBody {
  @IsEmail()
  @MaxLength(254)
  email!: string;

  @IsString()
  @MaxLength(MAX_PASSWORD_UNITS)
  password!: string;
}

export class LoginBody {
  @IsString()
  @MaxLength(254)
  email!: string;

  @IsString()
  @MaxLength(MAX_PASSWORD_UNITS)
  password!: string;

  @IsOptional()
  @IsString()
  @MaxLength(64)
  client_id?: string;

  @IsOptional()
  @IsString()
  @MaxLength(64)
  device_name?: string;

  @IsOptional()
  @IsBoolean()
  persistent?: boolean;
}

/** What the service says of the caller; times are whole seconds since the epoch, `renew_after` seconds from now. */
export interface MeAnswer {
  readonly sub: string;
  readonly sid: string;
  readonly email: string;
  readonly roles: readonly string[];
  readonly auth_time: number;
  readonly issued_at: number;
  readonly expires_at: number;
  readonly renew_after?: number;
  readonly renew_until?: number;
  /** Seconds from now to the session's absolute end. */
  readonly session_expires_in?: number;
}

/** What needs users: register, log in, who am I. */
@UseFilters(AuthExceptionFilter)
@UsePipes(BodyPipe)
export class AccountController {
  constructor(
    @Inject(ACCOUNT_CONFIG) private readonly config: AccountConfig,
    @Inject(UsersService) private readonly users: UsersService,
    @Inject(SessionService) private readonly sessions: SessionService,
    @Inject(RenewalService) private readonly renewals: RenewalService,
    @Inject(TokenResponder) private readonly responder: TokenResponder,
    @Inject(AuthEvents) private readonly events: AuthEvents,
    @Inject(AuthClock) private readonly clock: AuthClock,
    @Inject(ServiceMetrics) private readonly metrics: ServiceMetrics,
  ) {}

  @Public()
  @Post('register')
  @HttpCode(201)
  async register(@Body() { email, password }: RegisterBody, @Req() request: IncomingRequest) {
    if (this.config.registration === 'closed') {
      throw new AuthError('forbidden', 'Registration is closed. Ask an administrator for an account.');
    }
    const details = checkPassword(password, { minLength: this.config.passwordMinLength });
    if (details.length > 0) throw new AuthError('invalid_request', details.join(' '), { details });
    const user = await this.users.register(email, password);
    this.events.emit({ type: 'user.registered', sub: user.id }, requestInfoOf(request));
    return { user: { id: user.id, email: user.email, roles: user.roles } };
  }

  @Public()
  @Post('login')
  @HttpCode(200)
  async login(
    @Body() body: LoginBody,
    @Req() request: IncomingRequest,
    @Res({ passthrough: true }) response: object,
  ): Promise<TokenAnswer> {
    this.responder.refuseForeignLogin(request, body.client_id);
    const info = requestInfoOf(request, body.device_name);
    try {
      const grant = await this.openSession(body, info);
      this.metrics.loginOpened();
      return this.responder.respond(response, grant);
    } catch (error) {
      this.metrics.loginFailed(error);
      if (error instanceof AuthError) {
        const accountHash = auditHash(emailKey(body.email));
        this.events.emit({ type: 'login.failed', accountHash, code: error.code }, info);
      }
      throw error;
    }
  }

  @Get('me')
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

  private async openSession({ email, password, client_id: clientId, persistent }: LoginBody, info: RequestInfo) {
    const { user, generation } = await this.users.authenticate(email, password);
    // No claims: those of the row are as old as the hashing took, and roles may have been lowered meanwhile.
    return this.sessions.open({ sub: user.id, generation, clientId, persistent, ...info });
  }
}
