import { JWT_BEARER, presentedClient } from './presented-client.js';
import type { OAuthError } from './oauth.errors.js';

const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;
const present = (authorization?: string, form: Record<string, string> = {}) =>
  presentedClient(authorization, new Map(Object.entries(form)));
const codeOf = (run: () => unknown) => {
  try {
    run();
  } catch (error) {
    return (error as OAuthError).code;
  }
  return undefined;
};
const assertion = (claims: object) => `e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.sig`;

describe('how a client says who it is', () => {
  it('by Basic, both parts form-decoded (RFC 6749 section 2.3.1)', () => {
    expect(present(basic('a%3Ab:s+%2B%25'))).toEqual({
      method: 'client_secret_basic',
      clientId: 'a:b',
      secret: 's +%',
    });
  });

  it('by parameters of the form', () => {
    expect(present(undefined, { client_id: 'a', client_secret: 's' })).toEqual({
      method: 'client_secret_post',
      clientId: 'a',
      secret: 's',
    });
  });

  it('by an assertion, which names its client itself (RFC 7523 section 3)', () => {
    const client_assertion = assertion({ sub: 'a' });
    expect(present(undefined, { client_assertion, client_assertion_type: JWT_BEARER })).toEqual({
      method: 'private_key_jwt',
      clientId: 'a',
      assertion: client_assertion,
    });
  });

  it('by its name alone, where it has no credentials', () => {
    expect(present(undefined, { client_id: 'app' })).toEqual({ method: 'none', clientId: 'app' });
    expect(present('Bearer x', { client_id: 'app' })).toEqual({ method: 'none', clientId: 'app' });
  });

  it('by Basic with an empty secret, which is none: so libraries send the name of a public client', () => {
    expect(present(basic('app:'))).toEqual({ method: 'none', clientId: 'app' });
    expect(present(basic('app:'), { client_id: 'app' })).toEqual({ method: 'none', clientId: 'app' });
  });

  it('in one way only: two at once are refused, since nobody could tell which one counted', () => {
    const form = { client_id: 'a', client_secret: 's' };
    expect(codeOf(() => present(basic('a:s'), form))).toBe('invalid_request');
    const both = { client_assertion: assertion({ sub: 'a' }), client_assertion_type: JWT_BEARER, client_secret: 's' };
    expect(codeOf(() => present(undefined, both))).toBe('invalid_request');
  });

  it('and may say its name beside it', () => {
    expect(present(basic('a:s'), { client_id: 'a' })).toMatchObject({ clientId: 'a', secret: 's' });
    const form = { client_assertion: assertion({ sub: 'a' }), client_assertion_type: JWT_BEARER, client_id: 'a' };
    expect(present(undefined, form)).toMatchObject({ method: 'private_key_jwt', clientId: 'a' });
  });

  it.each([
    ['without its type', { client_assertion: assertion({ sub: 'a' }) }],
    ['of which there is the type alone', { client_assertion_type: JWT_BEARER }],
    ['of another type', { client_assertion: assertion({ sub: 'a' }), client_assertion_type: 'urn:other' }],
    ['of nobody', { client_assertion: assertion({ sub: '' }), client_assertion_type: JWT_BEARER }],
    ['of what is no name', { client_assertion: assertion({ sub: ['a'] }), client_assertion_type: JWT_BEARER }],
    ['that is no JWT', { client_assertion: 'a', client_assertion_type: JWT_BEARER }],
  ])('but not by an assertion %s, whatever name stands beside it', (_, form) => {
    expect(codeOf(() => present(undefined, { ...form, client_id: 'a' }))).toBe('invalid_client');
  });

  it('and names one client only', () => {
    expect(codeOf(() => present(basic('a:s'), { client_id: 'b' }))).toBe('invalid_request');
    const form = { client_assertion: assertion({ sub: 'a' }), client_assertion_type: JWT_BEARER, client_id: 'b' };
    expect(codeOf(() => present(undefined, form))).toBe('invalid_request');
  });

  it.each([
    ['nobody', undefined, {}],
    ['Basic without a colon', basic('a'), {}],
    ['Basic without a name', basic(':s'), {}],
    ['Basic that is no base64', 'Basic !!', {}],
    ['Basic with a broken escape', basic('a:%zz'), {}],
    ['Basic with nothing', 'Basic', {}],
    ['an assertion of another type', undefined, { client_assertion: assertion({ sub: 'a' }) }],
    ['an assertion that is no JWT', undefined, { client_assertion: 'x', client_assertion_type: JWT_BEARER }],
    ['a type without an assertion', undefined, { client_assertion_type: JWT_BEARER, client_id: 'a' }],
  ])('%s is invalid_client', (_, authorization, form) => {
    expect(codeOf(() => present(authorization, form as Record<string, string>))).toBe('invalid_client');
  });
});
