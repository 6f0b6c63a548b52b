import { and, count, eq, gt, lte, ne, sql } from 'drizzle-orm';
import type { Queries } from '../database/database.js';
import { mailsSent } from '../database/tickets.schema.js';
import type { AccountMailKind } from '../mail/account-mailer.js';
import { TICKET_LIFE } from './tickets.js';

/** Of one kind to one address, within the life of a ticket: who gets no further mail has one whose ticket works. */
const MOST = 3;

/**
 * Counts a mail to an address, if it may still get one of this kind. Kinds count apart: anybody can ask for some of them
 * in the name of anybody, and must not keep others from their owner. Mails to one address wait for each other until the
 * transaction ends. The same mail counts once, however often it is tried.
 * @returns false when the address has got enough for now
 */
export async function takeFromQuota(
  tx: Queries,
  { id, addressKey, kind }: { readonly id: string; readonly addressKey: string; readonly kind: AccountMailKind },
  now: number,
): Promise<boolean> {
  await tx.execute(sql`select pg_advisory_xact_lock(hashtext('keyturn mail to ' || ${addressKey}))`);
  await tx.delete(mailsSent).where(lte(mailsSent.at, now - TICKET_LIFE));
  const others = and(
    eq(mailsSent.addressKey, addressKey),
    eq(mailsSent.sort, kind),
    ne(mailsSent.id, id),
    gt(mailsSent.at, now - TICKET_LIFE),
  );
  const [found] = await tx.select({ mails: count() }).from(mailsSent).where(others);
  if (found!.mails >= MOST) return false;
  await tx.insert(mailsSent).values({ id, addressKey, sort: kind, at: now }).onConflictDoNothing();
  return true;
}
