import { mayReplace } from './access-claims.js';

const tokenOf = (claims: object) => `header.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.signature`;
const HELD = { sid: 'of ann', exp: 2_000, auth_time: 1_000, claims_at: 1_000_000 };
const replaces = (changes: object) => mayReplace(tokenOf(HELD), tokenOf({ ...HELD, exp: 3_000, ...changes }));

describe('a renewed token', () => {
  it('takes the place of the one at hand where it is of the same session and ends later', () => {
    expect(replaces({})).toBe(true);
  });

  it.each([
    ['is of another session, of which the answer came late', { sid: 'of bob' }],
    ['ends no later', { exp: HELD.exp }],
    ['is from before the password was given again', { auth_time: HELD.auth_time - 1 }],
    ['is from before the claims were changed, and would be refused', { claims_at: HELD.claims_at - 1 }],
  ])('does not where it %s', (_why, changes) => {
    expect(replaces(changes)).toBe(false);
  });

  it('does not where one of the two cannot be read', () => {
    expect([mayReplace(undefined, tokenOf(HELD)), mayReplace(tokenOf(HELD), 'opaque')]).toEqual([false, false]);
  });
});
