import { Inject, Injectable } from '@nestjs/common';
import { eq } from 'drizzle-orm';
import { AuthClock } from '../../index.js';
import { reachable } from '../database/database-errors.js';
import { Database, type Queries } from '../database/database.js';
import { users } from '../database/users.schema.js';
import { AccountLinks } from '../mail/account-links.js';
import type { AccountMail, AccountMailKind } from '../mail/account-mailer.js';
import { MAIL_DELIVERY, type MailDelivery } from '../mail/choose-mailer.js';
import type { OutboxEntry } from '../outbox/outbox-entry.js';
import type { OutboxTopic } from '../outbox/outbox-topic.js';
import { Outbox } from '../outbox/outbox.js';
import { takeFromQuota } from './mail-quota.js';
import { ACCOUNT_MAIL, type MailRequest } from './mail-requests.js';
import { MailTickets, putTicket, ticketExpiry, type TicketKind } from './tickets.js';
import { emailKey, type UserRow } from './user.js';

const SECOND = 1000;
const HOUR = 60 * 60 * SECOND;

/** A mail that is to be sent, as far as it follows from the request and the account. */
interface Planned {
  readonly kind: AccountMailKind;
  readonly to: string;
}

/**
 * Turns requests for mails into mails: looks up whom a request concerns, makes the ticket usable, and hands the mail
 * over. What is of no use any more sends nothing.
 */
@Injectable()
export class AccountMails implements OutboxTopic {
  readonly name = ACCOUNT_MAIL;
  readonly retries = { firstPause: 5 * SECOND, longestPause: HOUR, giveUpAfter: 24 * HOUR };
  // A ticket that was asked for later wins in any order, and one mailbox that is full must not hold up the next mail.
  readonly isOrdered = false;
  readonly retriesAtStart = false;

  constructor(
    @Inject(Outbox) outbox: Outbox,
    @Inject(Database) private readonly database: Database,
    @Inject(MAIL_DELIVERY) private readonly delivery: MailDelivery,
    @Inject(MailTickets) private readonly tickets: MailTickets,
    @Inject(AccountLinks) private readonly links: AccountLinks,
    @Inject(AuthClock) private readonly clock: AuthClock,
  ) {
    outbox.register(this);
  }

  async deliver(entry: OutboxEntry): Promise<void> {
    const mail = await reachable(this.database.db.transaction((tx) => this.prepare(tx, entry)));
    // Without a mailer nobody could ask; what was asked before it was taken away is of no use.
    if (mail) await this.delivery.mailer?.send(mail);
  }

  /** Null: nobody gets a mail. */
  private async prepare(tx: Queries, { id, body, created }: OutboxEntry): Promise<AccountMail | null> {
    const request = body as MailRequest;
    const now = this.clock.now();
    const row = await rowOf(tx, request);
    // A generation above the request's time: the password was changed, or all sessions were ended, since it was made.
    if (!row || row.disabled || (row.generation > created && request.kind !== 'email-changing')) return null;
    const planned = await plan(tx, request, row);
    if (!planned) return null;
    const { kind, to } = planned;
    if (!(await takeFromQuota(tx, { id, addressKey: emailKey(to), kind }, now))) return null;
    const told = { id, kind, to, locale: request.locale };
    if (!isTicketKind(kind)) return { ...told, ticket: null, link: null, expiresAt: null };
    const ticket = this.tickets.of(id);
    const expires = ticketExpiry(now);
    const isNewest = await putTicket(tx, { ticket, sub: row.id, kind, expires, asked: created, address: to });
    return isNewest ? { ...told, ticket, link: this.links.of(kind, ticket), expiresAt: expires } : null;
  }
}

const isTicketKind = (kind: AccountMailKind): kind is TicketKind =>
  kind !== 'email-changing' && kind !== 'account-exists';

/** Locked, as by everything that voids tickets. */
async function rowOf(tx: Queries, request: MailRequest): Promise<UserRow | undefined> {
  const its = 'sub' in request ? eq(users.id, request.sub) : eq(users.emailKey, emailKey(request.email));
  const [row] = await tx.select().from(users).where(its).for('update');
  return row;
}

/** Mail goes to an address as its owner gave it, never to the spelling that somebody asked with. */
async function plan(tx: Queries, request: MailRequest, row: UserRow): Promise<Planned | null> {
  switch (request.kind) {
    case 'password-reset':
      return { kind: 'password-reset', to: row.email };
    case 'registration':
      if (!row.pending) return { kind: 'account-exists', to: row.email };
      return { kind: row.passwordHash === null ? 'password-reset' : 'verify-email', to: row.email };
    case 'verify-email':
      return row.emailVerified ? null : { kind: 'verify-email', to: row.email };
    case 'email-changing':
      return { kind: 'email-changing', to: request.to };
    case 'change-email': {
      if (emailKey(request.to) === row.emailKey && request.to === row.email) {
        return row.emailVerified ? null : { kind: 'verify-email', to: row.email };
      }
      const [taken] = await tx
        .select()
        .from(users)
        .where(eq(users.emailKey, emailKey(request.to)));
      const isOthers = taken !== undefined && taken.id !== row.id && !taken.pending;
      return isOthers ? { kind: 'account-exists', to: taken.email } : { kind: 'change-email', to: request.to };
    }
  }
}
