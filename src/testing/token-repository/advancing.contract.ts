import { holds, same } from '../assertions.js';
import type { CaseWriter } from '../contract-cases.js';
import { DAY, login, MINUTE, rotationOf, wholeSecond } from '../session-samples.js';
import { reach, type StoreUnderTest } from './store-under-test.js';

/** The compare-and-advance, on which the rotation rule stands. */
export function advancing({ describe, it, each }: CaseWriter, store: () => StoreUnderTest): void {
  const { repository, opened } = reach(store);

  describe('advance', () => {
    it('moves to the next refresh token', async () => {
      const record = await opened({ device: { name: 'phone' }, subjectClaims: { role: 'user' } });
      await store().letPass(record.sub, 5 * MINUTE);
      const before = (await repository().find(record.sub, record.sid)).record!;
      const command = rotationOf(before, { idleTtl: 30 * MINUTE });

      const { advanced, now, ...after } = await repository().advance(command);

      same(advanced, true);
      const moved = { seq: 1, rotatedAt: now, attempt: command.attempt, idleEnd: wholeSecond(now + 30 * MINUTE) };
      same(after, { record: { ...before, ...moved }, ended: null, generation: 0, claimsChangedAt: 0 });
      same((await repository().find(record.sub, record.sid)).record, after.record);
    });

    it('leaves the idle end where nothing slides', async () => {
      const record = await opened();

      const { record: after } = await repository().advance(rotationOf(record, { idleTtl: null }));

      same(after!.idleEnd, record.idleEnd);
    });

    it('never slides past the absolute end', async () => {
      const record = await opened();

      const { record: after } = await repository().advance(rotationOf(record, { idleTtl: 10 * DAY }));

      same(after!.idleEnd, record.absoluteEnd);
    });

    it('never heals past the absolute end', async () => {
      const record = await opened();
      const healedIdleEnd = record.absoluteEnd + DAY;

      const { record: after } = await repository().advance(rotationOf(record, { healedIdleEnd, idleTtl: null }));

      same(after!.idleEnd, record.absoluteEnd);
    });

    it('adopts the number of a token that is ahead of a store that went back in time', async () => {
      const record = await opened();

      const { record: after } = await repository().advance(rotationOf(record, { expectSeq: 0, nextSeq: 8 }));

      same(after!.seq, 8);
    });

    it('heals the idle end that was lost with the last writes before it compares', async () => {
      const record = await opened({ idleTtl: MINUTE });
      await store().letPass(record.sub, 2 * MINUTE);
      const { record: over, now } = await repository().find(record.sub, record.sid);
      const healedIdleEnd = wholeSecond(now + 10 * MINUTE);

      same((await repository().advance(rotationOf(over!))).advanced, false);
      const { advanced, record: after } = await repository().advance(
        rotationOf(over!, { healedIdleEnd, idleTtl: null }),
      );

      same(advanced, true);
      same(after!.idleEnd, healedIdleEnd);
    });

    each(
      [
        ['with another secret', { secretHash: login().secretHash }],
        ['from an older number', { expectSeq: 4 }],
        ['from a later number', { expectSeq: 6 }],
        ['under a generation below the noted one', { generation: 2 }],
      ],
      'does nothing %s, and tells what is there',
      async (_case, wrong) => {
        const { sub, ...start } = await opened({ generation: 3 });
        const { record } = await repository().advance(rotationOf({ sub, ...start }, { nextSeq: 5 }));
        await repository().raiseGeneration(sub, 3, DAY);

        const result = await repository().advance(rotationOf(record!, wrong));

        holds(result, { advanced: false, record: record!, generation: 3 });
        same((await repository().find(sub, record!.sid)).record, record);
        same((await repository().advance(rotationOf(record!))).advanced, true);
      },
    );

    each(
      [
        ['idle', { idleTtl: MINUTE }],
        ['absolute', { idleTtl: MINUTE, absoluteTtl: MINUTE }],
      ],
      'does nothing past the %s end, and leaves removing to a command of its own',
      async (_end, ends) => {
        const { sub, sid } = await opened({ ...ends });
        await opened({ sub, absoluteTtl: DAY });
        await store().letPass(sub, MINUTE);
        const over = (await repository().find(sub, sid)).record!;

        const result = await repository().advance(rotationOf(over));

        holds(result, { advanced: false, record: over });
        same((await repository().find(sub, sid)).record, over);
      },
    );

    it('tells why there is no session', async () => {
      const record = await opened();
      await repository().end(record.sub, [record.sid], 'session_replaced', DAY);

      holds(await repository().advance(rotationOf(record)), {
        advanced: false,
        record: null,
        ended: 'session_replaced',
      });
    });

    it('a second execution of one command changes nothing and shows its own attempt', async () => {
      const command = rotationOf(await opened());
      const first = await repository().advance(command);

      const second = await repository().advance(command);

      holds(second, { advanced: false, record: first.record! });
      same(second.record!.attempt, command.attempt);
    });

    it('lets one of 50 through that race with one token', async () => {
      const record = await opened();
      const attempts = Array.from({ length: 50 }, () => rotationOf(record));

      const results = await Promise.all(attempts.map((command) => repository().advance(command)));

      const winners = results.filter(({ advanced }) => advanced);
      same(winners.length, 1);
      same(
        results.every((result) => result.record!.attempt === winners[0]!.record!.attempt),
        true,
      );
    });

    it('is stopped by a generation that was raised since the session was opened', async () => {
      const record = await opened({ generation: 1 });
      await repository().raiseGeneration(record.sub, 2, DAY);

      holds(await repository().advance(rotationOf(record)), { advanced: false, generation: 2 });
    });
  });
}
