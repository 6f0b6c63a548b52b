import { Inject, Injectable } from '@nestjs/common';
import { AuthClock, AuthError, AuthEvents, LoginLimits, type CountedAttempt, type RequestInfo } from '../../index.js';
import { sourceOf } from '../../internal.js';
import { ACCOUNT_CONFIG, type AccountConfig } from '../config/load-config.js';
import { MailRequests } from './mail-requests.js';
import { PasswordRules } from './password-rules.js';
import type { User } from './user.js';
import { UsersService } from './users.service.js';

/** Who asks for an account. */
export interface Applicant {
  readonly email: string;
  readonly password: string;
  /** Of the mail. */
  readonly locale: string | null;
}

/** Accounts that people make for themselves. */
@Injectable()
export class Registrations {
  constructor(
    @Inject(ACCOUNT_CONFIG) private readonly config: AccountConfig,
    @Inject(UsersService) private readonly users: UsersService,
    @Inject(PasswordRules) private readonly rules: PasswordRules,
    @Inject(LoginLimits) private readonly limits: LoginLimits,
    @Inject(MailRequests) private readonly mails: MailRequests,
    @Inject(AuthEvents) private readonly events: AuthEvents,
    @Inject(AuthClock) private readonly clock: AuthClock,
  ) {}

  /**
   * @returns null where registrations are silent: the rest follows by mail, whether or not the address has an account
   * @throws AuthError `forbidden` where registration is closed, `email_taken`, `too_many_attempts`
   */
  async register(applicant: Applicant, info: RequestInfo): Promise<User | null> {
    if (this.config.registration === 'closed') {
      throw new AuthError('forbidden', 'Registration is closed. Ask an administrator for an account.');
    }
    await this.rules.assert(applicant.password, applicant.email);
    const attempt = await this.limits.consume({ kind: 'register' }, info);
    const source = sourceOf(info.device?.ip);
    const made = this.config.registrationSilent ? this.makePending(applicant, source) : this.make(applicant, source);
    const user = await made.catch((error: unknown) => this.unlessOurFault(error, attempt));
    this.mails.wake();
    if (user) this.events.emit({ type: 'user.registered', sub: user.id }, info);
    return user;
  }

  private make({ email, password, locale }: Applicant, source: string | undefined): Promise<User> {
    return this.users.register(email, password, [], {
      source,
      alsoWrite: async (tx, sub) => {
        if (this.mails.reachUsers) await this.mails.write(tx, { kind: 'verify-email', sub, locale });
      },
    });
  }

  private async makePending({ email, password, locale }: Applicant, source: string | undefined): Promise<null> {
    await this.users.registerPending(email, password, this.clock.now(), {
      source,
      alsoWrite: (tx) => this.mails.write(tx, { kind: 'registration', email, locale }),
    });
    return null;
  }

  /** An account that could not be made for a fault of ours is no attempt. */
  private async unlessOurFault(error: unknown, attempt: CountedAttempt): Promise<never> {
    if (!(error instanceof AuthError) || error.code !== 'email_taken') await this.limits.reward(attempt);
    throw error;
  }
}
