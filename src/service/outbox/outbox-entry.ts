import type { outbox } from '../database/outbox.schema.js';
import { outbox as table } from '../database/outbox.schema.js';
import type { Queries } from '../database/database.js';

/** Something that is still to be delivered. */
export type OutboxEntry = Readonly<typeof outbox.$inferSelect>;

/** What the cause of a delivery says of it. */
export interface NewEntry {
  /** {@link OutboxTopic.name} of the code that delivers it. */
  readonly topic: string;
  /** Whom it is about. */
  readonly subject: string;
  /** What its delivery needs to know. Never a secret: the table keeps it as it is. */
  readonly body: object;
}

/**
 * Writes an entry in the transaction of its cause, so that either both exist or neither.
 * @param due milliseconds; later than `now` where the writer delivers it itself and the outbox only steps in for it
 */
export async function enqueue(tx: Queries, entry: NewEntry, now: number, due = now): Promise<OutboxEntry> {
  const [row] = await tx
    .insert(table)
    .values({ ...entry, created: now, due })
    .returning();
  return row!;
}
