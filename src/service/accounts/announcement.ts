import type { Queries } from '../database/database.js';
import { enqueue, type OutboxEntry } from '../outbox/outbox-entry.js';

const SECOND = 1000;

export const ANNOUNCEMENTS = 'sessions';
export const ANNOUNCEMENT_RETRIES = { firstPause: 5 * SECOND, longestPause: 60 * SECOND, giveUpAfter: null };

/**
 * What the sessions' store must be told of a subject. `generation`: its tokens below `value` are dead. `claims`: those
 * that were read before now, since `value` (milliseconds).
 */
export interface Announcement {
  /** Of its entry in the outbox. */
  readonly id: string;
  readonly sub: string;
  readonly kind: 'generation' | 'claims';
  readonly value: number;
}

/** Writes an announcement in the transaction that makes it true. Its writer tells it; if that fails, the outbox does. */
export async function announce(
  tx: Queries,
  { sub, kind, value }: Omit<Announcement, 'id'>,
  now: number,
): Promise<Announcement> {
  const entry = { topic: ANNOUNCEMENTS, subject: sub, body: { kind, value } };
  const { id } = await enqueue(tx, entry, now, now + ANNOUNCEMENT_RETRIES.firstPause);
  return { id, sub, kind, value };
}

export const announcementOf = ({ id, subject, body }: OutboxEntry): Announcement => ({
  ...(body as Pick<Announcement, 'kind' | 'value'>),
  id,
  sub: subject,
});
