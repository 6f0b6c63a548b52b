import { bigint, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
import { MAIL_KINDS } from '../mail/account-mailer.js';

/** Tickets that can be used. A newer one of the same kind replaces the one before it. Times are milliseconds. */
export const tickets = pgTable(
  'tickets',
  {
    sub: uuid('sub').notNull(),
    kind: text('kind', { enum: ['password-reset', 'verify-email', 'change-email'] }).notNull(),
    /** SHA-256 of the ticket; who reads the database cannot use it. */
    hash: text('hash').notNull().unique('tickets_hash_unique'),
    expires: bigint('expires', { mode: 'number' }).notNull(),
    /** When the ticket was asked for: a mail that was asked for earlier does not replace it. */
    asked: bigint('asked', { mode: 'number' }).notNull(),
    /** The mailbox it was sent to, so that its use proves that mailbox; null: an administrator handed it over. */
    address: text('address'),
  },
  (table) => [primaryKey({ columns: [table.sub, table.kind] })],
);

/** Mails of a short while, so that nobody can fill a mailbox by asking. */
export const mailsSent = pgTable('mails_sent', {
  /** The entry of the outbox: a repeated attempt counts once. */
  id: uuid('id').primaryKey(),
  addressKey: text('address_key').notNull(),
  /** The kind of the mail: mails of other kinds do not count. */
  sort: text('sort', { enum: MAIL_KINDS }).notNull(),
  at: bigint('at', { mode: 'number' }).notNull(),
});
