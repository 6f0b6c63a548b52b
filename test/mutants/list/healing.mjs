const rolledBack = 'test/revocation/rolled-back-store.spec.ts';

/** @type {import('../mutants.mjs').Area} */
export const healing = {
  file: 'src/revocation/healing.ts',
  tests: ['src/revocation/healing.spec.ts'],
  mutants: [
    {
      name: 'an ended session is not ended again',
      find: "return [{ kind: 'end', sub: entry.sub, sid: entry.sid, reason: entry.reason }];",
      replace: 'return [];',
      breaks: 'fault: sessions ended before a rollback of the store come back',
    },
    {
      name: 'a raised generation is not raised again',
      find: "return [{ kind: 'raise', sub: entry.sub, generation: entry.generation, reason: entry.reason }];",
      replace: 'return [];',
      breaks: 'fault: sessions ended before a rollback of the store come back',
    },
    {
      name: 'a session entry ends everything of its subject',
      find: "return [{ kind: 'end', sub: entry.sub, sid: entry.sid, reason: entry.reason }];",
      replace: "return [{ kind: 'raise', sub: entry.sub, generation: 2 ** 40, reason: entry.reason }];",
      breaks: 'healing: an entry of a session ends exactly that sid',
    },
    {
      name: 'a generation is raised by one more',
      find: 'generation: entry.generation, reason',
      replace: 'generation: entry.generation + 1, reason',
      breaks: 'healing: an entry of a generation ends only records with a lower generation',
    },
    {
      name: 'the reason becomes a logout',
      find: 'sid: entry.sid, reason: entry.reason',
      replace: "sid: entry.sid, reason: 'session_revoked'",
      breaks: 'healing: entries keep their first reason',
    },
    {
      name: 'what the feed tells in a weaker form is not lost',
      find: '.filter((entry) => !told.tells(entry))',
      replace: '.filter((entry) => !told.holds({ ...entry, reason: "session_ended" } as never))',
      breaks: 'healing: an entry that is kept weaker, lower or shorter is lost',
    },
    {
      name: 'a refresh that the list refuses leaves the record',
      file: 'src/sessions/refresh-rotation.service.ts',
      tests: [rolledBack],
      find: "revoked !== 'claims_outdated' && this.endings.clear(token.sub, token.sid, revoked);",
      replace: 'false;',
      breaks: 'healing: a refresh that the list refuses also sees to it that the record is gone',
    },
    {
      name: 'a generation ends the sessions of the new password too',
      file: 'src/sessions/session-endings.ts',
      tests: ['src/sessions/session.service.spec.ts', 'src/sessions/store-repairs.spec.ts'],
      find: 'return this.store.endBelow(sub, generation, reason',
      replace: 'return this.store.endBelow(sub, Infinity, reason',
      breaks: 'healing: an entry of a generation ends only records with a lower generation',
    },
    {
      name: 'an instance that only reads repairs the store',
      file: 'src/stores/redis/redis-revocation-feed.ts',
      tests: ['test/revocation/redis-revocation-feed.module.spec.ts'],
      find: 'this.writer?.endWindow(this.subscriber!.held(), kept);',
      replace:
        'this.writer?.endWindow(this.subscriber!.held(), kept); if (!this.writer) await this.subscriber!.lost([...this.subscriber!.held()]);',
      breaks: 'healing: an instance that may only read the store ends nothing',
    },
  ],
};
