import { isEmail } from 'class-validator';
import { and, eq, inArray } from 'drizzle-orm';
import { AuthError } from '../../index.js';
import type { Database, Queries } from '../database/database.js';
import { users } from '../database/users.schema.js';
import { lookAlikeFault } from './email-scripts.js';
import { hashFault } from './stored-hashes.js';
import { voidTickets } from './tickets.js';
import { emailKey, isUserId, MAX_ROLES, ROLE_NAME } from './user.js';

const MAX_EMAIL = 254;
const FIELDS = ['id', 'email', 'password_hash', 'roles', 'disabled', 'email_verified'];
/** Rows of one statement: PostgreSQL takes 65,535 parameters. */
const AT_ONCE = 1000;
/** Faults that are told; a file of another kind has one in each line. */
const TOLD = 50;

type NewUser = typeof users.$inferInsert;

/** Users of a file, and what is wrong with it, each as a sentence that begins with the line. */
export interface ParsedUsers {
  readonly rows: readonly { readonly line: number; readonly user: NewUser }[];
  readonly faults: readonly string[];
}

/**
 * Reads accounts from JSON lines: `email`, and if wished `id` (a UUID, the `sub` of tokens), `password_hash`, `roles`,
 * `disabled`, `email_verified`. Looks at all lines, so that everything that is wrong is told at once.
 */
export function parseUsers(text: string): ParsedUsers {
  const rows: { line: number; user: NewUser }[] = [];
  const faults: string[] = [];
  const seen = new Map<string, number>();
  text.split('\n').forEach((untrimmed, index) => {
    // A file of Windows begins with a byte order mark, which counts as white space here and is none for JSON.
    const content = untrimmed.trim();
    if (content === '') return;
    const line = index + 1;
    const { user, problems } = parseUser(content);
    for (const key of user ? [user.emailKey, ...(user.id === undefined ? [] : [user.id])] : []) {
      const before = seen.get(key);
      if (before === undefined) seen.set(key, line);
      else problems.push(`has the address or the id of line ${before}`);
    }
    faults.push(...problems.map((problem) => `line ${line} ${problem}`));
    if (user && problems.length === 0) rows.push({ line, user });
  });
  return { rows, faults };
}

/**
 * Adds the accounts of a file, all or none.
 * @returns how many
 * @throws AuthError `invalid_request` that names every line that is wrong; nothing was written then
 */
export async function importUsers(database: Database, text: string): Promise<number> {
  const { rows, faults } = parseUsers(text);
  refuseFaults(faults);
  await database.unhurried((db) =>
    db.transaction(async (tx) => {
      const chunks = Array.from({ length: Math.ceil(rows.length / AT_ONCE) }, (_, n) =>
        rows.slice(n * AT_ONCE, (n + 1) * AT_ONCE),
      );
      for (const chunk of chunks) await removePending(tx, chunk);
      const taken: string[] = [];
      for (const chunk of chunks) taken.push(...(await takenIn(tx, chunk)));
      refuseFaults(taken);
      for (const chunk of chunks) await tx.insert(users).values(chunk.map(({ user }) => user));
    }),
  );
  return rows.length;
}

/** @throws AuthError `invalid_request` that names every line, if there are any */
export function refuseFaults(faults: readonly string[]): void {
  if (faults.length === 0) return;
  const more = faults.length > TOLD ? `\n  and ${faults.length - TOLD} more` : '';
  const told = faults.slice(0, TOLD).map((fault) => `\n  ${fault}`);
  throw new AuthError('invalid_request', `Nothing was imported:${told.join('')}${more}`);
}

/** Accounts that are nobody's yet: any stranger can make one of any address, which must not stop an import. */
async function removePending(tx: Queries, rows: ParsedUsers['rows']): Promise<void> {
  const keys = rows.map(({ user }) => user.emailKey);
  const theirs = and(inArray(users.emailKey, keys), eq(users.pending, true));
  for (const { id } of await tx.delete(users).where(theirs).returning()) await voidTickets(tx, id);
}

/** Lines whose address or id has an account. */
async function takenIn(tx: Queries, rows: ParsedUsers['rows']): Promise<string[]> {
  const keys = rows.map(({ user }) => user.emailKey);
  const ids = rows.flatMap(({ user }) => user.id ?? []);
  const byKey = await tx.select({ key: users.emailKey }).from(users).where(inArray(users.emailKey, keys));
  const byId = ids.length > 0 ? await tx.select({ key: users.id }).from(users).where(inArray(users.id, ids)) : [];
  const there = new Set([...byKey, ...byId].map(({ key }) => key));
  return rows
    .filter(({ user }) => there.has(user.emailKey) || (user.id !== undefined && there.has(user.id)))
    .map(({ line }) => `line ${line} has an address or an id that has an account already`);
}

function parseUser(content: string): { readonly user: NewUser | null; readonly problems: string[] } {
  let given: Record<string, unknown>;
  try {
    given = JSON.parse(content) as Record<string, unknown>;
  } catch {
    return { user: null, problems: ['is no JSON'] };
  }
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    return { user: null, problems: ['is no JSON object'] };
  }
  const { id, email, password_hash: hash, roles = [], disabled = false, email_verified: emailVerified = false } = given;
  const problems = Object.keys(given)
    .filter((name) => !FIELDS.includes(name))
    .map((name) => `has the unknown field ${JSON.stringify(name)}; it may have ${FIELDS.join(', ')}`);
  const need = (is: boolean, problem: string | undefined): void => void (is || problems.push(problem!));
  const isAddress = typeof email === 'string' && email.length <= MAX_EMAIL && isEmail(email);
  need(isAddress, 'has no valid email');
  const lookAlike = isAddress ? lookAlikeFault(email) : undefined;
  need(lookAlike === undefined, `has a fault: ${lookAlike}`);
  need(id === undefined || (typeof id === 'string' && isUserId(id)), 'has an id that is no UUID');
  if (hash !== undefined && hash !== null) {
    const fault = typeof hash === 'string' ? hashFault(hash) : 'is no text';
    need(fault === undefined, `has a password_hash that ${fault}`);
  }
  need(areRoles(roles), `has roles that are no list of at most ${MAX_ROLES} names of letters, digits and . _ : -`);
  need(typeof disabled === 'boolean', 'has disabled that is not true or false');
  need(typeof emailVerified === 'boolean', 'has email_verified that is not true or false');
  if (problems.length > 0) return { user: null, problems };
  const user = {
    ...(id !== undefined && { id: (id as string).toLowerCase() }),
    email: (email as string).trim(),
    emailKey: emailKey(email as string),
    passwordHash: (hash as string | null | undefined) ?? null,
    roles: roles as string[],
    disabled: disabled as boolean,
    emailVerified: emailVerified as boolean,
  };
  return { user, problems };
}

const areRoles = (roles: unknown): boolean =>
  Array.isArray(roles) &&
  roles.length <= MAX_ROLES &&
  new Set(roles).size === roles.length &&
  roles.every((role) => typeof role === 'string' && ROLE_NAME.test(role));
