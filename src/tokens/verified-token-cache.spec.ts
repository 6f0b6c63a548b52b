import type { AccessTokenClaims } from './claims-rules.js';
import { VerifiedTokenCache } from './verified-token-cache.js';

const NOW = Date.parse('2026-03-01T12:00:00Z');
/** A cache that has been asked before, as each is: a token is looked for before it is verified and put in. */
const cacheOf = (max: number, nextRetirement?: (at: number) => number) => {
  const cache = new VerifiedTokenCache(max, nextRetirement);
  cache.get('the first token of all', NOW);
  return cache;
};
const claimsOf = (jti: string) => ({ jti }) as unknown as AccessTokenClaims;
const fill = (cache: VerifiedTokenCache, from: number, to: number) => {
  for (let index = from; index < to; index++) cache.set(`token-${index}`, claimsOf(String(index)), cache.epoch);
};

describe('the cache of verified tokens', () => {
  it('gives back what was put in, by the exact string alone', () => {
    const cache = cacheOf(10);
    cache.set('token', claimsOf('one'), cache.epoch);
    expect(cache.get('token', NOW)?.jti).toBe('one');
    expect(cache.get('token ', NOW)).toBeUndefined();
    expect(cache.get('Token', NOW)).toBeUndefined();
  });

  it.each([1, 2, 3, 7, 10, 1000])('never holds more than its bound of %d, however many tokens come', (max) => {
    const cache = cacheOf(max);
    for (let index = 0; index < 5 * max + 5; index++) {
      fill(cache, index, index + 1);
      cache.get(`token-${Math.floor(index / 2)}`, NOW);
      expect(cache.size).toBeLessThanOrEqual(max);
    }
  });

  it('remembers at least the last half of its bound, or it would be no cache', () => {
    const cache = cacheOf(100);
    fill(cache, 0, 1000);
    for (let index = 950; index < 1000; index++) expect(cache.get(`token-${index}`, NOW)).toBeDefined();
  });

  it('keeps a token that is in use through any number of others, because a hit makes it young again', () => {
    const cache = cacheOf(100);
    cache.set('busy', claimsOf('busy'), cache.epoch);
    for (let index = 0; index < 1000; index++) {
      fill(cache, index, index + 1);
      if (index % 40 === 0) expect(cache.get('busy', NOW)?.jti).toBe('busy');
    }
  });

  it('forgets a token that nobody uses', () => {
    const cache = cacheOf(100);
    cache.set('idle', claimsOf('idle'), cache.epoch);
    fill(cache, 0, 101);
    expect(cache.get('idle', NOW)).toBeUndefined();
  });

  it('is off at 0', () => {
    const cache = cacheOf(0);
    cache.set('token', claimsOf('one'), cache.epoch);
    expect(cache.get('token', NOW)).toBeUndefined();
    expect(cache.size).toBe(0);
  });

  it('forgets everything when it is cleared, and then fills up as before', () => {
    const cache = cacheOf(3);
    fill(cache, 0, 5);
    cache.clear();
    expect([cache.size, cache.get('token-4', NOW)]).toEqual([0, undefined]);
    fill(cache, 0, 7);
    expect([cache.size, cache.get('token-6', NOW)?.jti]).toEqual([3, '6']);
  });
});

describe('the cache of verified tokens, when keys go', () => {
  const retirements = [NOW + 10, NOW + 20];
  const next = (at: number) => retirements.find((end) => end > at) ?? Infinity;

  it('holds nothing past the retirement of a key, nor past the next one', () => {
    const cache = cacheOf(10, next);
    for (const [end, jti] of [
      [NOW + 10, 'one'],
      [NOW + 20, 'two'],
    ] as const) {
      cache.set('token', claimsOf(jti), cache.epoch);
      expect(cache.get('token', end - 1)?.jti).toBe(jti);
      expect(cache.get('token', end)).toBeUndefined();
    }
    cache.set('token', claimsOf('three'), cache.epoch);
    expect(cache.get('token', NOW + 1e12)?.jti).toBe('three');
  });

  it('does not take a token whose key went while it was verified', () => {
    const cache = cacheOf(10, next);
    const { epoch } = cache;
    cache.clear();
    cache.set('removed', claimsOf('removed'), epoch);
    expect(cache.get('removed', NOW)).toBeUndefined();
    const before = cache.epoch;
    cache.get('another', NOW + 10);
    cache.set('retired', claimsOf('retired'), before);
    expect(cache.get('retired', NOW + 10)).toBeUndefined();
  });
});
