import { holds, ok, same } from '../assertions.js';
import type { CaseWriter } from '../contract-cases.js';
import { DAY, MINUTE, randomSid, randomSubject, rotationOf, wholeSecond } from '../session-samples.js';
import { reach, type StoreUnderTest } from './store-under-test.js';

/** A session that is in use, whose idle end moves without a rotation. */
export function extending({ describe, it, each }: CaseWriter, store: () => StoreUnderTest): void {
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

      same(alive, true);
      const moved = { ...before, idleEnd: wholeSecond(now + 60 * MINUTE) };
      same(after, { record: moved, ended: null, generation: 0, claimsChangedAt: 0 });
      ok(moved.idleEnd > before.idleEnd);
      same((await repository().find(record.sub, record.sid)).record, moved);
    });

    it('never moves it past the absolute end', async () => {
      const record = await opened();

      same((await extension(record, 10 * DAY)).record!.idleEnd, record.absoluteEnd);
    });

    it('never moves it back, as a call with a shorter time or one that comes late might', async () => {
      const record = await opened();

      holds(await extension(record, MINUTE), { alive: true, record });
    });

    it('leaves the refresh token good: the same rotation still goes through', async () => {
      const record = await opened();
      await extension(record);

      same((await repository().advance(rotationOf(record))).advanced, true);
    });

    it('may run twice', async () => {
      const record = await opened();
      await store().letPass(record.sub, MINUTE);
      await extension(record);

      same((await extension(record)).alive, true);
    });

    it('does not bring a removed session back, and tells why there is none', async () => {
      const record = await opened();
      await repository().end(record.sub, [record.sid], 'session_revoked', DAY);

      holds(await extension(record), { alive: false, record: null, ended: 'session_revoked' });
      same((await repository().list(record.sub)).sessions, []);
    });

    each(
      [
        ['idle', { idleTtl: MINUTE }],
        ['absolute', { idleTtl: MINUTE, absoluteTtl: MINUTE }],
      ],
      'does nothing past the %s end',
      async (_end, ends) => {
        const { sub, sid } = await opened({ ...ends });
        await opened({ sub, absoluteTtl: DAY });
        await store().letPass(sub, MINUTE);
        const over = (await repository().find(sub, sid)).record!;

        holds(await extension(over), { alive: false, record: over });
        same((await repository().find(sub, sid)).record, over);
      },
    );

    it('is stopped by a generation that was raised since the session was opened', async () => {
      const record = await opened({ generation: 1 });
      await repository().raiseGeneration(record.sub, 2, DAY);

      holds(await extension(record, 2 * 60 * MINUTE, 1), { alive: false, generation: 2, record });
    });

    it("does not reach another subject's session, though sids are public", async () => {
      const record = await opened();

      same((await extension({ sub: randomSubject(), sid: record.sid }, 2 * 60 * MINUTE)).alive, false);
      same((await repository().find(record.sub, record.sid)).record, record);
    });

    it('knows nothing of a session that never was', async () => {
      holds(await extension({ sub: randomSubject(), sid: randomSid() }), {
        alive: false,
        record: null,
        ended: null,
      });
    });
  });
}
