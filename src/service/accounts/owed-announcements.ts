import { Injectable } from '@nestjs/common';
import { and, asc, eq, lte, sql } from 'drizzle-orm';
import { reachable } from '../database/database-errors.js';
import { Database } from '../database/database.js';
import type { Queries } from '../database/database.js';
import { isUserId } from './user.js';
import { announcementsOwed } from '../database/users.schema.js';

/** Something the sessions' store must be told of a subject. */
export type OwedAnnouncement = Readonly<typeof announcementsOwed.$inferSelect>;

/** Notes what is owed, in the transaction that makes it true. Of two for one subject the higher covers the lower. */
export async function owe(tx: Queries, owed: OwedAnnouncement): Promise<OwedAnnouncement> {
  const higher = sql`greatest(${announcementsOwed.value}, excluded.value)`;
  await tx
    .insert(announcementsOwed)
    .values(owed)
    .onConflictDoUpdate({ target: [announcementsOwed.sub, announcementsOwed.kind], set: { value: higher } });
  return owed;
}

/** What is owed, across all subjects. Every method throws `AuthError('store_unavailable')` as the users table does. */
@Injectable()
export class OwedAnnouncements {
  constructor(private readonly database: Database) {}

  /** The longest owed first. */
  list(limit: number): Promise<readonly OwedAnnouncement[]> {
    const { value, sub } = announcementsOwed;
    return reachable(
      this.database.db.select().from(announcementsOwed).orderBy(asc(value), asc(sub)).limit(limit).execute(),
    );
  }

  async of(sub: string): Promise<readonly OwedAnnouncement[]> {
    if (!isUserId(sub)) return [];
    return reachable(this.database.db.select().from(announcementsOwed).where(eq(announcementsOwed.sub, sub)).execute());
  }

  /** Told. What was owed anew meanwhile stays. */
  async paid({ sub, kind, value }: OwedAnnouncement): Promise<void> {
    const covered = and(
      eq(announcementsOwed.sub, sub),
      eq(announcementsOwed.kind, kind),
      lte(announcementsOwed.value, value),
    );
    await reachable(this.database.db.delete(announcementsOwed).where(covered));
  }
}
