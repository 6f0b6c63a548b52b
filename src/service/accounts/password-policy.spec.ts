import { COMMON_PASSWORDS } from './common-passwords.js';
import { checkPassword, normalizePassword, PASSWORD_LOWEST_MIN_LENGTH } from './password-policy.js';

const check = (password: string, minLength = 8) => checkPassword(password, { minLength });

describe('the password policy', () => {
  it.each([
    ['correct horse battery staple', 'blanks and words make the best passwords'],
    ['        ', 'every character is allowed, even only blanks'],
    ['zweiundzwanzig', 'no mixture of classes is asked for'],
    ['🔑🔑🔑🔑🔑🔑🔑🔑', 'a sign outside the first plane is one character'],
    ['\u0000\u0001\u0002\u0003\u0004\u0005\u0006\u0007', 'control characters are characters'],
    ['x'.repeat(128), '128 characters are the longest that are promised'],
  ])('accepts %j: %s', (password) => {
    expect(check(password)).toEqual([]);
  });

  it('refuses one character less than the least, and says how many it wants', () => {
    expect(check('1234567')).toEqual(['The password must have at least 8 characters.']);
    expect(check('long enough for 8', 20)).toEqual(['The password must have at least 20 characters.']);
  });

  it('counts code points, so that four keys do not pass for eight', () => {
    expect(check('🔑🔑🔑🔑')).toEqual(['The password must have at least 8 characters.']);
  });

  it('counts what is hashed: an accent of its own is no character once it is composed', () => {
    expect(check('e\u0301'.repeat(7))).toEqual(['The password must have at least 8 characters.']);
  });

  it('refuses 129 characters rather than cutting them off', () => {
    expect(check('x'.repeat(129))).toEqual(['The password must have at most 128 characters.']);
  });

  it.each([
    'password',
    '12345678',
    'qwertyuiop',
    'iloveyou',
    '00000000',
    '987654321',
    'admin123',
    'P@ssw0rd',
    'PASSWORD1',
  ])('refuses %s, which is guessed first, in any case', (password) => {
    expect(check(password)).toEqual(['This is one of the most common passwords; choose another.']);
  });

  it('takes the two spellings of one letter for one password, and a ligature for its own', () => {
    expect(normalizePassword('re\u0301sume\u0301')).toBe('r\u00e9sum\u00e9');
    expect(normalizePassword('\ufb01sh')).not.toBe('fish');
  });
});

describe('the list of common passwords', () => {
  it('holds 3,000 that could be chosen, in the spelling that is looked up', () => {
    const unreachable = [...COMMON_PASSWORDS].filter(
      (word) => [...word].length < PASSWORD_LOWEST_MIN_LENGTH || word !== normalizePassword(word).toLowerCase(),
    );
    expect(unreachable).toEqual([]);
    expect(COMMON_PASSWORDS.size).toBeGreaterThanOrEqual(3000);
  });
});
