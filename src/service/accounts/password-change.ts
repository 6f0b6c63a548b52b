import { Inject, Injectable } from '@nestjs/common';
import {
  AuthClock,
  AuthError,
  AuthEvents,
  SessionService,
  GenerationStore,
  LoginLimits,
  TokenRepository,
  type AuthUser,
  type RequestInfo,
  type TokenGrant,
} from '../../index.js';
import { sourceOf } from '../../internal.js';
import { Announcements } from './announcements.js';
import { AccountChanges } from './account-changes.js';
import type { Announcement } from './announcement.js';
import { PasswordRules } from './password-rules.js';
import { PasswordChecks } from './password-checks.js';
import { PasswordHasher } from './passwords.js';

/** What became of a new password, once it is written: that stands, whatever the session store does afterwards. */
export interface PasswordChanged {
  /** A new session for the caller; absent where the store could not open one, so that the caller has to log in. */
  readonly grant?: TokenGrant;
  /** Whether sessions of before are still to be ended: the outbox does it as soon as the store answers. */
  readonly pending: boolean;
}

/** New passwords for old ones, and for tickets. Either way all that was opened with the old one ends. */
@Injectable()
export class PasswordChange {
  constructor(
    @Inject(PasswordRules) private readonly rules: PasswordRules,
    @Inject(PasswordChecks) private readonly checks: PasswordChecks,
    @Inject(LoginLimits) private readonly limits: LoginLimits,
    @Inject(AccountChanges) private readonly changes: AccountChanges,
    @Inject(PasswordHasher) private readonly passwords: PasswordHasher,
    @Inject(Announcements) private readonly announcements: Announcements,
    @Inject(SessionService) private readonly sessions: SessionService,
    @Inject(GenerationStore) private readonly store: GenerationStore,
    /** Null where the strategy keeps no sessions. */
    @Inject(TokenRepository) private readonly repository: TokenRepository | null,
    @Inject(AuthClock) private readonly clock: AuthClock,
    @Inject(AuthEvents) private readonly events: AuthEvents,
  ) {}

  /**
   * Changes the caller's password, ends all sessions and opens a new one.
   * @throws AuthError `invalid_request`, `invalid_credentials`, `too_many_attempts`, `store_unavailable`; nothing was
   * written then
   */
  async change(user: AuthUser, current: string, next: string, info: RequestInfo): Promise<PasswordChanged> {
    // Our own tokens say it.
    await this.rules.assert(next, (user as { readonly email?: string }).email ?? '');
    const deviceName = await this.deviceName(user);
    const verifiedHash = await this.checks.again(user, current, info);
    const passwordHash = await this.passwords.hash(next, sourceOf(info.device?.ip));
    const announcement = await this.changes.changePassword(user.sub, verifiedHash, passwordHash, this.clock.now());
    if (!announcement)
      throw new AuthError('invalid_credentials', 'The password was changed by another request just now.');
    this.events.emit({ type: 'password.changed', sub: announcement.sub, proof: 'password' }, info);
    const pending = await this.announce(announcement, { ...info, cause: 'password_changed' });
    const device = { ...info.device, name: deviceName };
    const { client_id: clientId, sub } = user;
    // A session that ends with its browser must not become one that the next user of the computer finds.
    const persistent = user.persistent !== false;
    const { value: generation } = announcement;
    try {
      return { grant: await this.sessions.open({ sub, generation, clientId, persistent, ...info, device }), pending };
    } catch (error) {
      return unlessStoreIsAway(error, { pending });
    }
  }

  /**
   * Sets a password by a ticket, which is used up, and ends all sessions.
   * @throws AuthError `invalid_request`, `ticket_invalid`, `too_many_attempts`, `store_unavailable`; nothing was written
   * then
   */
  async reset(ticket: string, next: string, info: RequestInfo): Promise<PasswordChanged> {
    // Before anything is hashed for it: tickets cost a guesser nothing. One that is known is never made to wait.
    const email = await this.changes.holderOf(ticket, this.clock.now());
    if (email === null) {
      await this.limits.consume({ kind: 'ticket' }, info);
      throw ticketInvalid();
    }
    await this.rules.assert(next, email);
    await this.store.time();
    const passwordHash = await this.passwords.hash(next, sourceOf(info.device?.ip));
    const announcement = await this.changes.redeemTicket(ticket, passwordHash, this.clock.now());
    if (!announcement) throw ticketInvalid();
    if (announcement.isNew) this.events.emit({ type: 'user.registered', sub: announcement.sub }, info);
    this.events.emit({ type: 'password.changed', sub: announcement.sub, proof: 'ticket' }, info);
    return { pending: await this.announce(announcement, { ...info, cause: 'password_reset' }) };
  }

  /**
   * What the session's device is called. Fails if the session is over, or the store away: what cannot be carried
   * through must not be begun.
   */
  private async deviceName(user: AuthUser): Promise<string | undefined> {
    if (!this.repository) {
      await this.store.time();
      return undefined;
    }
    await this.sessions.assertLive(user);
    return (await this.repository.find(user.sub, user.sid)).record?.device.name;
  }

  /** @returns whether it is still pending, because the store did not answer */
  private async announce(announcement: Announcement, info: RequestInfo): Promise<boolean> {
    try {
      await this.announcements.announce(announcement, info);
      return false;
    } catch (error) {
      return unlessStoreIsAway(error, true);
    }
  }
}

/** The change is written by now, so a store that is away (or out of memory) is no reason to call it failed. */
function unlessStoreIsAway<T>(error: unknown, outcome: T): T {
  if (error instanceof AuthError && error.code === 'store_unavailable') return outcome;
  throw error;
}

const ticketInvalid = (): AuthError =>
  new AuthError('ticket_invalid', 'The ticket is unknown, used or too old. Ask for another.');
