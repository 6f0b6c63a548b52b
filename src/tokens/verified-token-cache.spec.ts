import type { AccessTokenClaims } from './claims-rules.js';
import { VerifiedTokenCache } from './verified-token-cache.js';

const claimsOf = (jti: string) => ({ jti }) as unknown as AccessTokenClaims;
const fill = (cache: VerifiedTokenCache, from: number, to: number) => {
  for (let index = from; index < to; index++) cache.set(`token-${index}`, claimsOf(String(index)));
};

describe('the cache of verified tokens', () => {
  it('gives back what was put in, by the exact string alone', () => {
    const cache = new VerifiedTokenCache(10);
    cache.set('token', claimsOf('one'));
    expect(cache.get('token')?.jti).toBe('one');
    expect(cache.get('token ')).toBeUndefined();
    expect(cache.get('Token')).toBeUndefined();
  });

  it.each([1, 2, 3, 7, 10, 1000])('never holds more than its bound of %d, however many tokens come', (max) => {
    const cache = new VerifiedTokenCache(max);
    for (let index = 0; index < 5 * max + 5; index++) {
      fill(cache, index, index + 1);
      cache.get(`token-${Math.floor(index / 2)}`);
      expect(cache.size).toBeLessThanOrEqual(max);
    }
  });

  it('remembers at least the last half of its bound, or it would be no cache', () => {
    const cache = new VerifiedTokenCache(100);
    fill(cache, 0, 1000);
    for (let index = 950; index < 1000; index++) expect(cache.get(`token-${index}`)).toBeDefined();
  });

  it('keeps a token that is in use through any number of others, because a hit makes it young again', () => {
    const cache = new VerifiedTokenCache(100);
    cache.set('busy', claimsOf('busy'));
    for (let index = 0; index < 1000; index++) {
      fill(cache, index, index + 1);
      if (index % 40 === 0) expect(cache.get('busy')?.jti).toBe('busy');
    }
  });

  it('forgets a token that nobody uses', () => {
    const cache = new VerifiedTokenCache(100);
    cache.set('idle', claimsOf('idle'));
    fill(cache, 0, 101);
    expect(cache.get('idle')).toBeUndefined();
  });

  it('is off at 0', () => {
    const cache = new VerifiedTokenCache(0);
    cache.set('token', claimsOf('one'));
    expect(cache.get('token')).toBeUndefined();
    expect(cache.size).toBe(0);
  });

  it('forgets everything when it is cleared, and then fills up as before', () => {
    const cache = new VerifiedTokenCache(3);
    fill(cache, 0, 5);
    cache.clear();
    expect([cache.size, cache.get('token-4')]).toEqual([0, undefined]);
    fill(cache, 0, 7);
    expect([cache.size, cache.get('token-6')?.jti]).toEqual([3, '6']);
  });
});
