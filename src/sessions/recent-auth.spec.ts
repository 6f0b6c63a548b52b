import { content, NOW } from '../../test/support/access-tokens.js';
import { Random } from '../../test/stores/differential/random.js';
import type { AccessTokenClaims } from '../tokens/claims-rules.js';
import { isRecentAuth, reauthenticated, reissuedUntil } from './recent-auth.js';

/** To run a failure again: SEED=… npx jest src/sessions/recent-auth */
const SEED = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));

const claims: AccessTokenClaims = {
  iss: 'https://auth.example',
  aud: 'shop',
  sub: content.sub,
  client_id: 'default',
  sid: content.sid,
  jti: 'one',
  iat: NOW,
  exp: NOW + 1800,
  auth_time: NOW - 100,
  amr: ['pwd', 'otp'],
  gen: 7,
  claims_at: 5,
  renew_until: NOW + 7200,
  roles: ['buyer'],
};

describe('whether a login is recent', () => {
  it.each<[string, unknown, number, boolean]>([
    ['in the very second of the limit', 100, 400_000, true],
    ['a millisecond later', 100, 400_001, false],
    ['by a clock that is behind the login', 500, 400_000, true],
    ['without a time, as in a token of another make', undefined, 400_000, false],
    ['with null', null, 400_000, false],
    ['with a text', '100', 100_000, false],
    ['with a time that is none', NaN, 400_000, false],
    ['with a time that never comes', Infinity, 400_000, false],
  ])('%s', (_story, authTime, now, recent) => {
    expect(isRecentAuth(authTime, 300, now)).toBe(recent);
  });

  it(`whatever the times: recent for max_age seconds and no millisecond longer (SEED=${SEED})`, () => {
    const random = new Random(SEED);
    for (let tries = 0; tries < 5_000; tries++) {
      const [authTime, maxAge] = [random.below(2 ** 32), 1 + random.below(100_000)];
      const last = (authTime + maxAge) * 1000;
      expect([authTime, maxAge, isRecentAuth(authTime, maxAge, last)]).toEqual([authTime, maxAge, true]);
      expect([authTime, maxAge, isRecentAuth(authTime, maxAge, last + 1)]).toEqual([authTime, maxAge, false]);
    }
  });
});

describe('the claims after the password was given again', () => {
  it('are those of before, but for when and how', () => {
    const after = reauthenticated(claims, { authTime: NOW, amr: ['pwd'] });
    expect(after).toEqual({ ...claims, auth_time: NOW, amr: ['pwd'] });
  });

  it('keep the methods where none are named', () => {
    expect(reauthenticated(claims, { authTime: NOW }).amr).toEqual(['pwd', 'otp']);
  });

  it("have the host's claims of now, and none of those that are gone", () => {
    const fresh = { claims: { scope: 'cart:read' }, readAt: 99 };
    const { roles: _, ...kept } = claims;
    const after = reauthenticated(claims, { authTime: NOW }, fresh);
    expect(after).toEqual({ ...kept, auth_time: NOW, scope: 'cart:read', claims_at: 99 });
  });
});

describe('until when a reissued token lives', () => {
  it(`never past the session's end, nor longer than a fresh one (SEED=${SEED})`, () => {
    const random = new Random(SEED);
    for (let tries = 0; tries < 5_000; tries++) {
      const exp = NOW + 1 + random.below(4_000);
      const renewUntil = random.of([undefined, NOW + random.below(20_000)]);
      const token: AccessTokenClaims = { ...claims, exp, renew_until: renewUntil };
      const [ttl, absoluteEnd] = [10 + random.below(4_000), random.of([undefined, NOW + random.below(9_000)])];
      const until = reissuedUntil(token, NOW, ttl, absoluteEnd);
      expect(until).toBeLessThanOrEqual(NOW + ttl);
      // Without a record nothing else tells how far the session reaches.
      expect(until).toBeLessThanOrEqual(absoluteEnd ?? renewUntil ?? exp);
    }
  });
});
