import { Inject, Injectable } from '@nestjs/common';
import {
  AUTH_POLICY,
  AuthClock,
  AuthError,
  AuthEvents,
  SessionService,
  TokenRepository,
  type AuthPolicy,
  type AuthUser,
  type RequestInfo,
  type TokenGrant,
} from '../../index.js';
import { Announcements } from './announcements.js';
import { ACCOUNT_CONFIG, type AccountConfig } from '../config/load-config.js';
import { AccountChanges } from './account-changes.js';
import type { OwedAnnouncement } from './owed-announcements.js';
import { checkPassword } from './password-policy.js';
import { PasswordHasher } from './passwords.js';
import { UsersService } from './users.service.js';

/** New passwords for old ones, and for tickets. Either way all that was opened with the old one ends. */
@Injectable()
export class PasswordChange {
  constructor(
    @Inject(ACCOUNT_CONFIG) private readonly config: AccountConfig,
    @Inject(AUTH_POLICY) private readonly policy: AuthPolicy,
    @Inject(UsersService) private readonly users: UsersService,
    @Inject(AccountChanges) private readonly changes: AccountChanges,
    @Inject(PasswordHasher) private readonly passwords: PasswordHasher,
    @Inject(Announcements) private readonly announcements: Announcements,
    @Inject(SessionService) private readonly sessions: SessionService,
    @Inject(TokenRepository) private readonly repository: TokenRepository,
    @Inject(AuthClock) private readonly clock: AuthClock,
    @Inject(AuthEvents) private readonly events: AuthEvents,
  ) {}

  /** @throws AuthError `invalid_request` with a sentence for each fault */
  check(password: string): void {
    const details = checkPassword(password, { minLength: this.config.passwordMinLength });
    if (details.length > 0) throw new AuthError('invalid_request', details.join(' '), { details });
  }

  /**
   * Changes the caller's password, ends all sessions and opens a new one.
   * @throws AuthError `invalid_request`, `invalid_credentials`, `store_unavailable`: with nothing written if the store
   * was away from the start, else with the password changed and its sessions ending as soon as the store is back
   */
  async change(user: AuthUser, current: string, next: string, info: RequestInfo): Promise<TokenGrant> {
    this.check(next);
    const deviceName = await this.deviceName(user);
    const verifiedHash = await this.verify(user, current, info);
    const passwordHash = await this.passwords.hash(next);
    const owed = await this.changes.changePassword(user.sub, verifiedHash, passwordHash, this.clock.now());
    if (!owed) throw new AuthError('invalid_credentials', 'The password was changed by another request just now.');
    this.events.emit({ type: 'password.changed', sub: owed.sub, proof: 'password' }, info);
    await this.announce(owed, info);
    const device = { ...info.device, name: deviceName };
    const { client_id: clientId, sub } = user;
    return this.sessions.open({ sub, generation: owed.value, clientId, ...info, device });
  }

  /**
   * Sets a password by a ticket, which is used up, and ends all sessions.
   * @throws AuthError `invalid_request`, `ticket_invalid`, `store_unavailable` as {@link change}
   */
  async reset(ticket: string, next: string, info: RequestInfo): Promise<void> {
    this.check(next);
    // Before anything is hashed for it: tickets cost a guesser nothing.
    if (!(await this.changes.knowsTicket(ticket, this.clock.now()))) throw ticketInvalid();
    await this.repository.time();
    const passwordHash = await this.passwords.hash(next);
    const owed = await this.changes.redeemTicket(ticket, passwordHash, this.clock.now());
    if (!owed) throw ticketInvalid();
    this.events.emit({ type: 'password.changed', sub: owed.sub, proof: 'ticket' }, info);
    await this.announce(owed, info);
  }

  private async verify({ sub, sid }: AuthUser, password: string, info: RequestInfo): Promise<string> {
    try {
      return await this.users.verifyPassword(sub, password);
    } catch (error) {
      if (error instanceof AuthError) {
        this.events.emit({ type: 'password.refused', sub, sid, code: error.code }, info);
      }
      throw error;
    }
  }

  /**
   * What the session's device is called. Fails if the session is over, or the store away: what cannot be carried
   * through must not be begun.
   */
  private async deviceName(user: AuthUser): Promise<string | undefined> {
    if (!this.policy.keepsSessions) {
      await this.repository.time();
      return undefined;
    }
    await this.sessions.assertLive(user);
    return (await this.repository.find(user.sub, user.sid)).record?.device.name;
  }

  private async announce(owed: OwedAnnouncement, info: RequestInfo): Promise<void> {
    try {
      await this.announcements.pay(owed, info);
    } catch (error) {
      if (!(error instanceof AuthError) || error.code !== 'store_unavailable') throw error;
      const message =
        'The password is changed, but the session store did not answer; other sessions end when it does. ' +
        'Log in with the new password.';
      throw new AuthError(error.code, message, { cause: error, fault: error.fault, retryAfter: error.retryAfter });
    }
  }
}

const ticketInvalid = (): AuthError =>
  new AuthError('ticket_invalid', 'The ticket is unknown, used or too old. Ask for another.');
