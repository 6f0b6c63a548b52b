import { hasOneSpelling } from './token-form.js';

const jwt = ['{"alg":"HS256"}', '{"sub":"ann"}', 'a signature'].map((part) => Buffer.from(part).toString('base64url'));

/** Usual libraries read other spellings too, and what is remembered of a token goes by its text. */
describe('a token of another issuer', () => {
  it('is taken as it was issued, and so is a text that only its issuer can read', () => {
    expect([jwt.join('.'), '5ebe2294-ecd0e0f0', 'opaque.token+of/any=kind'].map(hasOneSpelling)).toEqual([
      true,
      true,
      true,
    ]);
  });

  it.each([
    ['a blank before it', ` ${jwt.join('.')}`],
    ['a blank behind it', `${jwt.join('.')} `],
    ['a line break behind it', `${jwt.join('.')}\n`],
    ['padding in its header', [`${jwt[0]}==`, jwt[1], jwt[2]].join('.')],
    ['a blank before a text that only its issuer can read', ' 5ebe2294-ecd0e0f0'],
    ['a blank behind such a text', '5ebe2294-ecd0e0f0 '],
    ['a letter beyond ASCII in such a text', '5ebe2294-ecd0e0fé'],
  ])('is not taken with %s, which would be a second name for it', (_what, text) => {
    expect(hasOneSpelling(text)).toBe(false);
  });
});
