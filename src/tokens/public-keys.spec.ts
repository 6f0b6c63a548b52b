import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { generateKeys } from './generate-keys.js';
import { parseKeyRing } from './key-ring.js';
import { MAX_KEYS, parsePublicJwks } from './public-keys.js';

const publicOf = ({ publicKey }: { publicKey: KeyObject }) => publicKey.export({ format: 'jwk' });
const ec = publicOf(generateKeyPairSync('ec', { namedCurve: 'P-256' }));
const rsa = publicOf(generateKeyPairSync('rsa', { modulusLength: 2048 }));
const fit = { ...ec, kid: 'fit' };
const refusalOf = (jwk: unknown) => parsePublicJwks({ keys: [fit, jwk] }).refused;

describe('the published keys of an issuer', () => {
  it('are those of its ring, each for one algorithm', () => {
    const jwks = parseKeyRing(generateKeys('RS256'), 'RS256').publicJwks(Date.now());
    const { keys, refused } = parsePublicJwks(jwks);
    const { kid } = keys.keys[0]!;
    expect(refused).toEqual([]);
    expect(keys.verifying('access', kid, 'RS256')?.verificationKey.type).toBe('public');
    for (const alg of ['PS256', 'ES256', 'HS256', 'none']) expect(keys.verifying('access', kid, alg)).toBeUndefined();
    expect(keys.verifying('access', '__proto__', 'RS256')).toBeUndefined();
  });

  it.each([
    ['a secret', { kty: 'oct', k: Buffer.alloc(32, 7).toString('base64url'), kid: 'x' }, 'is a secret (type oct)'],
    ['a private key', { ...generateKeys().keys[0], kid: 'x' }, 'is a private key'],
    ['no kid', { ...ec }, 'has no kid'],
    ['a kid that is no text', { ...ec, kid: 7 }, 'has no kid'],
    ['a kid that would begin a line of its own in a log', { ...ec, kid: 'a\n[Keyturn]' }, '"a?[Keyturn]"'],
    ['a key for encryption', { ...ec, kid: 'x', use: 'enc' }, 'is not for signatures'],
    ['a key that may only sign', { ...ec, kid: 'x', key_ops: ['sign'] }, 'is not for signatures'],
    ['a short RSA key', { ...publicOf(generateKeyPairSync('rsa', { modulusLength: 1024 })), kid: 'x' }, '2048 bits'],
    ['an RSA key with exponent 1', { ...rsa, kid: 'x', e: 'AQ' }, 'public exponent that is not safe'],
    ['an RSA key with exponent 3', { ...rsa, kid: 'x', e: 'Aw' }, 'public exponent that is not safe'],
    ['an RSA key with an even exponent', { ...rsa, kid: 'x', e: 'AQAC' }, 'public exponent that is not safe'],
    ['an RSA key with a huge exponent', { ...rsa, kid: 'x', e: 'AQAAAAE' }, 'public exponent that is not safe'],
    ['a huge RSA key', { ...rsa, kid: 'x', n: Buffer.alloc(2048, 0xab).toString('base64url') }, 'at most 8192'],
    ['another curve', { ...publicOf(generateKeyPairSync('ec', { namedCurve: 'P-384' })), kid: 'x' }, 'P-256'],
    ['another type', { ...publicOf(generateKeyPairSync('ed25519')), kid: 'x' }, 'must be of type EC (P-256) or RSA'],
    ['an algorithm of another type', { ...ec, kid: 'x', alg: 'HS256' }, 'cannot be used with alg HS256'],
    ['a point off the curve', { ...ec, kid: 'x', x: ec.y }, 'is no valid JWK'],
    ['no object', null, 'is not an object'],
  ])('leave out %s, and say so', (_what, jwk, why) => {
    expect(refusalOf(jwk)).toEqual([expect.stringContaining(why)]);
  });

  it('take RSA keys for the algorithm they name, RS256 if none', () => {
    const { keys } = parsePublicJwks({
      keys: [
        { ...rsa, kid: 'ps', alg: 'PS256', use: 'sig', key_ops: ['verify'] },
        { ...rsa, kid: 'rs' },
      ],
    });
    expect(keys.keys.map(({ kid, alg }) => [kid, alg])).toEqual([
      ['ps', 'PS256'],
      ['rs', 'RS256'],
    ]);
  });

  it.each([
    ['is no JWKS', undefined],
    ['is no JWKS', { keys: {} }],
    ['has no key that is fit to verify', { keys: [] }],
    ['has no key that is fit to verify; key "x" must be of type', { keys: [{ kty: 'OKP', kid: 'x' }] }],
    ['has two keys with the same kid', { keys: [fit, { ...rsa, kid: 'fit' }] }],
    [
      `at most ${MAX_KEYS}`,
      { keys: Array.from({ length: MAX_KEYS + 1 }, (_, index) => ({ ...ec, kid: `k${index}` })) },
    ],
  ])('are refused as a whole where the set %s', (why, jwks) => {
    expect(() => parsePublicJwks(jwks)).toThrow(why);
  });

  it('are compared by what they are, so that a key changed under its kid counts as lost', () => {
    const before = parsePublicJwks({ keys: [fit] }).keys;
    const lostIn = (...keys: unknown[]) => before.hasLostKeyIn(parsePublicJwks({ keys }).keys);
    expect(lostIn(fit, { ...rsa, kid: 'new' })).toBe(false);
    expect(lostIn({ ...rsa, kid: 'new' })).toBe(true);
    expect(lostIn({ ...publicOf(generateKeyPairSync('ec', { namedCurve: 'P-256' })), kid: 'fit' })).toBe(true);
  });
});
