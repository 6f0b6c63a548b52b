import { DAY, MINUTE, randomSubject, rotationOf } from '../session-samples.js';
import type { StoreUnderTest } from './store-under-test.js';
import { reach } from './store-under-test.js';

/** The number that kills all tokens of a subject. */
export function generationContract(store: () => StoreUnderTest): void {
  const { repository, opened } = reach(store);

  describe('generation', () => {
    it('is 0 until one is noted', async () => {
      expect(await repository().generationOf(randomSubject())).toBe(0);
    });

    it('is never lowered, so that two password changes in any order end in the higher one', async () => {
      const sub = randomSubject();

      expect(await repository().raiseGeneration(sub, 9, DAY)).toBe(9);
      expect(await repository().raiseGeneration(sub, 4, DAY)).toBe(9);
      expect(await repository().generationOf(sub)).toBe(9);
    });

    it('is set and not incremented, so that a resend does not kill the session opened meanwhile', async () => {
      const sub = randomSubject();
      await repository().raiseGeneration(sub, 9, DAY);
      const record = await opened({ sub, generation: 9 });

      await repository().raiseGeneration(sub, 9, DAY);

      expect((await repository().advance(rotationOf(record))).advanced).toBe(true);
    });

    it('is forgotten when its time is over, and not before the longest time asked for', async () => {
      const { sub } = await opened();
      await repository().raiseGeneration(sub, 3, 10 * MINUTE);
      await repository().raiseGeneration(sub, 4, MINUTE);

      await store().letPass(sub, 9 * MINUTE);
      expect(await repository().generationOf(sub)).toBe(4);
      await store().letPass(sub, MINUTE);
      expect(await repository().generationOf(sub)).toBe(0);
    });

    it('outlives the sessions that end meanwhile', async () => {
      const { sub, sid } = await opened();
      await repository().raiseGeneration(sub, 3, DAY);
      await repository().end(sub, [sid], 'session_revoked', 0);

      expect(await repository().generationOf(sub)).toBe(3);
    });

    it('holds milliseconds of any year to come', async () => {
      const sub = randomSubject();
      const target = Date.UTC(9999, 11, 31);

      expect(await repository().raiseGeneration(sub, target, DAY)).toBe(target);
      expect((await opened({ sub, generation: null })).generation).toBe(target);
    });
  });
}
