import { Injectable } from '@nestjs/common';
import { and, asc, count, eq, inArray, isNotNull, isNull, lt, lte, min, notExists, sql } from 'drizzle-orm';
import { alias } from 'drizzle-orm/pg-core';
import { reachable } from '../database/database-errors.js';
import { Database } from '../database/database.js';
import { outbox } from '../database/outbox.schema.js';
import type { OutboxEntry } from './outbox-entry.js';
import type { OutboxTopic } from './outbox-topic.js';

/** How many entries of a topic wait, and how many were given up. */
export interface OutboxCount {
  readonly topic: string;
  readonly waiting: number;
  readonly undeliverable: number;
}

const earlier = alias(outbox, 'earlier');
const isGivenUp = isNull(outbox.due);

/** The entries, as the database keeps them. Each method throws `AuthError('store_unavailable')` when it is away. */
@Injectable()
export class OutboxTable {
  constructor(private readonly database: Database) {}

  /**
   * Takes entries that are due, for one attempt. Nobody else gets them before the lease is over, whether or not this
   * process lives until then.
   */
  lease(topic: Pick<OutboxTopic, 'name' | 'isOrdered'>, now: number, until: number, limit: number) {
    return reachable(
      this.database.db.transaction(async (tx): Promise<OutboxEntry[]> => {
        const before = tx
          .select({ one: sql`1` })
          .from(earlier)
          .where(
            and(
              eq(earlier.topic, outbox.topic),
              eq(earlier.subject, outbox.subject),
              lt(earlier.seq, outbox.seq),
              isNotNull(earlier.due),
            ),
          );
        const due = and(eq(outbox.topic, topic.name), lte(outbox.due, now));
        const rows = await tx
          .select({ id: outbox.id })
          .from(outbox)
          .where(topic.isOrdered ? and(due, notExists(before)) : due)
          .orderBy(asc(outbox.due), asc(outbox.seq))
          .limit(limit)
          // Another instance is at the others.
          .for('update', { skipLocked: true });
        if (rows.length === 0) return [];
        const ids = rows.map(({ id }) => id);
        const leased = { due: until, attempts: sql`${outbox.attempts} + 1` };
        return tx.update(outbox).set(leased).where(inArray(outbox.id, ids)).returning();
      }),
    );
  }

  async delivered({ id }: Pick<OutboxEntry, 'id'>): Promise<void> {
    await reachable(this.database.db.delete(outbox).where(eq(outbox.id, id)));
  }

  /** @param due of the next attempt; null: it is given up */
  async failed({ id, attempts }: OutboxEntry, fault: string, due: number | null): Promise<void> {
    // An attempt whose lease ran out must not move what a later attempt has decided.
    const mine = and(eq(outbox.id, id), eq(outbox.attempts, attempts));
    await reachable(this.database.db.update(outbox).set({ due, fault }).where(mine));
  }

  /** What is still to be told of one subject, the oldest first. */
  of(topic: string, subject: string): Promise<OutboxEntry[]> {
    const its = and(eq(outbox.topic, topic), eq(outbox.subject, subject));
    return reachable(this.database.db.select().from(outbox).where(its).orderBy(asc(outbox.seq)).execute());
  }

  /** The oldest entries. */
  list(limit: number): Promise<OutboxEntry[]> {
    return reachable(this.database.db.select().from(outbox).orderBy(asc(outbox.seq)).limit(limit).execute());
  }

  /** When the next attempt of a topic is due; null: nothing waits. */
  async nextDue(topic: string): Promise<number | null> {
    const query = this.database.db
      .select({ due: min(outbox.due) })
      .from(outbox)
      .where(eq(outbox.topic, topic));
    const [row] = await reachable(query);
    return row?.due ?? null;
  }

  counts(): Promise<OutboxCount[]> {
    const { topic, due } = outbox;
    const waiting = count(due);
    const undeliverable = sql<number>`count(*) filter (where ${isGivenUp})`.mapWith(Number);
    return reachable(this.database.db.select({ topic, waiting, undeliverable }).from(outbox).groupBy(topic).execute());
  }

  /** Makes entries due again, those that were given up too. @returns how many */
  async retry(which: { readonly id?: string; readonly topic?: string }, now: number): Promise<number> {
    const { id, topic } = which;
    const chosen = and(
      id === undefined ? undefined : eq(outbox.id, id),
      topic === undefined ? undefined : eq(outbox.topic, topic),
    );
    const query = this.database.db.update(outbox).set({ due: now }).where(chosen).returning({ id: outbox.id });
    return (await reachable(query)).length;
  }

  /** Forgets an entry that will not be delivered. @returns whether it was there */
  async drop(id: string): Promise<boolean> {
    return (await reachable(this.database.db.delete(outbox).where(eq(outbox.id, id)).returning())).length > 0;
  }

  /** Forgets what was given up and is older than `before`. */
  async forget(before: number): Promise<void> {
    await reachable(this.database.db.delete(outbox).where(and(isGivenUp, lt(outbox.created, before))));
  }
}
