/** @type {import('../mutants.mjs').Area} */
export const memoryStore = {
  file: 'src/stores/memory/in-memory-token.repository.ts',
  tests: ['test/stores/in-memory-token.repository.spec.ts'],
  mutants: [
    {
      name: 'an advance does not compare the number',
      find: 'record.secretHash === command.secretHash && record.seq === command.expectSeq',
      replace: 'record.secretHash === command.secretHash',
      breaks: 'invariant 1: exactly one seq can advance a session',
    },
    {
      name: 'an advance does not compare the secret',
      find: 'record.secretHash === command.secretHash && record.seq === command.expectSeq',
      replace: 'record.seq === command.expectSeq',
      breaks: 'invariant 7: a foreign token changes nothing',
    },
    {
      name: 'an advance does not compare the generation',
      find: 'if (!matches || outdated || generation > command.generation || isOver',
      replace: 'if (!matches || outdated || isOver',
      breaks: 'invariant 5: the generation is part of the compare',
    },
    {
      name: 'an advance does not compare the ends',
      find: ' || isOver({ ...record, idleEnd }, now)) {\n      return { advanced: false, ...before };',
      replace: ') {\n      return { advanced: false, ...before };',
      breaks: 'invariant 6: nothing is issued at or past an end',
    },
    {
      name: 'a generation is lowered',
      find: 'Math.max(this.notedGeneration(sub, now), target)',
      replace: 'target',
      breaks: 'invariant 5: the write of a generation is max(current, target)',
    },
    {
      name: 'a weaker reason replaces the alarm',
      file: 'src/stores/memory/tombstones.ts',
      find: 'if (standing === null || isStronger(reason, standing)) {',
      replace: 'if (standing !== reason) {',
      breaks: 'fault: a thief erases the theft alarm',
    },
    {
      name: 'a raised generation ends the sessions of the new password',
      find: 'this.drop(sub, (session) => session.generation < generation);',
      replace: 'this.drop(sub, () => true);',
      breaks: 'revocation: a session opened at the new generation lives',
    },
    {
      name: 'an extension moves the idle end back',
      find: 'Math.max(record.idleEnd, Math.min(moved, record.absoluteEnd))',
      replace: 'Math.min(moved, record.absoluteEnd)',
      breaks: 'extendSession: the idle end never moves back',
    },
    {
      name: 'a login evicts the latest session',
      find: '.sort((a, b) => a.createdAt - b.createdAt ||',
      replace: '.sort((a, b) => b.createdAt - a.createdAt ||',
      breaks: 'open: what it evicts is the earliest created_at',
    },
  ],
};
