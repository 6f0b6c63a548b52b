import { randomUUID } from 'node:crypto';
import { bigint, integer, jsonb, pgTable, text, uuid } from 'drizzle-orm/pg-core';

/**
 * What is still to be delivered: written in the transaction of its cause, deleted when it was delivered. All times are
 * milliseconds since the epoch.
 */
export const outbox = pgTable('outbox', {
  /** The same at each attempt, so that a receiver can tell a repetition. */
  id: uuid('id').primaryKey().$defaultFn(randomUUID),
  /** The order in which entries were written. */
  seq: bigint('seq', { mode: 'number' }).generatedAlwaysAsIdentity(),
  /** Which code delivers it. */
  topic: text('topic').notNull(),
  /** Whom it is about: a user's id, or the key of an address. */
  subject: text('subject').notNull(),
  body: jsonb('body').$type<object>().notNull(),
  created: bigint('created', { mode: 'number' }).notNull(),
  /** Not before this time; null: given up. */
  due: bigint('due', { mode: 'number' }),
  attempts: integer('attempts').notNull().default(0),
  /** Why the last attempt failed, in words without secrets. */
  fault: text('fault'),
});
