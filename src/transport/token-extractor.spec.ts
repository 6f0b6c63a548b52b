import { AuthError } from '../auth.errors.js';
import { extractBearer } from './token-extractor.js';

const requestWith = (authorization?: string, ...rawHeaders: string[]) => ({ headers: { authorization }, rawHeaders });
const refusal = (request: Parameters<typeof extractBearer>[0]): unknown => {
  try {
    return extractBearer(request);
  } catch (error) {
    return error instanceof AuthError ? error.code : error;
  }
};

describe('the bearer token of a request', () => {
  it.each(['Bearer a.b.c', 'bearer a.b.c', 'BEARER a.b.c', 'Bearer   a.b.c', 'Bearer a.b.c '])(
    'is found in %j',
    (header) => {
      expect(extractBearer(requestWith(header))).toBe('a.b.c');
    },
  );

  it.each([undefined, '', 'Basic YTpi', 'Bearerer a.b.c', 'Bearer:a.b.c', 'Token a.b.c', 'a.b.c', 'DPoP a.b.c'])(
    'is not there in %j: another scheme counts as none',
    (header) => {
      expect(extractBearer(requestWith(header))).toBeUndefined();
    },
  );

  it.each(['Bearer', 'bearer', 'Bearer ', 'Bearer a b', 'Bearer a\tb', 'Bearer Bearer a.b.c', 'Bearer a,\u00a0b'])(
    'is refused as a bad request in %j: RFC 6750 section 3.1',
    (header) => {
      expect(refusal(requestWith(header))).toBe('invalid_request');
    },
  );

  it('is refused when there are two headers, of which Node shows only the first', () => {
    const two = ['Host', 'x', 'Authorization', 'Bearer a', 'authorization', 'Bearer b'];
    expect(refusal(requestWith('Bearer a', ...two))).toBe('invalid_request');
    expect(refusal({ headers: { authorization: 'Bearer a' }, raw: { rawHeaders: two } })).toBe('invalid_request');
    expect(refusal({ headers: { authorization: ['Bearer a', 'Bearer b'] } })).toBe('invalid_request');
    expect(refusal(requestWith('Basic a', 'Authorization', 'Basic a', 'Authorization', 'Bearer b'))).toBe(
      'invalid_request',
    );
  });

  it('is taken when a value, not a name, reads Authorization', () => {
    const values = ['X-Header', 'Authorization', 'Authorization', 'Bearer a', 'X-Other', 'authorization'];
    expect(extractBearer(requestWith('Bearer a', ...values))).toBe('a');
  });

  it('is taken from a handshake, which has no raw headers', () => {
    expect(extractBearer({ headers: { authorization: 'Bearer a.b.c' } })).toBe('a.b.c');
  });
});
