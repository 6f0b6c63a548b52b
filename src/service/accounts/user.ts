import type { users } from '../database/users.schema.js';

/** Who can log in; never with the password's hash. */
export interface User {
  readonly id: string;
  readonly email: string;
  readonly roles: readonly string[];
  readonly disabled: boolean;
}

export type UserRow = typeof users.$inferSelect;

export const toUser = ({ id, email, roles, disabled }: UserRow): User => ({ id, email, roles, disabled });

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Ids come from outside; what is no UUID would be an error of the query, and is nobody. */
export const isUserId = (id: string): boolean => UUID.test(id);

/** How many roles an account may have: with the longest address and names they still fit the 1 KiB of a token's claims. */
export const MAX_ROLES = 16;

/** 1 to 32 characters that need no quoting anywhere, so that a role means the same in a token, a header and a log. */
export const ROLE_NAME = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,31}$/;

/**
 * What nobody sees in an address: blanks inside, controls, zero-width and bidirectional characters. With one of them an
 * address looks like another, and would be an account of its own beside that one's.
 */
const INVISIBLE = /[\p{C}\p{Z}\p{Default_Ignorable_Code_Point}]/u;

/** Whether an address has a character that nobody sees. Blanks around it are no fault: they are not part of its key. */
export const hasInvisible = (email: string): boolean => INVISIBLE.test(email.trim());

/**
 * The spelling under which an address is unique and looked up: NFKC, trimmed, lower case. So `Ann@Example.com`, a pasted
 * trailing blank and full-width letters are one account, not two. Mail is sent to the address as it was given, never to
 * this: two mailboxes may share a key, and the one that asks must not be answered in the other.
 *
 * @example emailKey(' Ann@Example.COM ') === 'ann@example.com'
 */
export const emailKey = (email: string): string => {
  // Lower case can undo NFKC (U+0130 becomes two code points), so it is composed once more.
  const folded = email.normalize('NFKC').trim().toLowerCase();
  return folded.normalize('NFKC');
};
