import { presentClaims } from './session-claims.js';

const AT = 1_000_000;
const opened = { claims: { roles: ['admin'] }, claimsAt: AT };
const lowered = (at: number) => ({ at, claims: { roles: ['buyer'] } });

describe('the claims of a session after a change', () => {
  it('are those that it was opened with where they were read after the change', () => {
    expect(presentClaims(opened, lowered(AT - 1), null)).toMatchObject({ subjectClaims: opened.claims, claimsAt: AT });
  });

  it('are the changed ones also where both have one time, since what was taken away must not come back', () => {
    expect(presentClaims(opened, lowered(AT), null)).toMatchObject({ subjectClaims: { roles: ['buyer'] } });
  });

  it('are dated after the change, so that a token made from them is not taken for one of before', () => {
    const own = { at: AT + 5, claims: { tenant: 'b' } };
    expect(presentClaims(opened, lowered(AT), null).claimsAt).toBe(AT + 1);
    expect(presentClaims(opened, null, own)).toEqual({
      subjectClaims: opened.claims,
      sessionClaims: { tenant: 'b' },
      claimsAt: AT + 6,
    });
  });

  it('stay where the host says them when it is asked', () => {
    expect(presentClaims(opened, { at: AT + 5, claims: null }, null).subjectClaims).toEqual(opened.claims);
  });
});
