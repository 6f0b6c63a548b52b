import { holds, ok, same } from '../assertions.js';
import type { CaseWriter } from '../contract-cases.js';
import { DAY, MINUTE, randomSid, randomSubject, rotationOf } from '../session-samples.js';
import { reach, type StoreUnderTest } from './store-under-test.js';

/** Claims that change while sessions live. */
export function claims({ describe, it, each }: CaseWriter, store: () => StoreUnderTest): void {
  const { repository, opened } = reach(store);
  const found = async ({ sub, sid }: { sub: string; sid: string }) => (await repository().find(sub, sid)).record!;

  describe('changeClaims', () => {
    it("replaces the subject's claims in all its sessions, and no session's own", async () => {
      const one = await opened({ subjectClaims: { roles: ['admin'] }, sessionClaims: { tenant: 7 } });
      const other = await opened({ sub: one.sub });

      const at = await repository().changeClaims(one.sub, { roles: ['buyer'] }, DAY);

      const changed = { subjectClaims: { roles: ['buyer'] } };
      holds(await found(one), { ...changed, sessionClaims: { tenant: 7 } });
      holds(await found(other), changed);
      holds((await repository().list(one.sub)).sessions, [changed, changed]);
      holds((await repository().advance(rotationOf(one))).record, changed);
      ok((await found(one)).claimsAt > at);
    });

    it('replaces the claims of a login that read them before, and opens after', async () => {
      const sub = randomSubject();
      const at = await repository().changeClaims(sub, { roles: ['buyer'] }, DAY);

      holds(await opened({ sub, subjectClaims: { roles: ['admin'] }, claimsAt: at }), {
        subjectClaims: { roles: ['buyer'] },
      });
      holds(await opened({ sub, subjectClaims: { roles: ['boss'] }, claimsAt: at + 2 }), {
        subjectClaims: { roles: ['boss'] },
      });
    });

    it('is told with each look at a session, so that a refresh does not bring claims of before', async () => {
      const record = await opened();
      const at = await repository().changeClaims(record.sub, null, MINUTE);

      holds(await repository().find(record.sub, record.sid), { claimsChangedAt: at });
      holds(await repository().advance(rotationOf(record, { claimsAt: at })), {
        advanced: false,
        claimsChangedAt: at,
      });
      holds(await repository().advance(rotationOf(record, { claimsAt: at + 1 })), { advanced: true });
    });

    it('has a time after each one before, in the same millisecond too', async () => {
      const sub = randomSubject();
      const record = await opened({ sub });
      const times: number[] = [];
      for (let change = 0; change < 5; change += 1) {
        times.push(await repository().changeClaims(sub, { change }, DAY));
        const { claimsAt, subjectClaims } = await found(record);
        same(subjectClaims, { change });
        ok(claimsAt > times.at(-1)!);
      }
      same(
        times,
        [...times].sort((a, b) => a - b),
      );
    });

    it('without claims leaves those that a change before has brought', async () => {
      const record = await opened({ subjectClaims: { roles: ['admin'] } });
      await repository().changeClaims(record.sub, { roles: ['buyer'] }, DAY);
      await repository().changeClaims(record.sub, null, MINUTE);

      holds(await found(record), { subjectClaims: { roles: ['buyer'] } });
    });

    it('is forgotten after its time', async () => {
      const record = await opened();
      await repository().changeClaims(record.sub, null, MINUTE);
      await store().letPass(record.sub, MINUTE);

      holds(await repository().find(record.sub, record.sid), { claimsChangedAt: 0 });
    });

    it('does not reach another subject', async () => {
      const record = await opened({ subjectClaims: { roles: ['admin'] } });
      await repository().changeClaims(randomSubject(), { roles: [] }, DAY);

      holds(await found(record), { subjectClaims: { roles: ['admin'] } });
    });
  });

  describe('setSessionClaims', () => {
    it('gives one session claims of its own, and changes nothing that rotation goes by', async () => {
      const record = await opened({ subjectClaims: { roles: ['buyer'] }, generation: 3, acr: 'silver' });
      const other = await opened({ sub: record.sub });

      const set = await repository().setSessionClaims({ sub: record.sub, sid: record.sid, claims: { tenant: 'a' } });

      holds(set, { alive: true, record: { sessionClaims: { tenant: 'a' } } });
      ok(set.record!.claimsAt > set.at);
      same(await found(record), { ...record, sessionClaims: { tenant: 'a' }, claimsAt: set.at + 1 });
      same((await found(other)).sessionClaims, undefined);
      holds(await repository().advance(rotationOf(record)), {
        advanced: true,
        record: { seq: 1, sessionClaims: { tenant: 'a' } },
      });
    });

    it('replaces what there was, with a later time each', async () => {
      const { sub, sid } = await opened({ sessionClaims: { tenant: 'a', beta: true } });
      const first = await repository().setSessionClaims({ sub, sid, claims: { tenant: 'b' } });
      const second = await repository().setSessionClaims({ sub, sid, claims: { tenant: 'c' } });

      ok(second.at >= first.at);
      same((await found({ sub, sid })).sessionClaims, { tenant: 'c' });
    });

    it('brings back no session that has ended, and leaves nothing of it', async () => {
      const { sub, sid } = await opened({ sessionClaims: { tenant: 'a' } });
      await repository().end(sub, [sid], 'session_revoked', DAY);

      holds(await repository().setSessionClaims({ sub, sid, claims: { tenant: 'b' } }), {
        alive: false,
        record: null,
        ended: 'session_revoked',
      });
      same((await repository().list(sub)).sessions, []);
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

        same((await repository().setSessionClaims({ sub, sid, claims: { tenant: 'b' } })).alive, false);
        same((await repository().find(sub, sid)).record?.sessionClaims, undefined);
      },
    );

    it('knows nothing of a session that never was', async () => {
      const command = { sub: randomSubject(), sid: randomSid(), claims: {} };
      holds(await repository().setSessionClaims(command), { alive: false, record: null, ended: null });
    });
  });

  describe('a session that ends with its browser', () => {
    it('is idle after a day at the latest, however often it is used', async () => {
      const { sub, sid, ...record } = await opened({ persistent: false, idleTtl: DAY, absoluteTtl: 30 * DAY });
      const moved = await repository().advance(rotationOf({ sub, sid, ...record }, { idleTtl: 14 * DAY }));
      ok(moved.record!.idleEnd <= moved.now + DAY);
      const extended = await repository().extend({ sub, sid, generation: 0, idleTtl: 14 * DAY });
      ok(extended.record!.idleEnd <= extended.now + DAY);
    });
  });
}
