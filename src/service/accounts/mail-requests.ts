import { Inject, Injectable } from '@nestjs/common';
import { AuthClock, AuthError } from '../../index.js';
import { reachable } from '../database/database-errors.js';
import { Database, type Queries } from '../database/database.js';
import { MAIL_DELIVERY, type MailDelivery } from '../mail/choose-mailer.js';
import { enqueue } from '../outbox/outbox-entry.js';
import { Outbox } from '../outbox/outbox.js';
import { emailKey } from './user.js';

/** The outbox's topic of mails to users. */
export const ACCOUNT_MAIL = 'account-mail';

/**
 * What somebody asked for. Whom it concerns, and whether anybody gets a mail, is looked up when it is delivered: so a
 * request takes the same time whether or not an address has an account.
 */
export type MailRequest = { readonly locale: string | null } & (
  | { readonly kind: 'password-reset' | 'registration'; readonly email: string }
  | { readonly kind: 'verify-email'; readonly sub: string }
  | { readonly kind: 'change-email' | 'email-changing'; readonly sub: string; readonly to: string }
);

/** Where mails to users are asked for. */
@Injectable()
export class MailRequests {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(Outbox) private readonly outbox: Outbox,
    @Inject(MAIL_DELIVERY) private readonly delivery: MailDelivery,
    @Inject(AuthClock) private readonly clock: AuthClock,
  ) {}

  /** Whether mails arrive in mailboxes, and not only on the screen of a developer. */
  get reachUsers(): boolean {
    return this.delivery.reachesUsers;
  }

  /** @throws AuthError `forbidden` where no mail can be sent */
  requireMailer(): void {
    if (this.delivery.mailer) return;
    throw new AuthError('forbidden', 'This service sends no mails. Ask an administrator for a ticket.');
  }

  /** Writes a request into the outbox, and sees to its delivery. @throws AuthError `store_unavailable` */
  async ask(request: MailRequest): Promise<void> {
    await reachable(this.write(this.database.db, request));
    this.wake();
  }

  /** The same in the transaction of its cause; {@link wake} follows. It holds no ticket: the delivery makes it. */
  async write(tx: Queries, request: MailRequest): Promise<void> {
    const subject = 'sub' in request ? request.sub : emailKey(request.email);
    await enqueue(tx, { topic: ACCOUNT_MAIL, subject, body: request }, this.clock.now());
  }

  /** Sees to the delivery of what was written, once its transaction has ended. */
  wake(): void {
    this.outbox.wake(ACCOUNT_MAIL);
  }
}

/** A language tag of BCP 47, as far as templates are named by it. */
const TAG = /^[a-z]{2,3}(-[a-z0-9]{2,8}){0,3}$/;

/**
 * The language that a browser names first; null for none, and for what is no tag: it comes from anybody.
 * @example preferredLocale('de-AT,de;q=0.9,en;q=0.5') === 'de-at'
 */
export function preferredLocale(acceptLanguage: unknown): string | null {
  if (typeof acceptLanguage !== 'string') return null;
  const first = acceptLanguage.split(/[,;]/, 1)[0]!.trim().toLowerCase();
  return TAG.test(first) ? first : null;
}
