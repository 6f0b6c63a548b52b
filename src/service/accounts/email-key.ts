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
