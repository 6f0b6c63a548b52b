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

  const context = { minLength: 8, email: 'Ada.Lovelace@mail.shop.example', service: 'auth.shop.example' };

  it.each([
    'ada.lovelace@mail.shop.example',
    'Ada.Lovelace',
    'LOVELACE',
    'lovelace1843',
    '!adalovelace!',
    'mail.shop.example',
    'auth.shop.example',
    'shopexample1',
    'Keyturn2026',
    'keyturnkeyturn',
  ])(
    'refuses %s to Ada at that shop, because who knows her address or the service has little left to guess',
    (password) => {
      const sentence = 'The password must not be made of the e-mail address or of the name of this service.';
      expect(checkPassword(password, context)).toEqual([sentence]);
    },
  );

  it.each(['correct horse in the shop', 'lovelace writes programs', 'adapter cable box', 'qx7!mail.Trw9vz'])(
    'accepts %s, in which such a word is a small part',
    (password) => {
      expect(checkPassword(password, context)).toEqual([]);
    },
  );

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
