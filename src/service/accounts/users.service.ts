import { Injectable } from '@nestjs/common';
import { and, desc, eq } from 'drizzle-orm';
import { AuthError } from '../../index.js';
import { reachable, violates } from '../database/database-errors.js';
import { Database } from '../database/database.js';
import { PasswordHasher } from './passwords.js';
import { mixesScripts } from './email-scripts.js';
import { emailKey, hasInvisible, isUserId, toUser, type User, type UserRow } from './user.js';
import { EMAIL_KEY_UNIQUE, users } from '../database/users.schema.js';

/** A user whose password was right, and the generation that was read together with its hash. */
export interface AuthenticatedUser {
  readonly user: User;
  readonly generation: number;
}

/** What an access token says of a subject, and the durable generation that its tokens must have. */
export interface Subject {
  readonly claims: { readonly roles: readonly string[]; readonly email: string };
  readonly generation: number;
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

const wrongCredentials = (): AuthError => new AuthError('invalid_credentials', 'E-mail address or password is wrong.');

/**
 * The users table. Every method throws `AuthError('store_unavailable')` when the database does not answer, and those
 * with a password `AuthError('temporarily_unavailable')` when too many are being hashed.
 */
@Injectable()
export class UsersService {
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
    source?: string,
  ): Promise<User> {
    const fault = lookAlikeFault(email);
    if (fault) throw new AuthError('invalid_request', `The request is not valid: ${fault}.`, { details: [fault] });
    const passwordHash = password === null ? null : await this.passwords.hash(password, source);
    const insert = this.database.db
      .insert(users)
      .values({ email: email.trim(), emailKey: emailKey(email), passwordHash, roles: [...roles] });
    // The constraint decides, not a look before: two registrations of one address at once would both see it free.
    const rows = await reachable(
      insert.returning().then(undefined, (error: unknown) => {
        if (violates(error, EMAIL_KEY_UNIQUE))
          throw new AuthError('email_taken', 'This e-mail address has an account.');
        throw error;
      }),
    );
    return toUser(rows[0]!);
  }

  async findByEmail(email: string): Promise<User | null> {
    const row = await this.rowOfEmail(email);
    return row && toUser(row);
  }

  /** The newest first. */
  async newest(limit: number): Promise<User[]> {
    const rows = await reachable(
      this.database.db.select().from(users).orderBy(desc(users.createdAt), users.id).limit(limit),
    );
    return rows.map(toUser);
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
    return { user: toUser(row), generation: row.generation };
  }

  /**
   * Checks the password of somebody who is logged in.
   * @returns the hash that was verified, for a change that must be made over this one only
   * @throws AuthError `invalid_credentials`
   */
  async verifyPassword(id: string, password: string, options?: CheckOptions): Promise<string> {
    return (await this.verified(await this.rowOfId(id), password, options)).passwordHash;
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
    const rows = await reachable(this.database.db.select().from(users).where(eq(users.id, id)));
    return rows[0] ?? null;
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
    if (!row?.passwordHash || !right || row.disabled) throw wrongCredentials();
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

function lookAlikeFault(email: string): string | undefined {
  if (hasInvisible(email)) return 'email must not have invisible characters';
  return mixesScripts(emailKey(email)) ? 'email must not mix letters of different scripts in one word' : undefined;
}
