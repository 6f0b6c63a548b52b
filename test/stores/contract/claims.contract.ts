import { DAY, MINUTE, randomSid, randomSubject, rotationOf } from '../session-samples.js';
import type { StoreUnderTest } from './store-under-test.js';
import { reach } from './store-under-test.js';

/** Claims that change while sessions live. */
export function claimsContract(store: () => StoreUnderTest): void {
  const { repository, opened } = reach(store);
  const found = async ({ sub, sid }: { sub: string; sid: string }) => (await repository().find(sub, sid)).record!;

  describe('changeClaims', () => {
    it("replaces the subject's claims in all its sessions, and no session's own", async () => {
      const one = await opened({ subjectClaims: { roles: ['admin'] }, sessionClaims: { tenant: 7 } });
      const other = await opened({ sub: one.sub });

      const at = await repository().changeClaims(one.sub, { roles: ['buyer'] }, DAY);

      const changed = { subjectClaims: { roles: ['buyer'] } };
      expect(await found(one)).toMatchObject({ ...changed, sessionClaims: { tenant: 7 } });
      expect(await found(other)).toMatchObject(changed);
      expect((await repository().list(one.sub)).sessions).toMatchObject([changed, changed]);
      expect((await repository().advance(rotationOf(one))).record).toMatchObject(changed);
      expect((await found(one)).claimsAt).toBeGreaterThan(at);
    });

    it('replaces the claims of a login that read them before, and opens after', async () => {
      const sub = randomSubject();
      const at = await repository().changeClaims(sub, { roles: ['buyer'] }, DAY);

      expect(await opened({ sub, subjectClaims: { roles: ['admin'] }, claimsAt: at })).toMatchObject({
        subjectClaims: { roles: ['buyer'] },
      });
      expect(await opened({ sub, subjectClaims: { roles: ['boss'] }, claimsAt: at + 2 })).toMatchObject({
        subjectClaims: { roles: ['boss'] },
      });
    });

    it('is told with each look at a session, so that a refresh does not bring claims of before', async () => {
      const record = await opened();
      const at = await repository().changeClaims(record.sub, null, MINUTE);

      expect(await repository().find(record.sub, record.sid)).toMatchObject({ claimsChangedAt: at });
      expect(await repository().advance(rotationOf(record, { claimsAt: at }))).toMatchObject({
        advanced: false,
        claimsChangedAt: at,
      });
      expect(await repository().advance(rotationOf(record, { claimsAt: at + 1 }))).toMatchObject({ advanced: true });
    });

    it('has a time after each one before, in the same millisecond too', async () => {
      const sub = randomSubject();
      const record = await opened({ sub });
      const times: number[] = [];
      for (let change = 0; change < 5; change += 1) {
        times.push(await repository().changeClaims(sub, { change }, DAY));
        const { claimsAt, subjectClaims } = await found(record);
        expect(subjectClaims).toEqual({ change });
        expect(claimsAt).toBeGreaterThan(times.at(-1)!);
      }
      expect(times).toEqual([...times].sort((a, b) => a - b));
    });

    it('without claims leaves those that a change before has brought', async () => {
      const record = await opened({ subjectClaims: { roles: ['admin'] } });
      await repository().changeClaims(record.sub, { roles: ['buyer'] }, DAY);
      await repository().changeClaims(record.sub, null, MINUTE);

      expect(await found(record)).toMatchObject({ subjectClaims: { roles: ['buyer'] } });
    });

    it('is forgotten after its time', async () => {
      const record = await opened();
      await repository().changeClaims(record.sub, null, MINUTE);
      await store().letPass(record.sub, MINUTE);

      expect(await repository().find(record.sub, record.sid)).toMatchObject({ claimsChangedAt: 0 });
    });

    it('does not reach another subject', async () => {
      const record = await opened({ subjectClaims: { roles: ['admin'] } });
      await repository().changeClaims(randomSubject(), { roles: [] }, DAY);

      expect(await found(record)).toMatchObject({ subjectClaims: { roles: ['admin'] } });
    });
  });

  describe('setSessionClaims', () => {
    it('gives one session claims of its own, and changes nothing that rotation goes by', async () => {
      const record = await opened({ subjectClaims: { roles: ['buyer'] }, generation: 3, acr: 'silver' });
      const other = await opened({ sub: record.sub });

      const set = await repository().setSessionClaims({ sub: record.sub, sid: record.sid, claims: { tenant: 'a' } });

      expect(set).toMatchObject({ alive: true, record: { sessionClaims: { tenant: 'a' } } });
      expect(set.record!.claimsAt).toBeGreaterThan(set.at);
      expect(await found(record)).toEqual({ ...record, sessionClaims: { tenant: 'a' }, claimsAt: set.at + 1 });
      expect((await found(other)).sessionClaims).toBeUndefined();
      expect(await repository().advance(rotationOf(record))).toMatchObject({
        advanced: true,
        record: { seq: 1, sessionClaims: { tenant: 'a' } },
      });
    });

    it('replaces what there was, with a later time each', async () => {
      const { sub, sid } = await opened({ sessionClaims: { tenant: 'a', beta: true } });
      const first = await repository().setSessionClaims({ sub, sid, claims: { tenant: 'b' } });
      const second = await repository().setSessionClaims({ sub, sid, claims: { tenant: 'c' } });

      expect(second.at).toBeGreaterThanOrEqual(first.at);
      expect((await found({ sub, sid })).sessionClaims).toEqual({ tenant: 'c' });
    });

    it('brings back no session that has ended, and leaves nothing of it', async () => {
      const { sub, sid } = await opened({ sessionClaims: { tenant: 'a' } });
      await repository().end(sub, [sid], 'session_revoked', DAY);

      expect(await repository().setSessionClaims({ sub, sid, claims: { tenant: 'b' } })).toMatchObject({
        alive: false,
        record: null,
        ended: 'session_revoked',
      });
      expect((await repository().list(sub)).sessions).toEqual([]);
    });

    it.each([
      ['idle', { idleTtl: MINUTE }],
      ['absolute', { idleTtl: MINUTE, absoluteTtl: MINUTE }],
    ])('does nothing past the %s end', async (_end, ends) => {
      const { sub, sid } = await opened({ ...ends });
      await opened({ sub, absoluteTtl: DAY });
      await store().letPass(sub, MINUTE);

      expect((await repository().setSessionClaims({ sub, sid, claims: { tenant: 'b' } })).alive).toBe(false);
      expect((await repository().find(sub, sid)).record?.sessionClaims).toBeUndefined();
    });

    it('knows nothing of a session that never was', async () => {
      const command = { sub: randomSubject(), sid: randomSid(), claims: {} };
      expect(await repository().setSessionClaims(command)).toMatchObject({ alive: false, record: null, ended: null });
    });
  });

  describe('a session that ends with its browser', () => {
    it('is idle after a day at the latest, however often it is used', async () => {
      const { sub, sid, ...record } = await opened({ persistent: false, idleTtl: DAY, absoluteTtl: 30 * DAY });
      const moved = await repository().advance(rotationOf({ sub, sid, ...record }, { idleTtl: 14 * DAY }));
      expect(moved.record!.idleEnd).toBeLessThanOrEqual(moved.now + DAY);
      const extended = await repository().extend({ sub, sid, generation: 0, idleTtl: 14 * DAY });
      expect(extended.record!.idleEnd).toBeLessThanOrEqual(extended.now + DAY);
    });
  });
}
