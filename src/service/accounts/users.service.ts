import { Injectable } from '@nestjs/common';
import { and, eq, inArray, sql } from 'drizzle-orm';
import { AuthError } from '../../index.js';
import { reachable } from '../database/database-errors.js';
import { joinedLookups } from '../database/joined-lookups.js';
import { Database, type Queries } from '../database/database.js';
import { PasswordHasher } from './passwords.js';
import { refuseLookAlike } from './email-scripts.js';
import { voidTickets } from './tickets.js';
import { emailKey, isUserId, toUser, type User, type UserRow } from './user.js';
import { users } from '../database/users.schema.js';

/** A user whose password was right, and the generation that was read together with its hash. */
export interface AuthenticatedUser {
  readonly user: User;
  /** Whether the address was confirmed by a mail, or vouched for by an operator. */
  readonly emailVerified: boolean;
  readonly generation: number;
}

/** What an access token says of a subject, and the durable generation that its tokens must have. */
export interface Subject {
  readonly claims: { readonly roles: readonly string[]; readonly email: string };
  readonly generation: number;
}

/** Where mails to a user go. */
export interface UserAddress {
  readonly email: string;
  /** Whether it was confirmed by a mail, or vouched for by an operator. */
  readonly isVerified: boolean;
}

/** What of an account a check of its password may be admitted by. */
export interface CheckedAccount {
  readonly sub: string;
  readonly email: string;
  readonly generation: number;
}

/** How a password is checked. */
export interface CheckOptions {
  /** Where the request is from, as `sourceOf` names it. */
  readonly source?: string;
  /**
   * Asked before anything is hashed; it throws where that must not be. Null: there is no such account, which its caller
   * must not learn.
   */
  readonly admit?: (account: CheckedAccount | null) => Promise<void>;
}

/** What of a new user is not the same for all. */
export interface Registration {
  /** Whether who adds the user vouches for the address. */
  readonly isVerified?: boolean;
  /** Where the request is from, as `sourceOf` names it. */
  readonly source?: string;
  /** Writes what follows from the registration, in its transaction. */
  readonly alsoWrite?: (tx: Queries, sub: string) => Promise<void>;
}

const wrongCredentials = (): AuthError => new AuthError('invalid_credentials', 'E-mail address or password is wrong.');

/**
 * The users table. Every method throws `AuthError('store_unavailable')` when the database does not answer, and those
 * with a password `AuthError('temporarily_unavailable')` when too many are being hashed.
 */
@Injectable()
export class UsersService {
  private readonly joinedRow = joinedLookups<UserRow>(async (ids) => {
    const rows = await reachable(
      this.database.db
        .select()
        .from(users)
        .where(inArray(users.id, [...ids])),
    );
    return new Map(rows.map((row) => [row.id, row]));
  });

  constructor(
    private readonly database: Database,
    private readonly passwords: PasswordHasher,
  ) {}

  /**
   * Adds a user. The password is taken as it is: check it first with `checkPassword`. Without one the user can log in
   * once a reset ticket was used.
   * @throws AuthError `email_taken`; `invalid_request` for an address that is made to look like another one
   */
  async register(
    email: string,
    password: string | null,
    roles: readonly string[] = [],
    { isVerified = false, source, alsoWrite }: Registration = {},
  ): Promise<User> {
    const values = { ...(await this.newRow(email, password, source)), roles: [...roles], emailVerified: isVerified };
    return reachable(
      this.database.db.transaction(async (tx) => {
        const row = await put(tx, { ...values, pending: false });
        if (!row) throw new AuthError('email_taken', 'This e-mail address has an account.');
        await alsoWrite?.(tx, row.id);
        return toUser(row);
      }),
    );
  }

  /**
   * Adds a user who counts as nobody until the address is verified. An account of this kind that is there already loses its
   * password, and every ticket and mail of the one before is void: which of the two who registered has the mailbox nobody
   * knows, so its owner sets a password by the mail. Any other account stays as it is.
   * @param alsoWrite in the same transaction, the same whether or not the address has an account
   */
  async registerPending(
    email: string,
    password: string,
    now: number,
    { source, alsoWrite }: { readonly source?: string; readonly alsoWrite: (tx: Queries) => Promise<void> },
  ): Promise<void> {
    const values = await this.newRow(email, password, source);
    await reachable(
      this.database.db.transaction(async (tx) => {
        // Above the time of every mail that was asked for before.
        await put(tx, { ...values, pending: true, generation: now - 1 }, { passwordHash: null });
        await alsoWrite(tx);
      }),
    );
  }

