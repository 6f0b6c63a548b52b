import { holds, same } from '../assertions.js';
import type { CaseWriter } from '../contract-cases.js';
import { DAY, MINUTE, randomSid, randomSubject } from '../session-samples.js';
import { reach, type StoreUnderTest } from './store-under-test.js';

/** What is ended is gone, and its owner can be told why. */
export function ending({ describe, it, each }: CaseWriter, store: () => StoreUnderTest): void {
  const { repository, opened, sidsOf } = reach(store);

  describe('end', () => {
    it('removes what it names, tells which were there, and leaves the others', async () => {
      const sub = randomSubject();
      const [gone, also, stays] = [await opened({ sub }), await opened({ sub }), await opened({ sub })];
      const unknown = randomSid();

      const there = await repository().end(sub, [gone.sid, unknown, also.sid], 'session_revoked', DAY);

      same(there, [gone.sid, also.sid]);
      same(await sidsOf(sub), [stays.sid]);
    });

    it('tells of one that is named twice once, because each that is told is an event', async () => {
      const { sub, sid } = await opened();

      same(await repository().end(sub, [sid, sid], 'session_revoked', DAY), [sid]);
    });

    it('keeps the reason for each session named, found or not, until retention is over', async () => {
      const { sub, sid } = await opened();
      await opened({ sub });
      const unknown = randomSid();
      await repository().end(sub, [sid, unknown], 'token_reused', 10 * MINUTE);

      await store().letPass(sub, 9 * MINUTE);
      same((await repository().find(sub, sid)).ended, 'token_reused');
      same((await repository().find(sub, unknown)).ended, 'token_reused');
      await store().letPass(sub, MINUTE);
      same((await repository().find(sub, sid)).ended, null);
    });

    for (const reason of ['session_ended', 'session_revoked', 'session_replaced', 'token_reused'] as const) {
      it(`remembers ${reason} as such`, async () => {
        const { sub, sid } = await opened();
        await repository().end(sub, [sid], reason, DAY);

        holds(await repository().find(sub, sid), { record: null, ended: reason });
      });
    }

    each(
      [
        ['token_reused', 'session_revoked'],
        ['token_reused', 'session_ended'],
        ['session_revoked', 'session_ended'],
        ['session_replaced', 'session_revoked'],
        ['session_revoked', 'session_replaced'],
      ] as const,
      'leaves the reason %s when %s comes after it, and its time too',
      async (first, second) => {
        const { sub, sid } = await opened();
        await opened({ sub });
        await repository().end(sub, [sid], first, 10 * MINUTE);
        await store().letPass(sub, 9 * MINUTE);

        await repository().end(sub, [sid], second, DAY);

        same((await repository().find(sub, sid)).ended, first);
        await store().letPass(sub, MINUTE);
        same((await repository().find(sub, sid)).ended, null);
      },
    );

    each(
      [
        ['session_revoked', 'token_reused'],
        ['session_ended', 'session_revoked'],
      ] as const,
      'puts the stronger reason in the place of %s: %s',
      async (first, second) => {
        const { sub, sid } = await opened();
        await repository().end(sub, [sid], first, DAY);

        await repository().end(sub, [sid], second, DAY);

        same((await repository().find(sub, sid)).ended, second);
      },
    );

    it('notes a weaker reason anew once the stronger one is forgotten', async () => {
      const { sub, sid } = await opened();
      await opened({ sub });
      await repository().end(sub, [sid], 'token_reused', MINUTE);
      await store().letPass(sub, MINUTE);

      await repository().end(sub, [sid], 'session_revoked', DAY);

      same((await repository().find(sub, sid)).ended, 'session_revoked');
    });

    it('keeps no reason without retention', async () => {
      const { sub, sid } = await opened();
      await repository().end(sub, [sid], 'session_revoked', 0);

      holds(await repository().find(sub, sid), { record: null, ended: null });
    });

    it('may run twice: the second finds nothing', async () => {
      const { sub, sid } = await opened();
      await repository().end(sub, [sid], 'session_revoked', DAY);

      same(await repository().end(sub, [sid], 'session_revoked', DAY), []);
    });

    it('of nothing does nothing', async () => {
      same(await repository().end(randomSubject(), [], 'session_revoked', DAY), []);
    });

    it('does not reach the session of another subject, nor its reason, though sids are public', async () => {
      const record = await opened();

      same(await repository().end(randomSubject(), [record.sid], 'token_reused', DAY), []);
      same((await repository().find(record.sub, record.sid)).record, record);
      await repository().end(record.sub, [record.sid], 'session_revoked', 0);
      same((await repository().find(record.sub, record.sid)).ended, null);
    });

    each(
      [
        ['padded', (sid: string) => `${sid}=`],
        ['in another spelling of the same bytes', (sid: string) => `${sid}\n`],
        ['cut', (sid: string) => sid.slice(0, -1)],
        ['a pattern', () => '*'],
        ['of 10 kB', () => 'x'.repeat(10_000)],
      ],
      'meets no session by an id that is %s',
      async (_case, spelling) => {
        const record = await opened();

        same(await repository().end(record.sub, [spelling(record.sid)], 'session_revoked', DAY), []);
        same((await repository().find(record.sub, spelling(record.sid))).record, null);
        holds(await repository().find(record.sub, record.sid), { record, ended: null });
      },
    );
  });

  describe('endBelow', () => {
    it('ends what was opened below the generation, and nothing at it or above', async () => {
      const sub = randomSubject();
      const none = await opened({ sub });
      const below = await opened({ sub, generation: 6, device: { name: 'phone' } });
      const [at, above] = [await opened({ sub, generation: 7 }), await opened({ sub, generation: 8 })];
      const other = await opened();

      const there = await repository().endBelow(sub, 7, 'session_revoked', DAY);

      same([...there].sort(), [none.sid, below.sid].sort());
      same((await sidsOf(sub)).sort(), [at.sid, above.sid].sort());
      same(await sidsOf(other.sub), [other.sid]);
      same((await repository().find(sub, none.sid)).ended, 'session_revoked');
      same((await repository().find(sub, below.sid)).ended, 'session_revoked');
    });

    it('may run twice, and of a subject without sessions ends nothing', async () => {
      const { sub } = await opened();
      await repository().endBelow(sub, 1, 'session_revoked', DAY);

      same(await repository().endBelow(sub, 1, 'session_revoked', DAY), []);
      same(await repository().endBelow(randomSubject(), 1, 'session_revoked', DAY), []);
    });

    it('raises no generation by itself: a login with an older one is still let in', async () => {
      const { sub } = await opened();
      await repository().endBelow(sub, 5, 'session_revoked', DAY);

      same(await repository().generationOf(sub), 0);
      same((await opened({ sub })).generation, 0);
    });

    it('leaves a stronger reason, and notes none without retention', async () => {
      const sub = randomSubject();
      const [alarmed, untold] = [await opened({ sub }), await opened({ sub })];
      await repository().end(sub, [alarmed.sid], 'token_reused', DAY);
      await repository().endBelow(sub, 1, 'session_revoked', 0);

      same((await repository().find(sub, alarmed.sid)).ended, 'token_reused');
      holds(await repository().find(sub, untold.sid), { record: null, ended: null });
    });
  });
}
