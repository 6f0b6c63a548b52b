import { forge, otherSpellings, part, withPart } from '../../test/support/forged-tokens.js';
import { AuthError } from '../auth.errors.js';
import { checkAccessClaims, checkRefreshClaims, checkTimes } from './claims-rules.js';
import { checkForm, decodeJson } from './token-form.js';

const NOW = 1_800_000_000;
const rules = { issuer: 'https://auth.example', audience: ['shop', 'stock'], clockTolerance: 5_000 };

const header = { alg: 'ES256', typ: 'at+jwt', kid: 'a-1' };
const payload = {
  iss: 'https://auth.example',
  aud: 'shop',
  sub: 'ann',
  client_id: 'default',
  iat: NOW - 60,
  exp: NOW + 60,
  jti: 'jti',
  sid: 'sid',
  auth_time: NOW - 60,
  gen: 0,
  claims_at: 0,
};
// 64 bytes, as ES256 signs; its last character has four unused bits.
const SIGNATURE_64 = Buffer.alloc(64, 7).toString('base64url');
const signature32 = () => Buffer.alloc(32, 7).toString('base64url');

const good = forge(header, payload, () => SIGNATURE_64);
const withHeader = (changes: object) => forge({ ...header, ...changes }, payload);
const withClaims = (changes: object) => forge(header, { ...payload, ...changes });
/** Claims as text, for numbers that JSON.stringify would turn into null. */
const withText = (from: string, to: string) => forge(header, JSON.stringify(payload).replace(from, to));

const codeOf = (check: () => unknown): string => {
  try {
    check();
    return 'accepted';
  } catch (error) {
    return error instanceof AuthError ? error.code : `${String(error)}, which would be a 500`;
  }
};

/** All rules but the signature, in the order in which a verifier applies them. */
const verdict = (token: string): string =>
  codeOf(() => {
    checkForm(token);
    checkTimes(checkAccessClaims(decodeJson(token.split('.')[1]!), rules), NOW * 1000, rules.clockTolerance);
  });

const deep = (depth: number) => `{"kid":"a-1","x":${'['.repeat(depth)}${']'.repeat(depth)}}`;

type Row = readonly [story: string, verdict: string, ...tokens: string[]];

