import { Inject, Injectable } from '@nestjs/common';
import { and, eq, ne } from 'drizzle-orm';
import { AuthClock, AuthError, AuthEvents, LoginLimits, type RequestInfo } from '../../index.js';
import { reachable, violates } from '../database/database-errors.js';
import { Database, type Queries } from '../database/database.js';
import { EMAIL_KEY_UNIQUE, users } from '../database/users.schema.js';
import { announce, type Announcement } from './announcement.js';
import { Announcements } from './announcements.js';
import { refuseLookAlike } from './email-scripts.js';
import { MailRequests } from './mail-requests.js';
import { findTicket, takeTicket, voidTickets, type TicketRow } from './tickets.js';
import { emailKey, type UserRow } from './user.js';

const KINDS = ['verify-email', 'change-email'] as const;

interface Verified {
  readonly sub: string;
  /** Whether the account was nobody's until now. */
  readonly isNew?: boolean;
  /** Where the address is another one now. */
  readonly announcement?: Announcement;
}

/** Addresses that are confirmed by their mailboxes: that of an account, and a new one. */
@Injectable()
export class EmailChanges {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(MailRequests) private readonly mails: MailRequests,
    @Inject(Announcements) private readonly announcements: Announcements,
    @Inject(LoginLimits) private readonly limits: LoginLimits,
    @Inject(AuthClock) private readonly clock: AuthClock,
    @Inject(AuthEvents) private readonly events: AuthEvents,
  ) {}

  /**
   * Sends a ticket to a new address, and a notice to the old one. Nothing has changed until the ticket is used.
   * @throws AuthError `invalid_request` for an address that could be taken for another one, `too_many_attempts`
   */
  async request(sub: string, newEmail: string, locale: string | null, info: RequestInfo): Promise<void> {
    const to = newEmail.trim();
    refuseLookAlike(to);
    // The limit by receiver does not help: each mail may go to another stranger.
    await this.limits.consume({ kind: 'emailChange', sub }, info);
    await reachable(
      this.database.db.transaction(async (tx) => {
        const [row] = await tx.select().from(users).where(eq(users.id, sub));
        if (!row) return;
        await this.mails.write(tx, { kind: 'change-email', sub, to, locale });
        if (emailKey(to) !== row.emailKey) {
          await this.mails.write(tx, { kind: 'email-changing', sub, to: row.email, locale });
        }
      }),
    );
    this.mails.wake();
    this.events.emit({ type: 'email.change_requested', sub }, info);
  }

  /**
   * Uses a ticket up: the address it was sent to is confirmed, and is the account's.
   * @throws AuthError `ticket_invalid`, `too_many_attempts`; `email_taken` where the new address has got an account meanwhile
   */
  async verify(ticket: string, info: RequestInfo): Promise<void> {
    const now = this.clock.now();
    const found = await reachable(findTicket(this.database.db, ticket, KINDS, now));
    const done = found && (await reachable(this.database.db.transaction((tx) => redeem(tx, found, now))));
    if (!done) {
      await this.limits.consume({ kind: 'ticket' }, info);
      throw new AuthError('ticket_invalid', 'The ticket is unknown, used or too old. Ask for another.');
    }
    const { sub, isNew, announcement } = done;
    if (isNew) this.events.emit({ type: 'user.registered', sub }, info);
    this.events.emit({ type: announcement ? 'email.changed' : 'email.verified', sub }, info);
    // The change is written by now; where the store is away, the outbox tells it.
    if (announcement) await this.announcements.announce(announcement, info).catch(unlessStoreIsAway);
  }
}

async function redeem(tx: Queries, ticket: TicketRow, now: number): Promise<Verified | null> {
  const [row] = await tx.select().from(users).where(eq(users.id, ticket.sub)).for('update');
  if (!row || !(await takeTicket(tx, ticket))) return null;
  const address = ticket.address!;
  if (ticket.kind === 'verify-email') {
    if (row.email !== address) return null;
    await tx.update(users).set({ emailVerified: true, pending: false }).where(eq(users.id, row.id));
    return { sub: row.id, isNew: row.pending };
  }
  await voidTickets(tx, row.id);
  await moveTo(tx, row, address);
  // The address is a claim of the access tokens.
  return { sub: row.id, announcement: await announce(tx, { sub: row.id, kind: 'claims', value: now }, now) };
}

async function moveTo(tx: Queries, { id }: UserRow, email: string): Promise<void> {
  const key = emailKey(email);
  // Nobody's yet, and now somebody's.
  await tx.delete(users).where(and(eq(users.emailKey, key), eq(users.pending, true), ne(users.id, id)));
  try {
    await tx.update(users).set({ email, emailKey: key, emailVerified: true }).where(eq(users.id, id));
  } catch (error) {
    if (violates(error, EMAIL_KEY_UNIQUE)) throw new AuthError('email_taken', 'This e-mail address has an account.');
    throw error;
  }
}

function unlessStoreIsAway(error: unknown): void {
  if (!(error instanceof AuthError) || error.code !== 'store_unavailable') throw error;
}