  private async newRow(email: string, password: string | null, source?: string) {
    refuseLookAlike(email);
    const passwordHash = password === null ? null : await this.passwords.hash(password, source);
    return { email: email.trim(), emailKey: emailKey(email), passwordHash };
  }

  async findByEmail(email: string): Promise<User | null> {
    const row = await this.rowOfEmail(email);
    return row && toUser(row);
  }

  async findById(id: string): Promise<User | null> {
    const row = await this.rowOfId(id);
    return row && toUser(row);
  }

  /**
   * Checks a login. The answer is the same, and takes the same time, for an unknown address, a wrong password and a
   * disabled account. The generation comes from the row that held the hash (protocol, 2): read any later, a login with
   * the old password would survive the password's change.
   *
   * @throws AuthError `invalid_credentials`
   * @example
   * ```ts
   * const { user, generation } = await users.authenticate(email, password);
   * await sessions.open({ sub: user.id, generation });
   * ```
   */
  async authenticate(email: string, password: string, options?: CheckOptions): Promise<AuthenticatedUser> {
    this.passwords.assertRoom(options?.source);
    const row = await this.verified(await this.rowOfEmail(email), password, options);
    await this.strengthen(row, password, options?.source);
    return { user: toUser(row), emailVerified: row.emailVerified, generation: row.generation };
  }

  /**
   * Checks the password of somebody who is logged in.
   * @returns the hash that was verified, for a change that must be made over this one only
   * @throws AuthError `invalid_credentials`
   */
  async verifyPassword(id: string, password: string, options?: CheckOptions): Promise<string> {
    return (await this.verified(await this.rowOfId(id), password, options)).passwordHash;
  }

  /** The address of an account, and whether it was confirmed; null: there is no such account. */
  async addressOf(id: string): Promise<UserAddress | null> {
    const row = await this.rowOfId(id);
    return row && { email: row.email, isVerified: row.emailVerified };
  }

  /** The library's `loadSubject`: null for who is unknown or disabled, which ends all sessions at their next refresh. */
  async loadSubject(sub: string): Promise<Subject | null> {
    const row = await this.rowOfId(sub);
    if (!row || row.disabled) return null;
    return { claims: { roles: row.roles, email: row.email }, generation: row.generation };
  }

  private async rowOfEmail(email: string): Promise<UserRow | null> {
    const key = emailKey(email);
    // PostgreSQL's text cannot hold it, and would answer with an error; nobody has such an address.
    if (key.includes('\0')) return null;
    const rows = await reachable(this.database.db.select().from(users).where(eq(users.emailKey, key)));
    return rows[0] ?? null;
  }

  private async rowOfId(id: string): Promise<UserRow | null> {
    if (!isUserId(id)) return null;
    return this.joinedRow(id.toLowerCase());
  }

  private async verified(
    row: UserRow | null,
    password: string,
    { admit, source }: CheckOptions = {},
  ): Promise<UserRow & { passwordHash: string }> {
    await admit?.(row && { sub: row.id, email: row.email, generation: row.generation });
    const right = row?.passwordHash
      ? await this.passwords.verify(row.passwordHash, password, source)
      : await this.passwords.verifyNothing(password, source);
    if (!row?.passwordHash || !right || row.disabled || row.pending) throw wrongCredentials();
    return { ...row, passwordHash: row.passwordHash };
  }

  /** Replaces a hash of lower cost now that the password is at hand. A login never fails for it. */
  private async strengthen({ id, passwordHash }: UserRow, password: string, source?: string): Promise<void> {
    if (!passwordHash || !this.passwords.needsRehash(passwordHash)) return;
    try {
      const stronger = await this.passwords.hash(password, source);
      // Only over the hash that was verified: the password may have been changed meanwhile.
      const unchanged = and(eq(users.id, id), eq(users.passwordHash, passwordHash));
      await this.database.db.update(users).set({ passwordHash: stronger }).where(unchanged);
    } catch {
      // The next login tries again.
    }
  }
}

/**
 * Adds a row, or takes over one that is nobody's yet. The constraint decides, not a look before: two registrations of one
 * address at once would both see it free.
 * @param takenOver what a row that was taken over gets in place of the values
 * @returns undefined when the address has an account
 */
async function put(
  tx: Queries,
  values: typeof users.$inferInsert,
  takenOver: Partial<UserRow> = {},
): Promise<UserRow | undefined> {
  const [row] = await tx
    .insert(users)
    .values(values)
    .onConflictDoUpdate({
      target: users.emailKey,
      set: { ...values, ...takenOver, generation: sql`greatest(${users.generation}, excluded.generation)` },
      setWhere: eq(users.pending, true),
    })
    .returning();
  // What was made for the password before must not serve the next one.
  if (row) await voidTickets(tx, row.id);
  return row;
}
