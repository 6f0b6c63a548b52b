import { Inject, Injectable } from '@nestjs/common';
import { and, desc, sql, type SQL } from 'drizzle-orm';
import { reachable } from '../database/database-errors.js';
import { Database, type Queries } from '../database/database.js';
import { users } from '../database/users.schema.js';
import { cursorOf, pageOf, placeOf, type Page, type PageRequest } from './page.js';
import { emailKey, toUser, type User } from './user.js';

/** The names of the lists in their cursors: one of the one list is no place in the other. */
const [NEWEST, BY_ADDRESS] = ['newest', 'prefix'];

/** A time with all its digits: a `Date` has milliseconds only, and accounts of one of them would be shown twice or never. */
const microseconds = sql<string>`(extract(epoch from ${users.createdAt}) * 1000000)::bigint::text`;
const MICROSECONDS = /^\d{1,16}$/;
const ID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/;
/** Any text but what PostgreSQL cannot hold. */
const KEY = /^[^\0]+$/;

/** By code points, whatever language the database sorts by; an index is in this order. */
const key = sql<string>`${users.emailKey} collate "C"`;
/** Behind every character that an address may have: it is none itself. */
const LAST = '\u{10FFFF}';

/**
 * Accounts, page by page. Pages go by the place of the last account shown, so an account that is made meanwhile moves none
 * of the others: each that was there when the first page was asked for is shown once.
 *
 * Every method throws `AuthError('store_unavailable')` when the database does not answer and `AuthError('invalid_request')`
 * for an `after` that is no cursor.
 */
@Injectable()
export class UserPages {
  constructor(@Inject(Database) private readonly database: Database) {}

  /** The newest first. */
  async newest(page: PageRequest): Promise<Page<User>> {
    const rows = await reachable(newestQuery(this.database.db, page));
    const found = pageOf(rows, page.limit, ({ at, row }) => cursorOf(NEWEST, [at, row.id]));
    return { ...found, items: found.items.map(({ row }) => toUser(row)) };
  }

  /** Those whose address begins so, in any case, in the order of their addresses. */
  async withPrefix(prefix: string, page: PageRequest): Promise<Page<User>> {
    const query = prefixQuery(this.database.db, prefix, page);
    const rows = query === null ? [] : await reachable(query);
    const found = pageOf(rows, page.limit, ({ row }) => cursorOf(BY_ADDRESS, [row.emailKey]));
    return { ...found, items: found.items.map(({ row }) => toUser(row)) };
  }
}

/** One account more than the page has, which tells that there is another page. */
export function newestQuery(db: Queries, { limit, after }: PageRequest) {
  const place = placeOf(NEWEST, after, [MICROSECONDS, ID]);
  const older: SQL | undefined = place
    ? sql`(${users.createdAt}, ${users.id}) < (timestamptz 'epoch' + ${place[0]}::bigint * interval '1 microsecond', ${place[1]}::uuid)`
    : undefined;
  return db
    .select({ row: users, at: microseconds })
    .from(users)
    .where(older)
    .orderBy(desc(users.createdAt), desc(users.id))
    .limit(limit + 1);
}

/** As {@link newestQuery}. @returns null where no address can begin so */
export function prefixQuery(db: Queries, prefix: string, { limit, after }: PageRequest) {
  const place = placeOf(BY_ADDRESS, after, [KEY]);
  const begin = emailKey(prefix);
  if (begin !== '' && !KEY.test(begin)) return null;
  const behind = place ? sql`${key} > ${place[0]}` : undefined;
  const range = and(sql`${key} >= ${begin}`, sql`${key} < ${begin + LAST}`, behind);
  return db
    .select({ row: users })
    .from(users)
    .where(range)
    .orderBy(key)
    .limit(limit + 1);
}
