import { randomUUID } from 'node:crypto';
import { sql } from 'drizzle-orm';
import { bigint, boolean, pgTable, primaryKey, text, timestamp, unique, uuid } from 'drizzle-orm/pg-core';

/** The name by which a violation is told from every other; `migrations.ts` writes the same. */
export const EMAIL_KEY_UNIQUE = 'users_email_key_unique';

/** Who can log in. The tables themselves are made by `migrations.ts`; this is how the code sees them. */
export const users = pgTable(
  'users',
  {
    id: uuid('id').primaryKey().$defaultFn(randomUUID),
    /** As it was given; mail goes there. */
    email: text('email').notNull(),
    /** {@link emailKey} of it; unique. */
    emailKey: text('email_key').notNull(),
    /** A PHC string; null until a password is set, as for accounts made by an administrator. */
    passwordHash: text('password_hash'),
    roles: text('roles').array().notNull().default([]),
    disabled: boolean('disabled').notNull().default(false),
    /** Raised, never lowered, when all tokens of the subject must die; milliseconds, so well inside a safe integer. */
    generation: bigint('generation', { mode: 'number' }).notNull().default(0),
    /** SHA-256 of the ticket with which the password may be set once; null if there is none. */
    resetTicketHash: text('reset_ticket_hash').unique('users_reset_ticket_hash_unique'),
    /** Milliseconds since the epoch. */
    resetTicketExpires: bigint('reset_ticket_expires', { mode: 'number' }),
    createdAt: timestamp('created_at', { withTimezone: true }).notNull().defaultNow(),
    updatedAt: timestamp('updated_at', { withTimezone: true })
      .notNull()
      .defaultNow()
      .$onUpdate(() => sql`now()`),
  },
  (table) => [unique(EMAIL_KEY_UNIQUE).on(table.emailKey)],
);

/**
 * What the sessions' store must still be told of a subject: written in the transaction that makes it true, deleted when
 * it was told. `generation`: its tokens below `value` are dead. `claims`: those read before now, since `value` (ms).
 */
export const announcementsOwed = pgTable(
  'announcements_owed',
  {
    sub: uuid('sub').notNull(),
    kind: text('kind', { enum: ['generation', 'claims'] }).notNull(),
    value: bigint('value', { mode: 'number' }).notNull(),
  },
  (table) => [primaryKey({ columns: [table.sub, table.kind] })],
);

/** Which migrations have run. */
export const schemaMigrations = pgTable('schema_migrations', {
  id: text('id').primaryKey(),
  appliedAt: timestamp('applied_at', { withTimezone: true }).notNull().defaultNow(),
});
