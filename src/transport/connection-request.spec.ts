import { connectionRequest } from './connection-request.js';
import type { IncomingRequest } from './incoming-request.js';
import { isSafe } from './same-origin.js';

const authorizationOf = (params: unknown, upgrade: IncomingRequest = { headers: {} }) =>
  connectionRequest(upgrade, params).headers.authorization;

describe('the handshake of a connection as a request', () => {
  it.each<[string, unknown, string | undefined]>([
    ['the token of socket.io', { token: 'abc' }, 'Bearer abc'],
    ['access_token', { access_token: 'abc' }, 'Bearer abc'],
    ['a token that has its scheme', { token: 'Bearer abc' }, 'Bearer abc'],
    ['Authorization in any case', { AUTHORIZATION: 'bearer abc' }, 'bearer abc'],
    ['Authorization below headers', { headers: { authorization: 'Bearer abc' } }, 'Bearer abc'],
    ['nothing', undefined, undefined],
    ['an empty token', { token: '' }, undefined],
    ['a token that is no text', { token: { $ne: 1 }, authorization: ['Bearer abc'] }, undefined],
  ])('takes %s', (_story, params, expected) => {
    expect(authorizationOf(params)).toBe(expected);
  });

  it('puts what the client gave before what the headers say, which browsers cannot set', () => {
    const upgrade = { headers: { authorization: 'Bearer old' } };
    expect(authorizationOf({ token: 'new' }, upgrade)).toBe('Bearer new');
    expect(authorizationOf({}, upgrade)).toBe('Bearer old');
  });

  it.each([
    ['bearer, abc', 'Bearer abc'],
    ['bearer,abc', 'Bearer abc'],
    // The server would answer with the first one: a token before `bearer` would come back in a header.
    ['abc, bearer', undefined],
    ['bearer', undefined],
    ['graphql-transport-ws', undefined],
  ])('reads the sub-protocol %s', (offered, expected) => {
    expect(authorizationOf(undefined, { headers: { 'sec-websocket-protocol': offered } })).toBe(expected);
  });

  it('does not believe parsed headers, among which some servers put what a client sent later', () => {
    const upgrade = {
      headers: { cookie: 'a=1', origin: 'https://evil.example', 'sec-fetch-site': 'same-origin' },
      rawHeaders: ['Cookie', 'a=1', 'Origin', 'https://evil.example'],
    };
    expect(connectionRequest(upgrade).headers).toEqual({ cookie: 'a=1', origin: 'https://evil.example' });
    expect(connectionRequest({ ...upgrade, rawHeaders: undefined, raw: upgrade }).headers).toEqual({
      cookie: 'a=1',
      origin: 'https://evil.example',
    });
  });

  it('keeps two headers of one name two, so that they are refused', () => {
    const rawHeaders = ['Authorization', 'Bearer a', 'authorization', 'Bearer b'];
    expect(authorizationOf(undefined, { headers: {}, rawHeaders })).toEqual(['Bearer a', 'Bearer b']);
  });

  it('counts as a call that may change something, so that its cookies are judged by their origin', () => {
    expect(isSafe(connectionRequest({ headers: { cookie: 'a=1' }, method: 'GET' }))).toBe(false);
  });
});
