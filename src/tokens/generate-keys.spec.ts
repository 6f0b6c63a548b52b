import type { AccessTokenAlgorithm } from '../options/options.js';
import { generateKeys } from './generate-keys.js';
import { parseKeyRing } from './key-ring.js';

describe('generateKeys', () => {
  it.each<AccessTokenAlgorithm>(['ES256', 'RS256', 'PS256', 'HS256'])(
    'makes a set for %s that the option `keys` takes, as an object and as JSON',
    (algorithm) => {
      const keys = generateKeys(algorithm);
      for (const given of [keys, JSON.stringify(keys)]) {
        const ring = parseKeyRing(given, algorithm);
        expect(ring.active('access', Date.now())).toMatchObject({ alg: algorithm, kid: keys.keys[0]!.kid });
        expect(ring.active('refresh', Date.now())).toMatchObject({ alg: 'HS256', kid: keys.keys[1]!.kid });
      }
    },
  );

  it('makes other keys each time, with names that can stand side by side in one ring', () => {
    const [first, second] = [generateKeys(), generateKeys()];
    const both = [...first.keys, ...second.keys];
    expect(new Set(both.map(({ kid }) => kid)).size).toBe(4);
    expect(new Set(both.map(({ d, k }) => d ?? k)).size).toBe(4);
  });

  it('gives the refresh key 256 bits', () => {
    expect(Buffer.from(generateKeys().keys[1]!.k!, 'base64url')).toHaveLength(32);
  });
});
