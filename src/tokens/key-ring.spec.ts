import { generateKeyPairSync, randomBytes, type JsonWebKey } from 'node:crypto';
import { AuthConfigError } from '../auth.errors.js';
import { generateKeys } from './generate-keys.js';
import { parseKeyRing, type KeyRing } from './key-ring.js';

const DAY = 86_400_000;
const NOW = Date.parse('2026-03-01T12:00:00Z');
const at = (days: number) => new Date(NOW + days * DAY).toISOString();

const secret = () => randomBytes(32).toString('base64url');
const ec = (namedCurve = 'P-256'): JsonWebKey =>
  generateKeyPairSync('ec', { namedCurve }).privateKey.export({ format: 'jwk' });
const zeros = Buffer.alloc(32).toString('base64url');
const rsa = (modulusLength: number, publicExponent = 65_537): JsonWebKey =>
  generateKeyPairSync('rsa', { modulusLength, publicExponent }).privateKey.export({ format: 'jwk' });

const access = { ...ec(), kid: 'a', purpose: 'access' };
const refresh = { kty: 'oct', k: secret(), kid: 'r', purpose: 'refresh' };
const ringOf = (...keys: object[]) => parseKeyRing({ keys }, 'ES256');

it('reads a key file that an editor began with a byte order mark', () => {
  expect(parseKeyRing(`\uFEFF${JSON.stringify({ keys: [access, refresh] })}`, 'ES256').list(NOW)).toHaveLength(2);
});

describe('the key ring: who signs', () => {
  const ring = ringOf(
    { ...access, kid: 'old', retire_at: at(10) },
    { ...access, kid: 'present', use_from: at(-1) },
    { ...access, kid: 'coming', use_from: at(5) },
    refresh,
  );

  it('signs with the key that came into use last, so all instances switch by time alone', () => {
    expect(ring.active('access', NOW - 2 * DAY).kid).toBe('old');
    expect(ring.active('access', NOW).kid).toBe('present');
    expect(ring.active('access', NOW + 5 * DAY - 1).kid).toBe('present');
    expect(ring.active('access', NOW + 5 * DAY).kid).toBe('coming');
  });

  it('goes back to an older key when the newer one is retired', () => {
    const retiring = ringOf(access, { ...access, kid: 'brief', use_from: at(0), retire_at: at(1) }, refresh);
    expect(retiring.active('access', NOW + DAY - 1).kid).toBe('brief');
    expect(retiring.active('access', NOW + DAY).kid).toBe('a');
  });

  it('takes the last of the list where the times are the same, so that a key is added at the end', () => {
    expect(ringOf(access, { ...access, kid: 'b' }, refresh).active('access', NOW).kid).toBe('b');
  });

  it('never signs access tokens with a refresh key, nor with one of another algorithm', () => {
    const mixed = ringOf(refresh, access, { kty: 'oct', k: secret(), kid: 'h', purpose: 'access' });
    expect(mixed.active('access', NOW).kid).toBe('a');
    expect(mixed.active('refresh', NOW).kid).toBe('r');
  });

  it('says when no key is in use', () => {
    const over = ringOf({ ...access, retire_at: at(0) }, refresh);
    expect(over.activeOrNone('access', NOW)).toBeUndefined();
    expect(() => over.active('access', NOW)).toThrow(/keys: no access key is in use at 2026-03-01/);
  });

  it('verifies with a key until it is retired, and before it signs, since another clock may be ahead', () => {
    expect(ring.verifying('access', 'old', 'ES256', NOW + 10 * DAY - 1)).toBeDefined();
    expect(ring.verifying('access', 'old', 'ES256', NOW + 10 * DAY)).toBeUndefined();
    expect(ring.verifying('access', 'coming', 'ES256', NOW)).toBeDefined();
  });

  it('lets a key verify its own purpose and algorithm alone', () => {
    expect(ring.verifying('refresh', 'old', 'ES256', NOW)).toBeUndefined();
    expect(ring.verifying('access', 'old', 'HS256', NOW)).toBeUndefined();
    expect(ring.verifying('access', 'r', 'HS256', NOW)).toBeUndefined();
    expect(ring.verifying('access', 'unknown', 'ES256', NOW)).toBeUndefined();
    expect(ring.verifying('access', '__proto__', 'ES256', NOW)).toBeUndefined();
  });
});

