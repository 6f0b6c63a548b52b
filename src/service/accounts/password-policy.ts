import { COMMON_PASSWORDS } from './common-passwords.js';

/** Code points. NIST SP 800-63B-4, 3.1.1.2 asks for at least 64; the bound keeps a hash's cost independent of its input. */
export const PASSWORD_MAX_LENGTH = 128;

/** Code points. No `PASSWORD_MIN_LENGTH` goes below it: the list of common passwords begins at this length. */
export const PASSWORD_LOWEST_MIN_LENGTH = 8;

/**
 * The one spelling in which a password is measured, hashed and verified: NFC, as NIST SP 800-63B-4, 3.1.1.2 and the
 * OpaqueString profile of RFC 8265 have it, since one keyboard sends `é` and another `e` with an accent. Not NFKC (the
 * earlier NIST edition), which would take `ﬁ`, `²` and full-width letters for others and so weaken what was chosen.
 */
export const normalizePassword = (password: string): string => password.normalize('NFC');

/**
 * What is wrong with a new password, in sentences for the person who chose it; empty when it may be used. Every
 * character is allowed and no mixture is asked for: composition rules make passwords worse (NIST SP 800-63B-4, 3.1.1.2).
 *
 * @param minLength in code points, `PASSWORD_MIN_LENGTH`
 * @example checkPassword('Password1', { minLength: 8 }) // ['This is one of the most common passwords; choose another.']
 */
export function checkPassword(password: string, { minLength }: { readonly minLength: number }): string[] {
  const normalized = normalizePassword(password);
  const length = [...normalized].length;
  if (length < minLength) return [`The password must have at least ${minLength} characters.`];
  if (length > PASSWORD_MAX_LENGTH) return [`The password must have at most ${PASSWORD_MAX_LENGTH} characters.`];
  if (COMMON_PASSWORDS.has(normalized.toLowerCase()))
    return ['This is one of the most common passwords; choose another.'];
  return [];
}
