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
