import { randomUUID } from 'node:crypto';
import { sql } from 'drizzle-orm';
import { bigint, boolean, pgTable, text, timestamp, unique, uuid } from 'drizzle-orm/pg-core';

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
    /** Whether its owner has shown that mail to the address arrives, or an operator vouched for it. */
    emailVerified: boolean('email_verified').notNull().default(false),
    /** Registered without an answer that tells anything (`REGISTRATION_SILENT`), and not verified since: nobody's yet. */
    pending: boolean('pending').notNull().default(false),
    /** Raised, never lowered, when all tokens of the subject must die; milliseconds, so well inside a safe integer. */
    generation: bigint('generation', { mode: 'number' }).notNull().default(0),
    /** Not used any more; instances of the version before read it while they are replaced one by one. */
    resetTicketHash: text('reset_ticket_hash').unique('users_reset_ticket_hash_unique'),
    /** As {@link resetTicketHash}. */
    resetTicketExpires: bigint('reset_ticket_expires', { mode: 'number' }),
    createdAt: timestamp('created_at', { withTimezone: true }).notNull().defaultNow(),
    updatedAt: timestamp('updated_at', { withTimezone: true })
      .notNull()
      .defaultNow()
      .$onUpdate(() => sql`now()`),
  },
  (table) => [unique(EMAIL_KEY_UNIQUE).on(table.emailKey)],
);

/** Which migrations have run. */
export const schemaMigrations = pgTable('schema_migrations', {
  id: text('id').primaryKey(),
  appliedAt: timestamp('applied_at', { withTimezone: true }).notNull().defaultNow(),
});
