import { DAY, HOSTILE_SUBJECTS, randomAttempt, rotationOf } from '../session-samples.js';
import type { StoreUnderTest } from './store-under-test.js';
import { reach } from './store-under-test.js';

/** Subjects come from outside and may be spelled in any way. */
export function subjectsContract(store: () => StoreUnderTest): void {
  const { repository, opened } = reach(store);

  describe('subjects of any spelling', () => {
    it('are kept apart: each sees its own session and nothing of the others', async () => {
      const records = [];
      for (const [, sub] of HOSTILE_SUBJECTS) records.push(await opened({ sub }));

      for (const record of records) expect((await repository().list(record.sub)).sessions).toEqual([record]);
    });

    it.each(HOSTILE_SUBJECTS)('%s goes through a whole life', async (_name, sub) => {
      const record = await opened({ sub, attempt: randomAttempt(), maxSessions: 1000 });
      const { record: rotated } = await repository().advance(rotationOf(record));
      await repository().raiseGeneration(sub, record.generation + 1, DAY);

      expect((await repository().find(sub, record.sid)).record).toEqual(rotated);
      expect(await repository().end(sub, [record.sid], 'session_revoked', DAY)).toEqual([record.sid]);
      expect(await repository().find(sub, record.sid)).toMatchObject({ record: null, ended: 'session_revoked' });
    });
  });
}
