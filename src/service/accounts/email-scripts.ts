import { AuthError } from '../../index.js';
import { emailKey, hasInvisible } from './user.js';

/**
 * The scripts of people's languages (UAX 31, table 5), but those that go together in one word: Latin letters with the
 * three ways in which Chinese, Japanese and Korean are written (UTS 39, section 5.2, "highly restrictive").
 */
const ALONE =
  'Arabic Armenian Bengali Cyrillic Devanagari Ethiopic Georgian Greek Gujarati Gurmukhi Hebrew Kannada Khmer Lao ' +
  'Malayalam Myanmar Oriya Sinhala Tamil Telugu Thaana Thai Tibetan';
const TOGETHER = ['Latin Han Hiragana Katakana', 'Latin Han Bopomofo', 'Latin Han Hangul'];

/** Digits, signs and marks go with every script. */
const ONE_SCRIPT = new RegExp(
  [...ALONE.split(' '), ...TOGETHER]
    .map((scripts) => scripts.split(' ').map((script) => `\\p{Script_Extensions=${script}}`))
    .map((letters) => `^[${letters.join('')}\\p{Script=Common}\\p{Script=Inherited}]*$`)
    .join('|'),
  'u',
);

/**
 * Whether a part of an address (the name, or one label of the domain) mixes scripts, as `pаypal` does with one Cyrillic
 * letter: so it looks like another address, and would be an account of its own beside that one's.
 *
 * @param key of the address, see `emailKey`
 */
export const mixesScripts = (key: string): boolean => key.split(/[@.]/).some((part) => !ONE_SCRIPT.test(part));

/**
 * Refuses a new address that could be taken for another one.
 * @throws AuthError `invalid_request`
 */
export function refuseLookAlike(email: string): void {
  const fault = lookAlikeFault(email);
  if (fault) throw new AuthError('invalid_request', `The request is not valid: ${fault}.`, { details: [fault] });
}

/** What is wrong with a new address; undefined if nothing. */
export function lookAlikeFault(email: string): string | undefined {
  if (hasInvisible(email)) return 'email must not have invisible characters';
  return mixesScripts(emailKey(email)) ? 'email must not mix letters of different scripts in one word' : undefined;
}
