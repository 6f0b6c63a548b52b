import { Injectable } from '@nestjs/common';
import { and, arrayContains, eq, isNotNull, ne, sql } from 'drizzle-orm';
import { AuthError } from '../../index.js';
import { reachable } from '../database/database-errors.js';
import { Database } from '../database/database.js';
import type { Queries } from '../database/database.js';
import { announce, type Announcement } from './announcement.js';
import { findTicket, newTicket, putTicket, takeTicket, ticketExpiry, voidTickets } from './tickets.js';
import { isUserId, toUser, type User, type UserRow } from './user.js';
import { users } from '../database/users.schema.js';

/** What an administrator may change. */
export interface AccountPatch {
  readonly disabled?: boolean;
  readonly roles?: readonly string[];
}

/** A ticket with which a password can be set once, and until when (milliseconds). */
export interface ResetTicket {
  readonly ticket: string;
  readonly expiresAt: number;
}

/** The role of administrators. */
export const ADMIN = 'admin';

/** Two administrators that demote each other at once would each see that there is another. Any number that no one else uses. */
const ADMINISTRATORS_LOCK = 0x6b742d61;

/**
 * Changes that outdate tokens. Each is one transaction that also writes what the sessions' store must be told, so that
 * a crash before the telling loses nothing. All give null where there is no such user, and throw
 * `AuthError('store_unavailable')` when the database does not answer. Times are milliseconds, by the store's clock.
 */
@Injectable()
export class AccountChanges {
  constructor(private readonly database: Database) {}

  /** Makes every token and every ticket of a user a dead one. */
  revokeAll(id: string, now: number): Promise<Announcement | null> {
    return this.locked(id, false, (tx, row) => raiseGeneration(tx, row, now));
  }

  /**
   * Raises the generation of a row that is older than the session store to what the store has noted. Tokens below it are
   * dead already, so nothing is to be told.
   * @param read the generation that was read with the verified password: a row that has another was changed since
   * @returns whether it was raised
   */
  async catchUp(id: string, read: number, noted: number): Promise<boolean> {
    if (noted <= read) return false;
    const unchanged = and(eq(users.id, id), eq(users.generation, read), eq(users.disabled, false));
    const raisedRows = this.database.db.update(users).set({ generation: noted }).where(unchanged);
    return (await reachable(raisedRows.returning({ id: users.id }))).length > 0;
  }

  /**
   * Sets a new password over the one that was verified, and makes every token and every ticket a dead one.
   * @returns null also when the password was changed, or the user disabled, since the verification
   */
  changePassword(id: string, verifiedHash: string, passwordHash: string, now: number): Promise<Announcement | null> {
    return this.locked(id, false, async (tx, row) => {
      if (row.passwordHash !== verifiedHash || row.disabled) return null;
      return raiseGeneration(tx, row, now, { passwordHash });
    });
  }

  /** Makes a ticket to hand over, which replaces any before it. */
  issueTicket(id: string, now: number): Promise<ResetTicket | null> {
    return this.locked(id, false, async (tx, row) => {
      const issued = { ticket: newTicket(), expires: ticketExpiry(now) };
      await putTicket(tx, { ...issued, sub: row.id, kind: 'password-reset', asked: now, address: null });
      return { ticket: issued.ticket, expiresAt: issued.expires };
    });
  }

  /** Whose ticket it is, by e-mail address; null for one that cannot be used. Asked before a password is hashed for it. */
  async holderOf(ticket: string, now: number): Promise<string | null> {
    const found = await reachable(findTicket(this.database.db, ticket, ['password-reset'], now));
    if (!found) return null;
    const rows = await reachable(this.database.db.select().from(users).where(eq(users.id, found.sub)));
    return rows[0]?.email ?? null;
  }

