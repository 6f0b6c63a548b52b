import { readCookies, writeCookie } from './cookie-header.js';

const attributes = { path: '/auth', domain: undefined, sameSite: 'strict', maxAge: 60, insecure: false } as const;

describe('reading a cookie', () => {
  it.each<[string, string, string[]]>([
    ['alone', 'token=a.b.c', ['a.b.c']],
    ['among others', 'theme=dark; token=a.b.c; lang=en', ['a.b.c']],
    ['without the blanks', 'theme=dark;token=a.b.c;lang=en', ['a.b.c']],
    ['with tabs', 'theme=dark;\t token=a.b.c \t;lang=en', ['a.b.c']],
    ['with an equals sign inside', 'token=a=b', ['a=b']],
    ['not there', 'theme=dark', []],
    ['empty, as after a logout', 'token=', []],
    ['whose name only ends like it', 'my-token=a', []],
    ['whose name only begins like it', 'token2=a', []],
    ['of another case', 'Token=a', []],
    ['in the value of another', 'theme="x token=a"', []],
    ['no header', '', []],
    ['several, from hosts and paths that nobody can tell apart', 'token=a; x=1; token=; token=b', ['a', 'b']],
  ])('%s: %j', (_story, header, values) => {
    expect(readCookies(header, 'token')).toEqual(values);
  });

  it.each(['\u00a0', '\v', '\f', '\u2003', '\ufeff'])(
    'takes %j for no blank, since browsers do not: a cookie whose name begins with it is another cookie',
    (character) => {
      expect(readCookies(`theme=dark;${character}token=a`, 'token')).toEqual([]);
      expect(readCookies(`token=a${character}`, 'token')).toEqual([`a${character}`]);
    },
  );

  it('gives back what was written, whatever stands around it', () => {
    const alphabet = 'ABCxyz019-_.';
    for (let run = 0; run < 500; run++) {
      const value = Array.from({ length: 1 + (run % 40) }, (_, at) => alphabet[(run * 7 + at * 5) % 12]).join('');
      const [pair] = writeCookie('token', value, attributes).split('; ');
      expect(readCookies(`a=1; ${pair}; tokens=2`, 'token')).toEqual([value]);
    }
  });
});

describe('writing a cookie', () => {
  it('keeps it from scripts, from plain HTTP and from other sites', () => {
    expect(writeCookie('token', 'a.b.c', attributes)).toBe(
      'token=a.b.c; Path=/auth; Max-Age=60; HttpOnly; Secure; SameSite=Strict',
    );
  });

  it('goes without TLS where the options say so, for development', () => {
    expect(writeCookie('token', 'a.b.c', { ...attributes, insecure: true })).toBe(
      'token=a.b.c; Path=/auth; Max-Age=60; HttpOnly; SameSite=Strict',
    );
  });

  it('names the domain if there is one', () => {
    expect(writeCookie('token', 'a.b.c', { ...attributes, maxAge: undefined })).not.toContain('Max-Age');
    expect(writeCookie('token', '', { ...attributes, domain: 'shop.example', sameSite: 'none', maxAge: 0 })).toBe(
      'token=; Path=/auth; Domain=shop.example; Max-Age=0; HttpOnly; Secure; SameSite=None',
    );
  });
});
