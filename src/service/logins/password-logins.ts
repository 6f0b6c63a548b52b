import { Inject, Injectable } from '@nestjs/common';
import {
  auditHash,
  AuthError,
  AuthEvents,
  SessionService,
  type RequestInfo,
  type SessionRequest,
  type TokenGrant,
} from '../../index.js';
import { traced } from '../../internal.js';
import { LoginSessions } from '../accounts/login-sessions.js';
import { MailRequests } from '../accounts/mail-requests.js';
import { PasswordChecks } from '../accounts/password-checks.js';
import { emailKey } from '../accounts/user.js';
import { ACCOUNT_CONFIG, type AccountConfig } from '../config/load-config.js';
import { ServiceMetrics } from '../metrics/service-metrics.js';

/** What somebody logs in with. */
export interface PasswordLogin {
  readonly email: string;
  readonly password: string;
  readonly clientId: string | undefined;
  readonly persistent: boolean | undefined;
  /** What the device says of itself; anything. */
  readonly devices: readonly string[];
  /** The session that the new one takes the place of. */
  readonly replaces: SessionRequest['replaces'];
  /** Of a mail. */
  readonly locale: string | null;
}

/** A session, and a token by which the device is known from now on. */
export interface OpenedLogin {
  readonly grant: TokenGrant;
  readonly deviceToken: string;
}

/** Logins by address and password: each is counted, traced and, if it is refused, told. */
@Injectable()
export class PasswordLogins {
  constructor(
    @Inject(ACCOUNT_CONFIG) private readonly config: AccountConfig,
    @Inject(PasswordChecks) private readonly checks: PasswordChecks,
    @Inject(SessionService) private readonly sessions: SessionService,
    @Inject(LoginSessions) private readonly logins: LoginSessions,
    @Inject(MailRequests) private readonly mails: MailRequests,
    @Inject(ServiceMetrics) private readonly metrics: ServiceMetrics,
    @Inject(AuthEvents) private readonly events: AuthEvents,
  ) {}

  /** @throws AuthError `invalid_credentials`, `email_unverified`, `too_many_attempts`, and those of `SessionService.open` */
  async open(login: PasswordLogin, info: RequestInfo): Promise<OpenedLogin> {
    try {
      const opened = await traced('keyturn.login', info, () => this.openSession(login, info));
      this.metrics.loginOpened();
      return opened;
    } catch (error) {
      this.metrics.loginFailed(error);
      // A limit tells of itself, once: ten thousand refusals must not be as many lines.
      if (error instanceof AuthError && error.code !== 'too_many_attempts') {
        const accountHash = auditHash(emailKey(login.email));
        this.events.emit({ type: 'login.failed', accountHash, code: error.code }, info);
      }
      throw error;
    }
  }

  private async openSession(login: PasswordLogin, info: RequestInfo): Promise<OpenedLogin> {
    const { email, password, clientId, persistent, devices, replaces, locale } = login;
    // Before the password: an answer of its own afterwards would tell that the password was right.
    this.sessions.assertClient(clientId);
    const { deviceToken, ...authenticated } = await this.checks.login(email, password, devices, info);
    if (this.config.requireVerifiedEmail && !authenticated.emailVerified) {
      await this.mails.ask({ kind: 'verify-email', sub: authenticated.user.id, locale });
      throw new AuthError('email_unverified', 'Confirm your e-mail address first. Another mail with a link was sent.');
    }
    // No claims: those of the row are as old as the hashing took, and roles may have been lowered meanwhile.
    const grant = await this.logins.open(authenticated, { clientId, persistent, replaces, ...info });
    return { grant, deviceToken };
  }
}
