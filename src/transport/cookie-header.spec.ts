import { readCookie, writeCookie } from './cookie-header.js';

const attributes = { path: '/auth', domain: undefined, sameSite: 'strict', maxAge: 60 } as const;

describe('reading a cookie', () => {
  it.each([
    ['alone', 'token=a.b.c', 'a.b.c'],
    ['among others', 'theme=dark; token=a.b.c; lang=en', 'a.b.c'],
    ['without the blanks', 'theme=dark;token=a.b.c;lang=en', 'a.b.c'],
    ['with an equals sign inside', 'token=a=b', 'a=b'],
    ['not there', 'theme=dark', undefined],
    ['empty, as after a logout', 'token=', undefined],
    ['whose name only ends like it', 'my-token=a', undefined],
    ['whose name only begins like it', 'token2=a', undefined],
    ['of another case', 'Token=a', undefined],
    ['in the value of another', 'theme="x token=a"', undefined],
    ['no header', '', undefined],
  ])('%s: %j', (_story, header, value) => {
    expect(readCookie(header, 'token')).toBe(value);
  });

  it.each(['token=a; token=b', 'token=a; x=1; token=a', 'token=; token=a'])('refuses two of one name: %j', (header) => {
    expect(() => readCookie(header, 'token')).toThrow(expect.objectContaining({ code: 'invalid_request' }));
  });

  it('gives back what was written, whatever stands around it', () => {
    const alphabet = 'ABCxyz019-_.';
    for (let run = 0; run < 500; run++) {
      const value = Array.from({ length: 1 + (run % 40) }, (_, at) => alphabet[(run * 7 + at * 5) % 12]).join('');
      const [pair] = writeCookie('token', value, attributes).split('; ');
      expect(readCookie(`a=1; ${pair}; tokens=2`, 'token')).toBe(value);
    }
  });
});

describe('writing a cookie', () => {
  it('keeps it from scripts, from plain HTTP and from other sites', () => {
    expect(writeCookie('token', 'a.b.c', attributes)).toBe(
      'token=a.b.c; Path=/auth; Max-Age=60; HttpOnly; Secure; SameSite=Strict',
    );
  });

  it('names the domain if there is one', () => {
    expect(writeCookie('token', 'a.b.c', { ...attributes, maxAge: undefined })).not.toContain('Max-Age');
    expect(writeCookie('token', '', { ...attributes, domain: 'shop.example', sameSite: 'none', maxAge: 0 })).toBe(
      'token=; Path=/auth; Domain=shop.example; Max-Age=0; HttpOnly; Secure; SameSite=None',
    );
  });
});