const TABLE: readonly Row[] = [
  ['a good token', 'accepted', good],

  // typ (RFC 9068 section 2.1, RFC 8725 section 3.11)
  ['typ with its prefix', 'accepted', withHeader({ typ: 'application/at+jwt' })],
  ['typ in any case', 'accepted', withHeader({ typ: 'AT+JWT' }), withHeader({ typ: 'Application/At+Jwt' })],
  ['no typ', 'token_invalid', withHeader({ typ: undefined }), withHeader({ typ: null }), withHeader({ typ: '' })],
  [
    'another typ',
    'token_invalid',
    ...['JWT', 'at-jwt', 'at+jwt ', ' at+jwt', 'at+jwts', 'application/application/at+jwt', 'text/at+jwt'].map((typ) =>
      withHeader({ typ }),
    ),
  ],
  ['a typ that is no text', 'token_invalid', withHeader({ typ: ['at+jwt'] }), withHeader({ typ: { at: 'jwt' } })],
  ['a refresh token', 'token_invalid', withHeader({ typ: 'rt+jwt' })],

  // header members (RFC 7515 section 4.1.11, RFC 7797)
  ['crit', 'token_invalid', withHeader({ crit: ['exp'] }), withHeader({ crit: [] }), withHeader({ crit: null })],
  ['b64', 'token_invalid', withHeader({ b64: false }), withHeader({ b64: true })],
  ['zip, which would decompress the payload', 'token_invalid', withHeader({ zip: 'DEF' }), withHeader({ zip: null })],
  [
    'cty, which would nest a token in the payload',
    'token_invalid',
    withHeader({ cty: 'JWT' }),
    withHeader({ cty: '' }),
  ],
  ['no kid', 'token_invalid', withHeader({ kid: undefined }), withHeader({ kid: null }), withHeader({ kid: 7 })],
  ['no alg', 'token_invalid', withHeader({ alg: undefined }), withHeader({ alg: ['ES256'] })],
  ['a header that is no object', 'token_invalid', ...[[], 'text', 7, null].map((head) => forge(head, payload))],
  ['a header that is no JSON', 'token_invalid', forge('{', payload), forge('{"alg":"ES256"}{}', payload)],
  ['a header nested deeply', 'token_invalid', forge(deep(2_500), payload)],

  // spelling and size
  [
    'a signature in another spelling of the same bytes',
    'token_invalid',
    ...otherSpellings(SIGNATURE_64).map((spelling) => withPart(good, 2, () => spelling)),
    ...otherSpellings(signature32()).map((spelling) => withPart(good, 2, () => spelling)),
  ],
  [
    'a header or payload in another spelling',
    'token_invalid',
    // Of three lengths in a row, two leave bits unused.
    ...['a', 'aa', 'aaa'].flatMap((text) => {
      const token = forge({ ...header, x: text }, { ...payload, x: text });
      return [0, 1].flatMap((at) =>
        otherSpellings(token.split('.')[at]!).map((other) => withPart(token, at, () => other)),
      );
    }),
  ],
  ['padding', 'token_invalid', `${good}=`, `${good}==`, withPart(good, 0, (text) => `${text}=`)],
  [
    'line breaks and blanks',
    'token_invalid',
    `${good}\n`,
    ` ${good}`,
    good.replace('.', '\r\n.'),
    good.replace('.', ' .'),
  ],
  ['base64 in place of base64url', 'token_invalid', withPart(good, 2, () => `${'+/'.repeat(42)}+A`)],
  ['letters beyond ASCII', 'token_invalid', withPart(good, 2, (text) => `é${text.slice(1)}`), `${good.slice(0, -1)}\0`],
  ['a length that no bytes have', 'token_invalid', withPart(good, 2, () => 'AAAAA')],
  ['nothing', 'token_invalid', '', '.', '..', '...', part(header), `${part(header)}.${part(payload)}`],
  [
    'an empty part',
    'token_invalid',
    withPart(good, 0, () => ''),
    withPart(good, 1, () => ''),
    withPart(good, 2, () => ''),
  ],
  ['four or five parts', 'token_invalid', `${good}.`, `${good}.AA`, `${good}.AA.AA`],
  [
    'more than 8 KiB',
    'token_invalid',
    withClaims({ x: 'y'.repeat(6_200) }),
    'A'.repeat(10_000_000),
    '.'.repeat(10_000_000),
  ],
  ['8 KiB at most', 'accepted', withClaims({ x: 'y'.repeat(5_500) })],

  // payload
  [
    'a payload that is no object',
    'token_invalid',
    ...['[]', '"text"', '7', 'null', 'true', '', '{', '[{}]'].map((text) => `${part(header)}.${part(text) || 'AA'}.AA`),
  ],
  [
    'a payload nested deeply',
    'accepted',
    forge(header, `${JSON.stringify(payload).slice(0, -1)},"x":${'['.repeat(2_000)}${']'.repeat(2_000)}}`),
  ],
  [
    'another issuer',
    'token_invalid',
    ...['https://auth.example/', 'https://evil.example', '', undefined, null, ['https://auth.example']].map((iss) =>
      withClaims({ iss }),
    ),
  ],
  ['one audience of a verifier with two', 'accepted', withClaims({ aud: 'stock' })],
  ['a list that names one of ours', 'accepted', withClaims({ aud: ['other', 'shop'] })],
  [
    'another audience',
    'token_invalid',
    ...['other', 'shops', '', undefined, null, [], ['other'], ['sho', 'p'], [['shop']], { shop: true }].map((aud) =>
      withClaims({ aud }),
    ),
  ],
  ...(['sub', 'sid', 'jti', 'client_id'] as const).map((name): Row => [
    `no ${name}`,
    'token_invalid',
    ...[undefined, null, '', 7, ['x'], { x: 1 }, true].map((value) => withClaims({ [name]: value })),
  ]),

  // times: libraries take most of these
  ['a sub_type that is unknown', 'token_invalid', withClaims({ sub_type: 'robot' })],
  ['a client of its own that claims a login', 'token_invalid', withClaims({ sub_type: 'client', sub: 'default' })],
  ['a client that acts under another name', 'token_invalid', withClaims({ sub_type: 'client', auth_time: undefined })],
  ...(['exp', 'iat', 'auth_time', 'gen', 'claims_at'] as const).map((name): Row => [
    `${name} that is no whole number`,
    'token_invalid',
    ...[undefined, null, '', String(NOW), NOW + 0.5, [NOW], true, 2 ** 53].map((value) =>
      withClaims({ [name]: value }),
    ),
    ...['1e309', '-1e309', '9007199254740993', '1.8e9000'].map((number) =>
      withText(`"${name}":${payload[name]}`, `"${name}":${number}`),
    ),
  ]),
  [
    'exp now or before',
    'token_expired',
    withClaims({ exp: NOW }),
    withClaims({ exp: NOW - 1 }),
    withClaims({ exp: 0 }),
    withClaims({ exp: -NOW }),
  ],
  ['exp in a second', 'accepted', withClaims({ exp: NOW + 1 })],
  ['iat within the tolerance', 'accepted', withClaims({ iat: NOW + 5 })],
  ['iat beyond the tolerance', 'token_not_yet_valid', withClaims({ iat: NOW + 6 }), withClaims({ iat: NOW + 59 })],
  ['nbf beyond the tolerance', 'token_not_yet_valid', withClaims({ nbf: NOW + 6 })],
  ['nbf that is no time', 'token_invalid', withClaims({ nbf: 'now' }), withClaims({ nbf: null })],
  [
    'renew_until that is no time',
    'token_invalid',
    withClaims({ renew_until: 'never' }),
    withText('"gen"', '"renew_until":1e309,"gen"'),
  ],
  [
    'amr that is no list of names',
    'token_invalid',
    ...['pwd', null, ['pwd', 7], ['']].map((amr) => withClaims({ amr })),
  ],
  ['amr and renew_until as we write them', 'accepted', withClaims({ amr: ['pwd', 'otp'], renew_until: NOW + 99 })],
  ['exp a moment ago, which the tolerance does not lengthen', 'token_expired', withClaims({ exp: NOW - 1 })],
];

