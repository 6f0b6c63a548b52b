import { and, count, eq, gt, lte, ne, sql } from 'drizzle-orm';
import type { Queries } from '../database/database.js';
import { mailsSent } from '../database/tickets.schema.js';

const HOUR = 60 * 60 * 1000;
/** To one address within an hour. */
const MOST = 3;

type Sort = (typeof mailsSent.$inferSelect)['sort'];

/**
 * Counts a mail to an address, if it may still get one. Mails to one address wait for each other until the transaction
 * ends. The same mail counts once, however often it is tried.
 * @param sort `asked` for what anybody can ask for; `notice` for warnings, which are counted apart: a thief must not be
 *   able to suppress them
 * @returns false when the address has got enough for now
 */
export async function takeFromQuota(
  tx: Queries,
  { id, addressKey, sort }: { readonly id: string; readonly addressKey: string; readonly sort: Sort },
  now: number,
): Promise<boolean> {
  await tx.execute(sql`select pg_advisory_xact_lock(hashtext('keyturn mail to ' || ${addressKey}))`);
  await tx.delete(mailsSent).where(lte(mailsSent.at, now - HOUR));
  const others = and(
    eq(mailsSent.addressKey, addressKey),
    eq(mailsSent.sort, sort),
    ne(mailsSent.id, id),
    gt(mailsSent.at, now - HOUR),
  );
  const [found] = await tx.select({ mails: count() }).from(mailsSent).where(others);
  if (found!.mails >= MOST) return false;
  await tx.insert(mailsSent).values({ id, addressKey, sort, at: now }).onConflictDoNothing();
  return true;
}
