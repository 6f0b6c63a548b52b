/** @type {import('../mutants.mjs').Area} */
export const list = {
  file: 'src/revocation/revocation-list.ts',
  tests: ['src/revocation/revocation-list.spec.ts'],
  mutants: [
    {
      name: 'the id of a session is power over it',
      find: 'if (session && session.sub === sub) return session.reason;',
      replace: 'if (session) return session.reason;',
      breaks: 'revocation: an entry applies only to tokens that contain both subject and session',
    },
    {
      name: 'a second subject with the same id takes the place of the first',
      find: 'return !first || first.sub === entry.sub',
      replace: 'return !first || first.sub !== entry.sub',
      breaks: 'revocation: an entry applies only to tokens that contain both subject and session',
    },
    {
      name: 'a login at the raised generation is refused',
      find: 'gen < raised.generation',
      replace: 'gen <= raised.generation',
      breaks: 'revocation: a login in the same second as the password change works',
    },
    {
      name: 'a lower generation replaces a higher one',
      find: 'entry.generation > known.generation ||',
      replace: 'entry.generation < known.generation ||',
      breaks: 'invariant 5: the higher generation counts, in whatever order entries come',
    },
    {
      name: 'an entry is forgotten while its tokens live',
      find: 'at + Math.max(keepFor, this.retention)',
      replace: 'at + Math.max(keepFor, this.retention) / 2',
      breaks: 'invariant 5: an access token of an ended session is dead for its whole life',
    },
    {
      name: 'the longer keeping of its publisher does not count',
      find: 'at + Math.max(keepFor, this.retention)',
      replace: 'at + this.retention',
      breaks: 'fault: lowering ACCESS_TTL revives revoked tokens',
    },
    {
      name: 'a weaker reason takes the place of the alarm',
      find: '(!isStronger(known.reason, entry.reason) && entry.at < known.at)',
      replace: '!isStronger(entry.reason, known.reason)',
      breaks: 'fault: a thief erases the theft alarm',
    },
    {
      name: 'claims of the same millisecond count as new',
      find: 'claimsAt <= this.claimsChangedAt(sub, sid)',
      replace: 'claimsAt < this.claimsChangedAt(sub, sid)',
      breaks: 'fault: a lowered role is missed within one millisecond',
    },
    {
      name: 'a later publication does not keep the entry longer',
      find: 'return this.endOf(winner) >= end ? winner : { ...winner, keepFor: end - winner.at };',
      replace: 'return winner;',
      breaks: 'invariant 5: what refreshed before a late removal is dead for its whole life',
    },
  ],
};