describe('the key ring: for how long', () => {
  const ring = ringOf(
    { ...access, kid: 'first', retire_at: at(10) },
    { ...access, kid: 'second', use_from: at(5), retire_at: at(20) },
    { ...access, kid: 'late', use_from: at(25) },
    { ...refresh, retire_at: at(3) },
  );

  it('tells the first time at which nobody signs, and no gap that has passed', () => {
    expect(ring.signsUntil('access', NOW)).toBe(NOW + 20 * DAY);
    expect(ring.signsUntil('access', NOW + 21 * DAY)).toBe(NOW + 21 * DAY);
    expect(ring.signsUntil('access', NOW + 25 * DAY)).toBe(Infinity);
    expect(ring.signsUntil('refresh', NOW)).toBe(NOW + 3 * DAY);
  });

  it('tells when the next key of a purpose stops verifying', () => {
    expect(ring.nextRetirement('access', NOW)).toBe(NOW + 10 * DAY);
    expect(ring.nextRetirement('access', NOW + 10 * DAY)).toBe(NOW + 20 * DAY);
    expect(ring.nextRetirement('access', NOW + 20 * DAY)).toBe(Infinity);
  });

  it('lists what each key does, and nothing that is secret', () => {
    const statesAt = (days: number) => ring.list(NOW + days * DAY).map(({ kid, state }) => `${kid} ${state}`);
    expect(statesAt(0)).toEqual(['first signing', 'second coming', 'late coming', 'r signing']);
    expect(statesAt(7)).toEqual(['first verifying', 'second signing', 'late coming', 'r retired']);
    expect(Object.keys(ring.list(NOW)[0]!)).toEqual(['kid', 'purpose', 'alg', 'state', 'useFrom', 'retireAt']);
  });

  it('knows a token of a key that is over from one of a key it never had', () => {
    expect(ring.isRetired('access', 'first', 'ES256', NOW + 10 * DAY)).toBe(true);
    expect(ring.isRetired('access', 'first', 'ES256', NOW)).toBe(false);
    expect(ring.isRetired('access', 'first', 'HS256', NOW + 10 * DAY)).toBe(false);
    expect(ring.isRetired('refresh', 'first', 'ES256', NOW + 10 * DAY)).toBe(false);
    expect(ring.isRetired('access', 'unknown', 'ES256', NOW + 10 * DAY)).toBe(false);
  });
});

describe('the key ring: a newer set in place of the present one', () => {
  const kidsOf = (ring: KeyRing) => ring.list(NOW).map(({ kid }) => kid);

  it('is taken as a whole, and told to who keeps what the old keys verified', () => {
    const ring = ringOf(access, refresh);
    const told = jest.fn();
    ring.onReplaced(told);
    ring.replace(
      {
        keys: [
          { ...access, kid: 'b' },
          { ...refresh, kid: 's' },
        ],
      },
      NOW,
    );
    expect(kidsOf(ring)).toEqual(['b', 's']);
    expect([ring.active('access', NOW).kid, ring.active('refresh', NOW).kid]).toEqual(['b', 's']);
    expect(ring.verifying('access', 'a', 'ES256', NOW)).toBeUndefined();
    expect(told).toHaveBeenCalledTimes(1);
  });

  it.each<[string, unknown, RegExp]>([
    ['text that is cut off', '{"keys":[{"kty":"EC",', /keys is not JSON/],
    ['two keys with one kid', { keys: [access, { ...access }, refresh] }, /same kid/],
    ['a weak key', { keys: [access, { ...refresh, k: 'c2hvcnQ' }] }, /needs 32/],
    ['no refresh key', { keys: [access] }, /"purpose": "refresh"/],
    [
      'an access key that comes later',
      { keys: [{ ...access, use_from: at(1) }, refresh] },
      /no access key is in use at 2026-03-01/,
    ],
    ['a refresh key that is over', { keys: [access, { ...refresh, retire_at: at(0) }] }, /no refresh key is in use/],
  ])('is refused and changes nothing: %s', (_story, keys, sentence) => {
    const ring = ringOf({ ...access, kid: 'good' }, refresh);
    const told = jest.fn();
    ring.onReplaced(told);
    expect(() => ring.replace(keys as never, NOW)).toThrow(sentence);
    expect(kidsOf(ring)).toEqual(['good', 'r']);
    expect(ring.active('access', NOW).kid).toBe('good');
    expect(told).not.toHaveBeenCalled();
  });
});

