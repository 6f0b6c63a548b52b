const endings = 'src/sessions/session-endings.ts';
const reasons = 'test/revocation/lasting-reasons.spec.ts';

/** @type {import('../mutants.mjs').Area} */
export const sessions = {
  file: 'src/sessions/session.service.ts',
  tests: ['src/sessions/session.service.spec.ts', 'src/sessions/session-events.spec.ts'],
  mutants: [
    {
      name: 'the revocation list is not asked again after the step of the store',
      file: 'src/sessions/refresh-rotation.service.ts',
      tests: ['src/sessions/refresh-rotation.faults.spec.ts'],
      find: '      await this.refuseRevoked(token);\n      return settled',
      replace: '      return settled',
      breaks: 'invariant 5: a store that fell back to before a logout must not undo it',
      model: { killedBy: 5 },
    },
    {
      name: 'a generation is raised by increment',
      find: 'Math.max((await this.store.generationOf(sub)) + 1, this.clock.now())',
      replace: '(await this.store.generationOf(sub)) + 1',
      breaks: 'revocation: a generation is max(value read + 1, now in ms), never incremented',
    },
    {
      name: 'a login with credentials of before a raise is opened',
      file: 'src/sessions/session-openings.ts',
      find: "if (result.outcome === 'outdated') {",
      replace: "if (result.outcome === 'outdated' && tries < 0) {",
      breaks: 'invariant 5: a login with the old password that races with its change opens nothing',
    },
    {
      name: 'the other devices of a user include the own one',
      find: '.filter((sid) => sid !== keep)',
      replace: '.filter((sid) => sid !== undefined)',
      breaks: 'revokeOthers: this session stays',
    },
    {
      name: 'a session that was ended is announced before it is removed',
      file: endings,
      tests: ['src/sessions/ends.spec.ts', 'test/revocation/interrupted-endings.spec.ts', reasons],
      find: 'const removed = await this.remove(sub, sids, reason, {',
      replace: 'await this.publish(sub, sids, reason);\n    const removed = await this.remove(sub, sids, reason, {',
      breaks: 'fault: one dead token fills the feed',
    },
    {
      name: 'a repeated logout is announced again',
      file: endings,
      tests: [reasons],
      find: 'const news = sids.filter((sid) => ended.includes(sid) || !this.isAnnounced(sub, sid, reason));',
      replace: 'const news = sids;',
      breaks: 'fault: one dead token fills the feed',
    },
    {
      name: 'a repeated logout is told as an end',
      file: endings,
      tests: [reasons],
      find: 'this.policy.keepsSessions ? ended : news',
      replace: 'this.policy.keepsSessions ? sids : news',
      breaks: 'fault: untrue session.ended lines in the audit log',
    },
    {
      name: 'an end whose announcement failed is forgotten',
      file: endings,
      tests: [reasons],
      find: 'for (const sid of sids) this.noteUnsettled(keyOf(sub, sid));',
      replace: '',
      breaks: 'revocation: a repeated logout heals one that was interrupted',
    },
  ],
};
