import type { AuthError } from '../auth.errors.js';
import { refreshTokenBody } from './refresh-token-body.js';

function faultsOf(body: unknown): readonly string[] | undefined {
  try {
    refreshTokenBody(body);
  } catch (error) {
    expect((error as AuthError).code).toBe('invalid_request');
    return (error as AuthError).details;
  }
  throw new Error('the body was taken');
}

describe('the body of a refresh', () => {
  it.each([
    ['a token', { refresh_token: 'x' }, 'x'],
    ['nothing, since a cookie may carry the token', undefined, undefined],
    ['null, which some parsers make of no body', null, undefined],
    ['no field', {}, undefined],
  ])('may be %s', (_, body, token) => {
    expect(refreshTokenBody(body)).toEqual({ refresh_token: token });
  });

  it.each([
    ['a number', { refresh_token: 7 }, ['refresh_token must be a string of well-formed Unicode']],
    ['half a character', { refresh_token: '\ud800' }, ['refresh_token must be a string of well-formed Unicode']],
    ['a field named by half a character', { '\udfff': 1 }, ['property \ufffd should not exist']],
    ['a field that every object inherits', { constructor: 1 }, ['property constructor should not exist']],
    ['null in the field', { refresh_token: null }, ['refresh_token must be a string of well-formed Unicode']],
    ['a field that nobody knows', { refresh_token: 'x', scope: 'a' }, ['property scope should not exist']],
    ['a field that every object has', JSON.parse('{"__proto__":{}}'), ['property __proto__ should not exist']],
  ])('must not hold %s', (_, body, faults) => {
    expect(faultsOf(body)).toEqual(faults);
  });

  it.each([[[]], ['text'], [7], [true]])('must be an object, not %j', (body) => {
    expect(faultsOf(body)).toBeUndefined();
  });
});