describe('the key ring: what is published', () => {
  it('is the public half of what verifies, the coming key included, the retired one not', () => {
    const ring = ringOf(
      access,
      { ...access, kid: 'old', retire_at: at(0) },
      { ...access, kid: 'coming', use_from: at(5) },
      refresh,
    );
    const { x, y } = access;
    const key = { kty: 'EC', crv: 'P-256', x, y, alg: 'ES256', use: 'sig' };
    expect(ring.publicJwks(NOW)).toEqual({
      keys: [
        { ...key, kid: 'a' },
        { ...key, kid: 'coming' },
      ],
    });
  });

  it('holds no private member and no secret, for no type of key', () => {
    for (const algorithm of ['RS256', 'PS256', 'HS256'] as const) {
      const published = JSON.stringify(parseKeyRing(generateKeys(algorithm), algorithm).publicJwks(NOW));
      expect(published).not.toMatch(/"(d|p|q|dp|dq|qi|k|purpose|use_from|retire_at)":/);
    }
  });
});

describe('the key ring: what is refused at start', () => {
  const strong = secret();
  const { d: _d, ...publicHalf } = access;

  it.each<[string, unknown, RegExp]>([
    ['nothing', undefined, /keys must be a private JWKS/],
    ['null', null, /keys must be a private JWKS/],
    ['no JSON', '{"keys":', /keys is not JSON/],
    ['JSON of something else', '"text"', /keys must be a private JWKS/],
    ['quotes around it', `'{"keys":[]}'`, /^keys begins and ends with a quote/],
    ['a key for encryption', { keys: [{ ...access, use: 'enc' }, refresh] }, /"a" has "use": "enc"/],
    ['a key that may not sign', { keys: [{ ...access, key_ops: ['verify'] }, refresh] }, /"a" has "key_ops" without/],
    ['an RSA key with exponent 3', { keys: [{ ...rsa(2048, 3), kid: 's', purpose: 'access' }, refresh] }, /exponent/],
    ['a secret of zeros', { keys: [access, { ...refresh, k: zeros }] }, /"r" is no random secret/],
    [
      'one secret for two purposes',
      { keys: [access, { ...refresh, kid: 'h', purpose: 'access' }, refresh] },
      /has the secret of another key/,
    ],
    ['an empty set', { keys: [] }, /keys must be a private JWKS/],
    ['a set that is no list', { keys: {} }, /keys must be a private JWKS/],
    ['two keys with one kid', { keys: [access, { ...refresh, kid: 'a' }] }, /two keys have the same kid/],
    ['no refresh key', { keys: [access] }, /no key with "purpose": "refresh"/],
    ['no access key', { keys: [refresh] }, /no key with "purpose": "access" for algorithm ES256/],
    [
      'no access key of the algorithm',
      { keys: [{ ...refresh, k: secret(), kid: 'h', purpose: 'access' }, refresh] },
      /for algorithm ES256/,
    ],
    ['a key that is no object', { keys: ['text', refresh] }, /key number 1 is not an object/],
    ['null among the keys', { keys: [access, null] }, /key number 2 is not an object/],
    ['a key without kid', { keys: [access, { ...refresh, kid: undefined }] }, /key number 2 has no kid/],
    ['an empty kid', { keys: [{ ...access, kid: '' }, refresh] }, /key "" has no kid|key number 1 has no kid/],
    [
      'a kid that would begin a line of its own in a log',
      { keys: [{ ...access, kid: 'a\n[Keyturn] \u2028\u001b[2K' }, refresh] },
      /key "a\?\[Keyturn\] \?\?\[2K" must have a kid of 1 to 255 visible ASCII characters$/,
    ],
    ['no purpose', { keys: [{ ...access, purpose: undefined }, refresh] }, /key "a" must say what it is for/],
    ['an unknown purpose', { keys: [{ ...access, purpose: 'sign' }, refresh] }, /key "a" must say what it is for/],
    ['an unknown type', { keys: [{ ...access, kty: 'OKP' }, refresh] }, /key "a" must be of type EC/],
    [
      'a type named like a method',
      { keys: [{ ...access, kty: 'constructor' }, refresh] },
      /key "a" must be of type EC/,
    ],
    [
      'an algorithm of another type',
      { keys: [{ ...access, alg: 'RS256' }, refresh] },
      /key "a" of type EC cannot be used with alg RS256/,
    ],
    ['alg none', { keys: [{ ...access, alg: 'none' }, refresh] }, /cannot be used with alg none/],
    [
      'a refresh key that is no secret',
      { keys: [access, { ...access, kid: 'r', purpose: 'refresh' }] },
      /key "r" is a refresh key and must be of type oct/,
    ],
    [
      'a secret of 31 bytes',
      { keys: [access, { ...refresh, k: randomBytes(31).toString('base64url') }] },
      /key "r" has 31 bytes; an oct key needs 32/,
    ],
    ['a secret that is not there', { keys: [access, { ...refresh, k: undefined }] }, /key "r" has 0 bytes/],
    ...[
      'super-secret-key-of-thirty-two-bytes',
      'please-changeme-please-changeme-please',
      'my password is longer than 32 bytes!',
    ].map((text): [string, unknown, RegExp] => [
      `the example secret "${text}"`,
      { keys: [access, { ...refresh, k: Buffer.from(text).toString('base64url') }] },
      /key "r" is a known example secret/,
    ]),
    [
      'RSA of 1024 bits',
      { keys: [{ ...rsa(1024), kid: 'a', purpose: 'access' }, refresh] },
      /key "a" needs at least 2048 bits/,
    ],
    [
      'another curve',
      { keys: [{ ...ec('P-384'), kid: 'a', purpose: 'access' }, refresh] },
      /key "a" must be on the curve P-256/,
    ],
    ['a public key', { keys: [publicHalf, refresh] }, /key "a" is no valid private JWK/],
    ['a key of rubbish', { keys: [{ ...access, x: 'AA' }, refresh] }, /key "a" is no valid private JWK/],
    [
      'a time without a zone',
      { keys: [{ ...access, use_from: '2026-03-01T12:00:00' }, refresh] },
      /key "a" has no valid use_from; write it as 2026-01-31T12:00:00Z/,
    ],
    ['a time that is none', { keys: [{ ...access, use_from: 'soon' }, refresh] }, /key "a" has no valid use_from/],
    [
      'a time as a number',
      { keys: [access, { ...refresh, retire_at: 1_800_000_000 }] },
      /key "r" has no valid retire_at/,
    ],
  ])('%s', (_story, keys, sentence) => {
    expect(() => parseKeyRing(keys, 'ES256')).toThrow(AuthConfigError);
    expect(() => parseKeyRing(keys, 'ES256')).toThrow(sentence);
  });

  it('never shows what is in a key', () => {
    const keys = { keys: [access, { ...refresh, k: strong, alg: 'RS256' }] };
    expect(() => parseKeyRing(keys, 'ES256')).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining(strong) }),
    );
  });
});
