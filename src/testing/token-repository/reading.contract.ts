import { ok, same } from '../assertions.js';
import type { CaseWriter } from '../contract-cases.js';
import type { SessionRecord } from '../../index.js';
import { MINUTE, randomSid, randomSubject } from '../session-samples.js';
import { reach, type StoreUnderTest } from './store-under-test.js';

/** What is there is told as it is. */
export function reading({ describe, it, each }: CaseWriter, store: () => StoreUnderTest): void {
  const { repository, opened, sidsOf } = reach(store);

  describe('find', () => {
    it('knows nothing of a session that never was', async () => {
      const { now, ...found } = await repository().find(randomSubject(), randomSid());

      same(found, { record: null, ended: null, generation: 0, claimsChangedAt: 0 });
      ok(now > 0);
    });

    it('shows a session past its end, because the answer names the end that was reached', async () => {
      const record = await opened({ idleTtl: MINUTE });
      await store().letPass(record.sub, 2 * MINUTE);

      const { record: found, now } = await repository().find(record.sub, record.sid);

      same(found?.sid, record.sid);
      ok(found!.idleEnd < now);
    });

    it('does not show the session of one subject to another, though sids are public', async () => {
      const record = await opened();

      same((await repository().find(randomSubject(), record.sid)).record, null);
    });
  });

  describe('list', () => {
    it('shows the sessions that live as they are, the earliest first, and the time', async () => {
      const sub = randomSubject();
      const records: SessionRecord[] = [];
      // Longer than a compact entry, so that Redis keeps them in no order of its own.
      const device = { name: 'n'.repeat(30), userAgent: Array.from({ length: 9 }, randomSid).join(' ') };
      for (let i = 0; i < 10; i += 1) {
        records.push(await opened({ sub, device }));
        await store().letPass(sub, 10);
      }

      const { sessions, now } = await repository().list(sub);

      same(
        sessions.map(({ sid }) => sid),
        records.map(({ sid }) => sid),
      );
      same(sessions[9]!.device, device);
      ok(now > sessions[9]!.createdAt);
    });

    each(
      [
        ['idle', { idleTtl: MINUTE }],
        ['absolute', { idleTtl: MINUTE, absoluteTtl: MINUTE }],
      ],
      'does not show a session past its %s end',
      async (_end, ends) => {
        const sub = randomSubject();
        const stays = await opened({ sub });
        await opened({ sub, ...ends });
        await store().letPass(sub, MINUTE);

        same(await sidsOf(sub), [stays.sid]);
      },
    );

    it('is empty for a subject without sessions', async () => {
      same((await repository().list(randomSubject())).sessions, []);
    });
  });

  it('tells its time', async () => {
    const { now } = await repository().find(randomSubject(), randomSid());

    ok(Math.abs((await repository().time()) - now) < 1_000);
  });
}
