import { holds, same } from '../assertions.js';
import type { CaseWriter } from '../contract-cases.js';
import { DAY, HOSTILE_SUBJECTS, randomAttempt, rotationOf } from '../session-samples.js';
import { reach, type StoreUnderTest } from './store-under-test.js';

/** Subjects come from outside and may be spelled in any way. */
export function subjects({ describe, it, each }: CaseWriter, store: () => StoreUnderTest): void {
  const { repository, opened } = reach(store);

  describe('subjects of any spelling', () => {
    it('are kept apart: each sees its own session and nothing of the others', async () => {
      const records = [];
      for (const [, sub] of HOSTILE_SUBJECTS) records.push(await opened({ sub }));

      for (const record of records) same((await repository().list(record.sub)).sessions, [record]);
    });

    each(HOSTILE_SUBJECTS, '%s goes through a whole life', async (_name, sub) => {
      const record = await opened({ sub, attempt: randomAttempt(), maxSessions: 1000 });
      const { record: rotated } = await repository().advance(rotationOf(record));
      await repository().raiseGeneration(sub, record.generation + 1, DAY);

      same((await repository().find(sub, record.sid)).record, rotated);
      same(await repository().end(sub, [record.sid], 'session_revoked', DAY), [record.sid]);
      holds(await repository().find(sub, record.sid), { record: null, ended: 'session_revoked' });
    });
  });
}