  /**
   * Uses a ticket up: sets the password, and makes every token and every other ticket a dead one. One that came by mail
   * proves the address too.
   * @returns with `isNew` whether the account was nobody's until now
   */
  async redeemTicket(
    ticket: string,
    passwordHash: string,
    now: number,
  ): Promise<(Announcement & { readonly isNew: boolean }) | null> {
    const found = await reachable(findTicket(this.database.db, ticket, ['password-reset'], now));
    if (!found) return null;
    return this.locked(found.sub, false, async (tx, row) => {
      if (!(await takeTicket(tx, found))) return null;
      const emailVerified = row.emailVerified || found.address === row.email;
      const announcement = await raiseGeneration(tx, row, now, { passwordHash, emailVerified, pending: false });
      return { ...announcement, isNew: row.pending };
    });
  }

  /**
   * New roles outdate the claims in every token; disabling makes every token and every ticket a dead one.
   * @throws AuthError `last_administrator`
   */
  patch(
    id: string,
    { disabled, roles }: AccountPatch,
    now: number,
  ): Promise<{ readonly user: User; readonly announcements: readonly Announcement[] } | null> {
    const demotes = disabled === true || roles?.includes(ADMIN) === false;
    return this.locked(id, demotes, async (tx, row) => {
      if (demotes) await keepAnotherAdministrator(tx, row);
      const announcements: Announcement[] = [];
      const values = {
        ...(disabled !== undefined && { disabled }),
        ...(roles && { roles: [...roles] }),
      };
      if (disabled) announcements.push(await raiseGeneration(tx, row, now, values));
      else if (Object.keys(values).length > 0) await write(tx, row, values);
      // Whether or not they differ: the same call again must heal one that was interrupted.
      if (roles) announcements.push(await announce(tx, { sub: row.id, kind: 'claims', value: now }, now));
      return { user: toUser({ ...row, ...values }), announcements };
    });
  }

  /**
   * The row goes, and what must be told stays.
   * @throws AuthError `last_administrator`
   */
  remove(id: string, now: number): Promise<Announcement | null> {
    return this.locked(id, true, async (tx, row) => {
      await keepAnotherAdministrator(tx, row);
      await tx.delete(users).where(eq(users.id, row.id));
      await voidTickets(tx, row.id);
      return announce(tx, { sub: row.id, kind: 'generation', value: raised(row, now) }, now);
    });
  }

  /** @param demotes whether it may take an administrator away: such changes wait for each other */
  private async locked<T>(
    id: string,
    demotes: boolean,
    change: (tx: Queries, row: UserRow) => Promise<T | null>,
  ): Promise<T | null> {
    if (!isUserId(id)) return null;
    return reachable(
      this.database.db.transaction(async (tx) => {
        // Before the row, in every transaction alike: two that wait for each other would never end.
        if (demotes) await tx.execute(sql`select pg_advisory_xact_lock(${ADMINISTRATORS_LOCK})`);
        const [row] = await tx.select().from(users).where(eq(users.id, id)).for('update');
        return row ? change(tx, row) : null;
      }),
    );
  }
}

/** Above what the row has, which is locked, so no other change can come between the reading and the writing. */
const raised = ({ generation }: UserRow, now: number): number => Math.max(generation + 1, now);

async function keepAnotherAdministrator(tx: Queries, row: UserRow): Promise<void> {
  if (row.disabled || !row.roles.includes(ADMIN)) return;
  const canLogIn = and(eq(users.disabled, false), eq(users.pending, false), isNotNull(users.passwordHash));
  const another = and(ne(users.id, row.id), canLogIn, arrayContains(users.roles, [ADMIN]));
  const found = await tx.select({ id: users.id }).from(users).where(another).limit(1);
  if (found.length > 0) return;
  throw new AuthError(
    'last_administrator',
    'This is the last administrator who can log in. Give the role admin to another account that has a password first.',
  );
}

/** Tickets end with the tokens: a thief who was signed in may have asked for one, and could take the account back by it. */
async function raiseGeneration(
  tx: Queries,
  row: UserRow,
  now: number,
  values: Partial<UserRow> = {},
): Promise<Announcement> {
  const value = raised(row, now);
  await voidTickets(tx, row.id);
  await write(tx, row, { ...values, generation: value });
  return announce(tx, { sub: row.id, kind: 'generation', value }, now);
}

async function write(tx: Queries, { id }: UserRow, values: Partial<UserRow>): Promise<void> {
  await tx.update(users).set(values).where(eq(users.id, id));
}
