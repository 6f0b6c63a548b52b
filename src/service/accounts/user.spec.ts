import { emailKey, hasInvisible } from './user.js';

it.each(['ann\u200b@x.example', '\u202eann@x.example', 'a\u00adnn@x.example', 'a nn@x.example', 'ann\u3164@x.example'])(
  'an address with a character that nobody sees is told from the plain one: %j',
  (email) => {
    expect([hasInvisible(email), hasInvisible('ann@x.example'), hasInvisible(' ann@x.example ')]).toEqual([
      true,
      false,
      false,
    ]);
  },
);

describe('the key of an e-mail address', () => {
  it.each([
    ['Ann@Example.COM', 'the case of an address is not remembered by people'],
    [' ann@example.com\t', 'blanks come along when an address is pasted'],
    ['\u00a0ann@example.com\u3000', 'so do the blanks of other scripts'],
    ['ａｎｎ@example.com', 'input methods produce full-width letters'],
  ])('takes %j for ann@example.com, since %s', (email) => {
    expect(emailKey(email)).toBe('ann@example.com');
  });

  it('is one key for composed and decomposed letters, which look the same', () => {
    expect(emailKey('jos\u00e9@example.com')).toBe(emailKey('jose\u0301@example.com'));
  });

  it('keeps addresses apart that are different mailboxes', () => {
    expect(emailKey('ann+shop@example.com')).not.toBe(emailKey('ann@example.com'));
    expect(emailKey('a.nn@example.com')).not.toBe(emailKey('ann@example.com'));
  });

  it('is its own key, for every letter there is: else an account could be registered and never found', () => {
    const unstable: string[] = [];
    for (let point = 0; point <= 0x10ffff; point++) {
      if (point >= 0xd800 && point <= 0xdfff) continue;
      const key = emailKey(`a${String.fromCodePoint(point)}\u0301@example.com`);
      if (emailKey(key) !== key) unstable.push(point.toString(16));
    }
    expect(unstable).toEqual([]);
  });
});
