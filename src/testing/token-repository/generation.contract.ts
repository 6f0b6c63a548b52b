import { same } from '../assertions.js';
import type { CaseWriter } from '../contract-cases.js';
import { DAY, MINUTE, randomSubject, rotationOf } from '../session-samples.js';
import { reach, type StoreUnderTest } from './store-under-test.js';

/** The number that kills all tokens of a subject. */
export function generation({ describe, it }: CaseWriter, store: () => StoreUnderTest): void {
  const { repository, opened } = reach(store);

  describe('generation', () => {
    it('is 0 until one is noted', async () => {
      same(await repository().generationOf(randomSubject()), 0);
    });

    it('is never lowered, so that two password changes in any order end in the higher one', async () => {
      const sub = randomSubject();

      same(await repository().raiseGeneration(sub, 9, DAY), 9);
      same(await repository().raiseGeneration(sub, 4, DAY), 9);
      same(await repository().generationOf(sub), 9);
    });

    it('is set and not incremented, so that a resend does not kill the session opened meanwhile', async () => {
      const sub = randomSubject();
      await repository().raiseGeneration(sub, 9, DAY);
      const record = await opened({ sub, generation: 9 });

      await repository().raiseGeneration(sub, 9, DAY);

      same((await repository().advance(rotationOf(record))).advanced, true);
    });

    it('is forgotten when its time is over, and not before the longest time asked for', async () => {
      const { sub } = await opened();
      await repository().raiseGeneration(sub, 3, 10 * MINUTE);
      await repository().raiseGeneration(sub, 4, MINUTE);

      await store().letPass(sub, 9 * MINUTE);
      same(await repository().generationOf(sub), 4);
      await store().letPass(sub, MINUTE);
      same(await repository().generationOf(sub), 0);
    });

    it('outlives the sessions that end meanwhile', async () => {
      const { sub, sid } = await opened();
      await repository().raiseGeneration(sub, 3, DAY);
      await repository().end(sub, [sid], 'session_revoked', 0);

      same(await repository().generationOf(sub), 3);
    });

    it('holds milliseconds of any year to come', async () => {
      const sub = randomSubject();
      const target = Date.UTC(9999, 11, 31);

      same(await repository().raiseGeneration(sub, target, DAY), target);
      same((await opened({ sub, generation: null })).generation, target);
    });
  });
}
