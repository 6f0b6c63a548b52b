import { readForm, requestedScopes, required } from './oauth-form.js';
import type { OAuthError } from './oauth.errors.js';

const FORM = 'application/x-www-form-urlencoded';

function errorOf(run: () => unknown): Pick<OAuthError, 'code' | 'message'> | undefined {
  try {
    run();
  } catch (error) {
    const { code, message } = error as OAuthError;
    return { code, message };
  }
  return undefined;
}

describe('the form of an OAuth request', () => {
  it.each([FORM, 'application/x-www-form-urlencoded; charset=utf-8', 'Application/X-WWW-Form-Urlencoded'])(
    'is read when it is sent as %s',
    (type) => {
      expect([...readForm(type, { grant_type: 'refresh_token' })]).toEqual([['grant_type', 'refresh_token']]);
    },
  );

  it.each(['application/json', 'multipart/form-data', 'application/x-www-form-urlencoded2', undefined])(
    'is refused when it is sent as %s, since other parsers read other things from it',
    (type) => {
      expect(errorOf(() => readForm(type, { a: 'b' }))?.code).toBe('invalid_request');
    },
  );

  it('refuses a parameter that comes twice, because two readers may take different ones', () => {
    expect(errorOf(() => readForm(FORM, { token: ['a', 'b'] }))?.code).toBe('invalid_request');
    expect(errorOf(() => readForm(FORM, { token: { nested: 'a' } }))?.code).toBe('invalid_request');
  });

  it('counts a parameter without a value as left out (RFC 6749 section 3.1)', () => {
    expect(errorOf(() => required(readForm(FORM, { token: '' }), 'token'))).toEqual({
      code: 'invalid_request',
      message: 'The parameter token is missing.',
    });
  });

  it('has no parameters that every object has', () => {
    const body: unknown = Object.create({ token: 'inherited' });
    expect(readForm(FORM, body).get('token')).toBeUndefined();
    expect(readForm(FORM, {}).get('__proto__')).toBeUndefined();
  });

  it('refuses text that is not well-formed', () => {
    expect(errorOf(() => readForm(FORM, { token: '\ud800' }))?.code).toBe('invalid_request');
  });
});

describe('the scopes that are asked for', () => {
  const scopes = (scope?: string) => requestedScopes(readForm(FORM, { ...(scope !== undefined && { scope }) }));

  it('are a list, each once', () => {
    expect(scopes('a b a')).toEqual(['a', 'b']);
    expect(scopes()).toBeUndefined();
  });

  it.each([' a', 'a  b', 'a\tb', 'a"b', 'ä'])('are refused when they are written as %j', (scope) => {
    expect(errorOf(() => scopes(scope))?.code).toBe('invalid_scope');
  });
});
