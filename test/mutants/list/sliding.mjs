/** @type {import('../mutants.mjs').Area} */
export const sliding = {
  file: 'src/sessions/sliding.ts',
  tests: ['src/sessions/sliding.spec.ts'],
  mutants: [
    {
      name: 'a renewed token outlives the reach of sliding',
      find: 'Math.min(now + policy.accessTtl, claims.renew_until)',
      replace: 'now + policy.accessTtl',
      breaks: 'invariant 6: every exp is at most the absolute end',
    },
    {
      name: 'a token is renewed before it is due',
      find: "if (now < due) return { kind: 'not-due', dueIn: due - now };",
      replace: '',
      breaks: 'sliding: none when younger than renewAfter',
    },
    {
      name: 'a renewal shortens a token',
      find: 'expiresAt > claims.exp ?',
      replace: 'true ?',
      breaks: 'sliding: none when there is nothing to gain',
    },
    {
      name: 'a token that lasts to the end of sliding is renewed',
      find: "if (claims.exp >= claims.renew_until) return { kind: 'exhausted' };",
      replace: '',
      breaks: 'sliding: none when there is nothing to gain',
    },
    {
      name: 'a token is due at once',
      find: 'Math.ceil((exp - iat) * renewAfter)',
      replace: 'Math.floor((exp - iat) * renewAfter * 0.5)',
      breaks: 'sliding: none when younger than renewAfter',
    },
    {
      name: 'the share counts from the end of the token',
      find: ': claims.iat + renewAfterSeconds(claims, renewAfter);',
      replace: ': claims.exp - renewAfterSeconds(claims, renewAfter) / 2;',
      breaks: 'sliding: none when younger than renewAfter',
    },
  ],
};
