import { wholeSecond } from '../../../src/sessions/session.js';
import { DAY, MINUTE, randomSid, randomSubject, rotationOf } from '../session-samples.js';
import type { StoreUnderTest } from './store-under-test.js';
import { reach } from './store-under-test.js';

/** A session that is in use, whose idle end moves without a rotation. */
export function extendingContract(store: () => StoreUnderTest): void {
  const { repository, opened } = reach(store);
  const extension = ({ sub, sid }: { sub: string; sid: string }, idleTtl = 60 * MINUTE, generation = 0) =>
    repository().extend({ sub, sid, generation, idleTtl });

  describe('extend', () => {
    it('moves the idle end and nothing else, so that it neither stretches grace nor hides a reuse', async () => {
      const record = await opened({
        device: { name: 'phone' },
        subjectClaims: { role: 'user' },
        authTime: 1_700_000_000,
      });
      await store().letPass(record.sub, 5 * MINUTE);
      const before = (await repository().find(record.sub, record.sid)).record!;

      const { alive, now, ...after } = await extension(record);

      expect(alive).toBe(true);
      const moved = { ...before, idleEnd: wholeSecond(now + 60 * MINUTE) };
      expect(after).toEqual({ record: moved, ended: null, generation: 0, claimsChangedAt: 0 });
      expect(moved.idleEnd).toBeGreaterThan(before.idleEnd);
      expect((await repository().find(record.sub, record.sid)).record).toEqual(moved);
    });

    it('never moves it past the absolute end', async () => {
      const record = await opened();

      expect((await extension(record, 10 * DAY)).record!.idleEnd).toBe(record.absoluteEnd);
    });

    it('never moves it back, as a call with a shorter time or one that comes late might', async () => {
      const record = await opened();

      expect(await extension(record, MINUTE)).toMatchObject({ alive: true, record });
    });

    it('leaves the refresh token good: the same rotation still goes through', async () => {
      const record = await opened();
      await extension(record);

      expect((await repository().advance(rotationOf(record))).advanced).toBe(true);
    });

    it('may run twice', async () => {
      const record = await opened();
      await store().letPass(record.sub, MINUTE);
      await extension(record);

      expect((await extension(record)).alive).toBe(true);
    });

    it('does not bring a removed session back, and tells why there is none', async () => {
      const record = await opened();
      await repository().end(record.sub, [record.sid], 'session_revoked', DAY);

      expect(await extension(record)).toMatchObject({ alive: false, record: null, ended: 'session_revoked' });
      expect((await repository().list(record.sub)).sessions).toEqual([]);
    });

    it.each([
      ['idle', { idleTtl: MINUTE }],
      ['absolute', { idleTtl: MINUTE, absoluteTtl: MINUTE }],
    ])('does nothing past the %s end', async (_end, ends) => {
      const { sub, sid } = await opened({ ...ends });
      await opened({ sub, absoluteTtl: DAY });
      await store().letPass(sub, MINUTE);
      const over = (await repository().find(sub, sid)).record!;

      expect(await extension(over)).toMatchObject({ alive: false, record: over });
      expect((await repository().find(sub, sid)).record).toEqual(over);
    });

    it('is stopped by a generation that was raised since the session was opened', async () => {
      const record = await opened({ generation: 1 });
      await repository().raiseGeneration(record.sub, 2, DAY);

      expect(await extension(record, 2 * 60 * MINUTE, 1)).toMatchObject({ alive: false, generation: 2, record });
    });

    it("does not reach another subject's session, though sids are public", async () => {
      const record = await opened();

      expect((await extension({ sub: randomSubject(), sid: record.sid }, 2 * 60 * MINUTE)).alive).toBe(false);
      expect((await repository().find(record.sub, record.sid)).record).toEqual(record);
    });

    it('knows nothing of a session that never was', async () => {
      expect(await extension({ sub: randomSubject(), sid: randomSid() })).toMatchObject({
        alive: false,
        record: null,
        ended: null,
      });
    });
  });
}
