import { AUTH_ERRORS, AuthError, type AuthErrorCode } from '../auth.errors.js';
import { AuthHttpException } from './auth.exceptions.js';

const REALM = 'https://auth.example';
const START = `Bearer realm="${REALM}"`;
const exceptionFor = (code: AuthErrorCode, message = 'A sentence.', details = {}) =>
  new AuthHttpException(new AuthError(code, message, details), REALM);

/** Of every code: its status, and what `WWW-Authenticate` says beyond the realm; undefined where there is none. */
const TABLE: Record<keyof typeof AUTH_ERRORS, readonly [status: number, challenge?: string]> = {
  invalid_request: [400],
  token_missing: [401, ''],
  invalid_credentials: [401, ''],
  token_invalid: [401, ', error="invalid_token", error_description="A sentence."'],
  token_expired: [401, ', error="invalid_token", error_description="A sentence."'],
  token_not_yet_valid: [401, ', error="invalid_token", error_description="A sentence."'],
  token_reused: [401, ', error="invalid_token", error_description="A sentence."'],
  session_ended: [401, ', error="invalid_token", error_description="A sentence."'],
  session_revoked: [401, ', error="invalid_token", error_description="A sentence."'],
  session_replaced: [401, ', error="invalid_token", error_description="A sentence."'],
  insufficient_user_authentication: [401, ', error="insufficient_user_authentication", max_age="300"'],
  forbidden: [403],
  insufficient_scope: [403, ', error="insufficient_scope"'],
  not_found: [404],
  renewal_not_due: [409],
  renewal_exhausted: [409],
  session_limit_reached: [409],
  payload_too_large: [413],
  unsupported_media_type: [415],
  too_many_attempts: [429],
  internal_error: [500],
  claims_too_large: [500],
  store_unavailable: [503],
  temporarily_unavailable: [503],
};

describe('an AuthError as an HTTP answer', () => {
  it.each(Object.entries(TABLE) as [keyof typeof AUTH_ERRORS, readonly [number, string?]][])(
    '%s is answered with its status and challenge (RFC 6750 section 3)',
    (code, [status, challenge]) => {
      const exception = exceptionFor(code, 'A sentence.', { maxAge: 300 });
      expect(exception.getStatus()).toBe(status);
      expect(exception.getResponse()).toMatchObject({ statusCode: status, code, message: 'A sentence.' });
      expect(exception.headers['WWW-Authenticate']).toBe(challenge === undefined ? undefined : START + challenge);
    },
  );

  it.each(['order_closed', 'constructor', '__proto__'] as unknown as AuthErrorCode[])(
    'is a 500 for %s, a code without a row: a client must not take it for a lost login',
    (code) => {
      expect(exceptionFor(code).getStatus()).toBe(500);
      expect(exceptionFor(code).headers).toEqual({});
    },
  );

  it("has the status of a host's own row", () => {
    const codes = { order_closed: { status: 409, meaning: 'The order is closed.', client: 'Make a new one.' } };
    const error = new AuthError('order_closed', 'This order is closed.');
    expect(new AuthHttpException(error, REALM, { ...AUTH_ERRORS, ...codes }).getStatus()).toBe(409);
  });

  it('has the body of the contract, with details only where there are some', () => {
    expect(exceptionFor('token_expired').getResponse()).toEqual({
      statusCode: 401,
      error: 'Unauthorized',
      code: 'token_expired',
      message: 'A sentence.',
    });
    expect(exceptionFor('invalid_request', 'No.', { details: ['email is empty'] }).getResponse()).toEqual({
      ...{
        statusCode: 400,
        error: 'Bad Request',
        code: 'invalid_request',
        message: 'No.',
        details: ['email is empty'],
      },
    });
  });

  it.each([
    [30, '30'],
    [0.2, '1'],
    [0, '1'],
    [-5, '1'],
    [1.5, '2'],
  ])('says Retry-After in whole seconds: %d becomes %s, never 0, which would be a loop', (retryAfter, header) => {
    expect(exceptionFor('store_unavailable', 'Away.', { retryAfter }).headers['Retry-After']).toBe(header);
  });

  it('says nothing of when to retry where that is not known', () => {
    expect(exceptionFor('token_invalid').headers).not.toHaveProperty('Retry-After');
  });

  it('keeps the cause inside', () => {
    const exception = exceptionFor('store_unavailable', 'Away.', { cause: new Error('redis://user:pw@host') });
    expect(JSON.stringify([exception.getResponse(), exception.headers])).not.toContain('redis');
  });

  it.each(['a"b', 'a\\b', 'a\r\nSet-Cookie: x=y', 'a\0b', 'a\u007fb', 'ünïcode', 'a", error="x'])(
    'lets nothing of %j break out of a header, be it in a message or in the realm',
    (text) => {
      const plain =
        /^Bearer realm="[\x20-\x21\x23-\x5b\x5d-\x7e]*", error="invalid_token", error_description="[\x20-\x21\x23-\x5b\x5d-\x7e]*"$/;
      const exception = new AuthHttpException(new AuthError('token_invalid', text), `https://auth.example/${text}`);
      expect(exception.headers['WWW-Authenticate']).toMatch(plain);
    },
  );
});
