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

/** What a new password is judged by. */
export interface PasswordContext {
  /** In code points, `PASSWORD_MIN_LENGTH`. */
  readonly minLength: number;
  /** Of the account that it is for. */
  readonly email?: string;
  /** The host name of the service. */
  readonly service?: string;
}

/** Shorter parts of a name stand in many a good password by chance. */
const SHORTEST_PART = 3;
/** Ours, which everybody who knows this software tries. */
const PRODUCT = 'keyturn';

/**
 * What is wrong with a new password, in sentences for the person who chose it; empty when it may be used. Every
 * character is allowed and no mixture is asked for: composition rules make passwords worse (NIST SP 800-63B-4, 3.1.1.2).
 *
 * @example checkPassword('Password1', { minLength: 8 }) // ['This is one of the most common passwords; choose another.']
 */
export function checkPassword(password: string, { minLength, email = '', service = '' }: PasswordContext): string[] {
  const normalized = normalizePassword(password);
  const length = [...normalized].length;
  if (length < minLength) return [`The password must have at least ${minLength} characters.`];
  if (length > PASSWORD_MAX_LENGTH) return [`The password must have at most ${PASSWORD_MAX_LENGTH} characters.`];
  const folded = normalized.toLowerCase();
  if (COMMON_PASSWORDS.has(folded)) return ['This is one of the most common passwords; choose another.'];
  if (isMadeOf(folded, partsOf(email, service))) {
    return ['The password must not be made of the e-mail address or of the name of this service.'];
  }
  return [];
}

/** An address and a host name as a whole, and their parts; the longest first, so that each hides the parts within it. */
function partsOf(email: string, service: string): string[] {
  const whole = [email, service, PRODUCT].map((text) => normalizePassword(text.trim()).toLowerCase());
  const parts = whole.flatMap((text) => [text, ...text.split('@'), ...text.split(/[^\p{L}\p{N}]+/u)]);
  return [...new Set(parts)]
    .filter((part) => [...part].length >= SHORTEST_PART)
    .toSorted((a, b) => b.length - a.length);
}

/** What a guesser has to guess is the rest: without the words that he knows, less than a shortest password is left. */
function isMadeOf(password: string, parts: readonly string[]): boolean {
  const rest = parts.reduce((left, part) => left.replaceAll(part, ''), password);
  return rest !== password && [...rest].length < PASSWORD_LOWEST_MIN_LENGTH;
}
