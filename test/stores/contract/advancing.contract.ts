import { wholeSecond } from '../../../src/sessions/session.js';
import { DAY, login, MINUTE, rotationOf } from '../session-samples.js';
import type { StoreUnderTest } from './store-under-test.js';
import { reach } from './store-under-test.js';

/** The compare-and-advance, on which the rotation rule stands. */
export function advancingContract(store: () => StoreUnderTest): void {
  const { repository, opened } = reach(store);

  describe('advance', () => {
    it('moves to the next refresh token', async () => {
      const record = await opened({ device: { name: 'phone' }, subjectClaims: { role: 'user' } });
      await store().letPass(record.sub, 5 * MINUTE);
      const before = (await repository().find(record.sub, record.sid)).record!;
      const command = rotationOf(before, { idleTtl: 30 * MINUTE });

      const { advanced, now, ...after } = await repository().advance(command);

      expect(advanced).toBe(true);
      const moved = { seq: 1, rotatedAt: now, attempt: command.attempt, idleEnd: wholeSecond(now + 30 * MINUTE) };
      expect(after).toEqual({ record: { ...before, ...moved }, ended: null, generation: 0, claimsChangedAt: 0 });
      expect((await repository().find(record.sub, record.sid)).record).toEqual(after.record);
    });

    it('leaves the idle end where nothing slides', async () => {
      const record = await opened();

      const { record: after } = await repository().advance(rotationOf(record, { idleTtl: null }));

      expect(after!.idleEnd).toBe(record.idleEnd);
    });

    it('never slides past the absolute end', async () => {
      const record = await opened();

      const { record: after } = await repository().advance(rotationOf(record, { idleTtl: 10 * DAY }));

      expect(after!.idleEnd).toBe(record.absoluteEnd);
    });

    it('never heals past the absolute end', async () => {
      const record = await opened();
      const healedIdleEnd = record.absoluteEnd + DAY;

      const { record: after } = await repository().advance(rotationOf(record, { healedIdleEnd, idleTtl: null }));

      expect(after!.idleEnd).toBe(record.absoluteEnd);
    });

    it('adopts the number of a token that is ahead of a store that went back in time', async () => {
      const record = await opened();

      const { record: after } = await repository().advance(rotationOf(record, { expectSeq: 0, nextSeq: 8 }));

      expect(after!.seq).toBe(8);
    });

    it('heals the idle end that was lost with the last writes before it compares', async () => {
      const record = await opened({ idleTtl: MINUTE });
      await store().letPass(record.sub, 2 * MINUTE);
      const { record: over, now } = await repository().find(record.sub, record.sid);
      const healedIdleEnd = wholeSecond(now + 10 * MINUTE);

      expect((await repository().advance(rotationOf(over!))).advanced).toBe(false);
      const { advanced, record: after } = await repository().advance(
        rotationOf(over!, { healedIdleEnd, idleTtl: null }),
      );

      expect(advanced).toBe(true);
      expect(after!.idleEnd).toBe(healedIdleEnd);
    });

    it.each<[string, Parameters<typeof rotationOf>[1]]>([
      ['with another secret', { secretHash: login().secretHash }],
      ['from an older number', { expectSeq: 4 }],
      ['from a later number', { expectSeq: 6 }],
      ['under a generation below the noted one', { generation: 2 }],
    ])('does nothing %s, and tells what is there', async (_case, wrong) => {
      const { sub, ...start } = await opened({ generation: 3 });
      const { record } = await repository().advance(rotationOf({ sub, ...start }, { nextSeq: 5 }));
      await repository().raiseGeneration(sub, 3, DAY);

      const result = await repository().advance(rotationOf(record!, wrong));

      expect(result).toMatchObject({ advanced: false, record: record!, generation: 3 });
      expect((await repository().find(sub, record!.sid)).record).toEqual(record);
      expect((await repository().advance(rotationOf(record!))).advanced).toBe(true);
    });

    it.each([
      ['idle', { idleTtl: MINUTE }],
      ['absolute', { idleTtl: MINUTE, absoluteTtl: MINUTE }],
    ])('does nothing past the %s end, and leaves removing to a command of its own', async (_end, ends) => {
      const { sub, sid } = await opened({ ...ends });
      await opened({ sub, absoluteTtl: DAY });
      await store().letPass(sub, MINUTE);
      const over = (await repository().find(sub, sid)).record!;

      const result = await repository().advance(rotationOf(over));

      expect(result).toMatchObject({ advanced: false, record: over });
      expect((await repository().find(sub, sid)).record).toEqual(over);
    });

    it('tells why there is no session', async () => {
      const record = await opened();
      await repository().end(record.sub, [record.sid], 'session_replaced', DAY);

      expect(await repository().advance(rotationOf(record))).toMatchObject({
        advanced: false,
        record: null,
        ended: 'session_replaced',
      });
    });

    it('a second execution of one command changes nothing and shows its own attempt', async () => {
      const command = rotationOf(await opened());
      const first = await repository().advance(command);

      const second = await repository().advance(command);

      expect(second).toMatchObject({ advanced: false, record: first.record! });
      expect(second.record!.attempt).toBe(command.attempt);
    });

    it('lets one of 50 through that race with one token', async () => {
      const record = await opened();
      const attempts = Array.from({ length: 50 }, () => rotationOf(record));

      const results = await Promise.all(attempts.map((command) => repository().advance(command)));

      const winners = results.filter(({ advanced }) => advanced);
      expect(winners).toHaveLength(1);
      expect(results.every((result) => result.record!.attempt === winners[0]!.record!.attempt)).toBe(true);
    });

    it('is stopped by a generation that was raised since the session was opened', async () => {
      const record = await opened({ generation: 1 });
      await repository().raiseGeneration(record.sub, 2, DAY);

      expect(await repository().advance(rotationOf(record))).toMatchObject({ advanced: false, generation: 2 });
    });
  });
}
