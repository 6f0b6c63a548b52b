import { sql } from 'drizzle-orm';
import type { Queries } from './database.js';

export const READ_ONLY =
  'This PostgreSQL takes no writes: it is a standby, or default_transaction_read_only is on. Logins and refreshes work; ' +
  'registrations, changes of passwords and mails do not. Name the primary in DATABASE_URL.';

/** Whether the server refuses every write: the address is that of a standby, as a rule. Reads only. */
export async function isReadOnly(db: Queries): Promise<boolean> {
  const answer: unknown = await db.execute(sql`select current_setting('transaction_read_only') as value`);
  return (answer as { rows: { value: string }[] }).rows[0]!.value === 'on';
}
