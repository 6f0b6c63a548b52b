/** @type {import('../mutants.mjs').Area} */
export const guard = {
  file: 'src/guards/jwt-auth.guard.ts',
  tests: ['test/e2e/guard.e2e.spec.ts', 'test/e2e/guard-refusals.e2e.spec.ts'],
  mutants: [
    {
      name: 'a revoked token is let in',
      tests: ['test/e2e/revocation.e2e.spec.ts'],
      find: 'if (revoked) throw revokedToken(revoked);',
      replace: '',
      breaks: 'invariant 5: what a revocation ended is dead on every path',
    },
    {
      name: 'the expiry of a token seen before is not looked at',
      find: 'checkTimes(user, this.parts.clock.now(), this.parts.policy.clockTolerance);',
      replace: '',
      breaks: 'cache: expiry is looked at on every hit',
    },
    {
      name: 'a route that wants fresh knowledge takes old one',
      tests: ['test/e2e/revocation.e2e.spec.ts'],
      find: "if (whenStale === 'reject') throw staleKnowledge();",
      replace: "if (whenStale === 'reject') return true;",
      breaks: 'revocation: beyond maxStaleness a route may reject',
    },
    {
      name: 'a route that asks the store is admitted without asking',
      tests: ['test/e2e/revocation.e2e.spec.ts'],
      find: 'if (rule.live) return this.askStore(claims);',
      replace: '',
      breaks: 'revocation: @RequireLiveSession() asks the store always',
    },
    {
      name: 'a bad token on an optional route is anonymous',
      find: "if (rule.access === 'public') return passing(context);",
      replace: "if (rule.access === 'public' || rule.access === 'optional') return true;",
      breaks: '@OptionalAuth(): none is anonymous, a bad one is 401',
    },
    {
      name: 'a route that says nothing is open',
      find: "if (access === 'optional') {",
      replace: "if (access === 'optional' || access === 'guarded') {",
      breaks: 'guard: a route that was forgotten is not open',
    },
    {
      name: 'a demand that is not met is let in',
      tests: ['test/e2e/demands.e2e.spec.ts'],
      find: 'if (unmet) throw unmet;',
      replace: '',
      breaks: 'guard: a missing role is 403, an old login 401',
    },
  ],
};
