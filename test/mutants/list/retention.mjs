/** @type {import('../mutants.mjs').Area} */
export const retention = {
  file: 'src/revocation/retention.ts',
  tests: ['src/revocation/retention.spec.ts'],
  mutants: [
    {
      name: 'retention without staleness, time-out and tolerance',
      find: 'return longestLife + revocation.maxStaleness + LATEST_COMMAND + clockTolerance;',
      replace: 'return longestLife;',
      breaks: 'invariant 5: what an instance renewed before it knew is dead for its whole life',
      model: { killedBy: 'P2' },
    },
    {
      name: 'retention without staleness',
      find: 'longestLife + revocation.maxStaleness + LATEST_COMMAND',
      replace: 'longestLife + LATEST_COMMAND',
      breaks: 'invariant 5: what an instance renewed before it knew is dead for its whole life',
    },
    {
      name: 'retention of the shortest token',
      find: 'Math.max(...[...clients.values()].map(',
      replace: 'Math.min(...[...clients.values()].map(',
      breaks: 'retention: the longest access-token life of any client counts',
    },
    {
      name: 'a mark counts only for the retention that it tells',
      find: 'const MARK_LIVES = 2;',
      replace: 'const MARK_LIVES = 1;',
      breaks: 'fault: lowering ACCESS_TTL revives revoked tokens',
    },
    {
      name: 'an older mark takes the place of a younger one',
      find: 'Math.max(at, this.marked.get(retention) ?? 0)',
      replace: 'at',
      breaks: 'fault: lowering ACCESS_TTL revives revoked tokens',
    },
    {
      name: 'the longer retention of another instance does not count',
      find: 'longest = Math.max(longest, retention);',
      replace: 'longest = Math.min(longest, retention);',
      breaks: 'fault: lowering ACCESS_TTL revives revoked tokens',
    },
    {
      name: 'a shorter mark covers a longer retention',
      find: 'retention >= own && at',
      replace: 'retention > 0 && at',
      breaks: 'fault: lowering ACCESS_TTL revives revoked tokens',
    },
    {
      name: 'a mark is not written again',
      find: 'at + retention * RENEWED_AFTER > now)',
      replace: 'at + retention * MARK_LIVES > now)',
      breaks: 'fault: lowering ACCESS_TTL revives revoked tokens',
    },
  ],
};