describe('the verification rules of an access token', () => {
  it.each(TABLE.map(([story, expected, ...tokens]) => ({ story, expected, tokens })))(
    '$story: $expected',
    ({ tokens, expected }) => {
      expect(tokens.length).toBeGreaterThan(0);
      for (const token of tokens)
        expect([token.slice(0, 400), verdict(token)]).toEqual([token.slice(0, 400), expected]);
    },
  );

  it('knows 16 spellings of a 64-byte signature and 4 of a 32-byte one, or the table above would prove nothing', () => {
    expect(otherSpellings(SIGNATURE_64)).toHaveLength(15);
    expect(otherSpellings(signature32())).toHaveLength(3);
  });

  it('takes the canonical spelling of any bytes', () => {
    for (let length = 1; length < 200; length++) {
      const bytes = Buffer.from(Array.from({ length }, (_, index) => (index * 37 + length * 101) % 256));
      expect(codeOf(() => checkForm(withPart(good, 2, () => bytes.toString('base64url'))))).toBe('accepted');
    }
  });

  it.each([
    ['iss', 'mismatch', { iss: 'https://evil.example' }],
    ['iss', 'missing', { iss: undefined }],
    ['aud', 'mismatch', { aud: 'other' }],
    ['exp', 'invalid', { exp: '1' }],
    ['iat', 'missing', { iat: undefined }],
    ['sub', 'invalid', { sub: 7 }],
    ['sid', 'missing', { sid: undefined }],
    ['jti', 'missing', { jti: undefined }],
    ['nbf', 'invalid', { nbf: 'soon' }],
    ['act', 'invalid', { act: 'bob' }],
    ['client_id', 'missing', { client_id: undefined }],
    ['gen', 'missing', { gen: undefined }],
    ['amr', 'invalid', { amr: 'pwd' }],
    ['sub_type', 'mismatch', { sub_type: 'robot' }],
    ['exp', 'mismatch', { exp: NOW - 1 }],
    ['iat', 'mismatch', { iat: NOW + 999 }],
    ['nbf', 'mismatch', { nbf: NOW + 999 }],
  ])('names the claim %s that is at fault (%s), so that code need not read messages', (claim, reason, changes) => {
    const check = () => checkTimes(checkAccessClaims({ ...payload, ...changes }, rules), NOW * 1000, 5_000);

    expect(check).toThrow(expect.objectContaining({ claim, reason }) as Error);
  });

  it('tells the expired from the forged, because the client of the first only has to refresh', () => {
    expect(verdict(withClaims({ exp: NOW - 1 }))).toBe('token_expired');
    expect(verdict(withClaims({ exp: NOW - 1, iss: 'https://evil.example' }))).toBe('token_invalid');
  });
});

describe('the rules of a refresh token', () => {
  const claims = {
    iss: rules.issuer,
    aud: rules.issuer,
    sub: 'ann',
    sid: 'sid',
    client_id: 'default',
    seq: 3,
    gen: 0,
    iat: NOW,
    exp: NOW + 60,
    sec: 'secret',
  };
  const verdictOf = (payload: unknown) => codeOf(() => checkRefreshClaims(payload, rules.issuer));

  it('takes one whose times are over, because the clock of the store decides about them', () => {
    expect(verdictOf(claims)).toBe('accepted');
    expect(verdictOf({ ...claims, iat: NOW + 9_999, exp: 1 })).toBe('accepted');
  });

  it.each([
    ['iss', ['https://evil.example', undefined]],
    ['aud', ['shop', undefined, ['https://auth.example']]],
    ['sub', ['', undefined, 7]],
    ['sid', ['', undefined, 7]],
    ['client_id', ['', undefined, 7]],
    ['seq', [-2, 0.5, '3', undefined, Infinity, 2 ** 53]],
    ['gen', [0.5, '0', undefined, NaN]],
    ['iat', [0.5, '1', undefined, Infinity]],
    ['exp', [0.5, '1', undefined, Infinity]],
    ['sec', ['', undefined, 7]],
  ])('refuses one whose %s is not as we make it', (name, values) => {
    for (const value of values) expect(verdictOf({ ...claims, [name]: value })).toBe('token_invalid');
    const check = () => checkRefreshClaims({ ...claims, [name]: undefined }, rules.issuer);
    expect(check).toThrow(expect.objectContaining({ claim: name, reason: 'missing' }) as Error);
  });

  it.each([[[]], ['text'], [7], [null], [undefined]])('refuses %j in place of claims', (payload) => {
    expect(verdictOf(payload)).toBe('token_invalid');
  });
});
