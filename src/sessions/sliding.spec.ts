import { seeded } from '../../test/support/forged-tokens.js';
import { decideRenewal, renewAfterSeconds, type RenewableClaims, type SlidingPolicy } from './sliding.js';

const policy: SlidingPolicy = { renewAfter: 0.5, accessTtl: 1800 };
/** Issued at 0 for half an hour, renewable for two hours. */
const claims = { iat: 0, exp: 1800, renew_until: 7200 };

describe('deciding a renewal', () => {
  it.each<[string, RenewableClaims, number, object]>([
    ['is not due before its share of life', claims, 899, { kind: 'not-due', dueIn: 1 }],
    ['is due at its share of life', claims, 900, { kind: 'renew', expiresAt: 2700 }],
    ['gives a whole life from now', claims, 1799, { kind: 'renew', expiresAt: 3599 }],
    ['stops at renew_until', { iat: 5000, exp: 6800, renew_until: 7200 }, 5900, { kind: 'renew', expiresAt: 7200 }],
    ['is exhausted when the token lasts to renew_until', { ...claims, renew_until: 1800 }, 1000, { kind: 'exhausted' }],
    ['is exhausted when it lasts longer', { ...claims, renew_until: 60 }, 1000, { kind: 'exhausted' }],
    ['never happens where nothing slides', { iat: 0, exp: 1800 }, 1000, { kind: 'never' }],
    ['is not due by a clock that is behind', claims, -5, { kind: 'not-due', dueIn: 905 }],
  ])('%s', (_story, token, now, decision) => {
    expect(decideRenewal(token, policy, now)).toEqual(decision);
  });

  it('gives nothing that ends no later: twice in one second is once', () => {
    const renewed = { iat: 900, exp: 2700, renew_until: 7200 };
    expect(decideRenewal(renewed, { ...policy, renewAfter: 0 }, 900)).toEqual({ kind: 'not-due', dueIn: 1 });
    expect(decideRenewal(renewed, { ...policy, renewAfter: 0 }, 901)).toEqual({ kind: 'renew', expiresAt: 2701 });
  });

  it('gives nothing when the policy was shortened since the token was issued', () => {
    expect(decideRenewal(claims, { ...policy, accessTtl: 600 }, 1000)).toEqual({ kind: 'not-due', dueIn: 1 });
  });

  it('counts the share of the life a token really has, which may have been cut', () => {
    expect(renewAfterSeconds({ iat: 100, exp: 400 }, 0.5)).toBe(150);
    expect(renewAfterSeconds({ iat: 100, exp: 401 }, 0.5)).toBe(151);
  });
});

describe('whatever the token, the policy and the time', () => {
  const random = seeded(7);
  const worlds = Array.from({ length: 20_000 }, () => {
    const iat = random(10_000);
    const token = { iat, exp: iat + 1 + random(4_000), renew_until: iat + random(20_000) };
    const rules = { renewAfter: random(96) / 100, accessTtl: 10 + random(4_000) };
    return { token, rules, now: Math.max(0, iat - 10) + random(8_000) };
  });
  const renewals = worlds.flatMap((world) => {
    const decision = decideRenewal(world.token, world.rules, world.now);
    return decision.kind === 'renew' ? [{ ...world, expiresAt: decision.expiresAt }] : [];
  });

  it('there are renewals enough to say something about', () => {
    expect(renewals.length).toBeGreaterThan(1_000);
  });

  it('a renewed token never outlives renew_until', () => {
    expect(renewals.filter(({ token, expiresAt }) => expiresAt > token.renew_until)).toEqual([]);
  });

  it('a renewal never shortens a token, nor leaves it as it is', () => {
    expect(renewals.filter(({ token, expiresAt }) => expiresAt <= token.exp)).toEqual([]);
  });

  it('a renewed token never lives longer than a fresh one', () => {
    expect(renewals.filter(({ rules, now, expiresAt }) => expiresAt - now > rules.accessTtl)).toEqual([]);
  });

  it('no token is renewed before its share of life', () => {
    const early = renewals.filter(
      ({ token, rules, now }) => now - token.iat < (token.exp - token.iat) * rules.renewAfter,
    );
    expect(early).toEqual([]);
  });

  it('who waits as told is told something new, unless the policy was shortened', () => {
    for (const { token, rules, now } of worlds) {
      const decision = decideRenewal(token, rules, now);
      if (decision.kind !== 'not-due' || token.exp - token.iat > rules.accessTtl) continue;
      expect(decision.dueIn).toBeGreaterThan(0);
      expect(decideRenewal(token, rules, now + decision.dueIn).kind).toBe('renew');
    }
  });

  it('a token renewed as often as can be ends at renew_until, and the chain ends too', () => {
    for (const { token, rules } of worlds.slice(0, 500)) {
      let { iat, exp } = token;
      let last = decideRenewal({ ...token, iat, exp }, rules, exp - 1);
      for (let steps = 0; last.kind === 'renew'; steps++) {
        expect(steps).toBeLessThan(20_001);
        [iat, exp] = [exp - 1, last.expiresAt];
        last = decideRenewal({ ...token, iat, exp }, rules, exp - 1);
      }
      expect(exp).toBeLessThanOrEqual(Math.max(token.exp, token.renew_until));
    }
  });
});
