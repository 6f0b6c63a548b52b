import { holds, rejects, same } from '../assertions.js';
import type { CaseWriter } from '../contract-cases.js';
import type { OpenResult } from '../../index.js';
import { DAY, login, MINUTE, randomSubject, rotationOf, wholeSecond } from '../session-samples.js';
import { reach, type StoreUnderTest } from './store-under-test.js';

/** A login becomes a session, or is told why not. */
export function opening({ describe, it, each }: CaseWriter, store: () => StoreUnderTest): void {
  const { repository, opened, sidsOf } = reach(store);

  describe('open', () => {
    it('keeps what it was given and adds the times of the store', async () => {
      const command = login({
        clientId: 'web',
        transport: 'cookie',
        authTime: 1_700_000_000,
        amr: ['pwd', 'otp', 'x-badge'],
        generation: 7,
        acr: 'urn:mace:incommon:iap:silver',
        act: { sub: 'support-7', generation: 3 },
        persistent: false,
        subjectClaims: { roles: ['admin'], nested: { a: [1, null, true] } },
        claimsAt: 1_700_000_000_123,
        device: { name: "Zoë's phone", userAgent: 'Mozilla/5.0 (X11; Linux x86_64)', ip: '2001:db8::17' },
      });

      const result = await repository().open(command);

      if (result.outcome !== 'opened') throw new Error(result.outcome);
      const { idleTtl, absoluteTtl, maxSessions: _, ...kept } = command;
      same<object>(result.record, {
        ...kept,
        seq: 0,
        createdAt: result.now,
        rotatedAt: result.now,
        idleEnd: wholeSecond(result.now + idleTtl),
        absoluteEnd: wholeSecond(result.now + absoluteTtl),
      });
      same((await repository().find(command.sub, command.sid)).record, result.record);
    });

    it('takes the moment of opening as the login where the host names none', async () => {
      const record = await opened({ authTime: null });

      same(record.authTime, Math.floor(record.createdAt / 1000));
    });

    it('keeps that nobody knows when the login was', async () => {
      const record = await opened({ authTime: 0 });

      same(record.authTime, 0);
    });

    it('never lets the idle end go beyond the absolute end', async () => {
      const record = await opened({ idleTtl: 2 * DAY, absoluteTtl: DAY });

      same(record.idleEnd, record.absoluteEnd);
    });

    it('says whose sessions must leave when there is no room, the earliest first, and writes nothing', async () => {
      const sub = randomSubject();
      const first = await opened({ sub });
      await store().letPass(sub, 10);
      const second = await opened({ sub });
      await store().letPass(sub, 10);
      const third = await opened({ sub });

      same(await repository().open(login({ sub, maxSessions: 3 })), { outcome: 'full', oldest: [first.sid] });
      same(await repository().open(login({ sub, maxSessions: 2 })), {
        outcome: 'full',
        oldest: [first.sid, second.sid],
      });
      same(await sidsOf(sub), [first.sid, second.sid, third.sid]);
    });

    each(
      [
        ['idle', { idleTtl: 2_000 }],
        ['absolute', { idleTtl: 2_000, absoluteTtl: 2_000 }],
      ],
      'a session past its %s end takes no room and is dropped',
      async (_end, ends) => {
        const sub = randomSubject();
        const old = await opened({ sub, ...ends });
        await store().letPass(sub, 2_000);

        const young = await opened({ sub, maxSessions: 1 });

        same(await sidsOf(sub), [young.sid]);
        same((await repository().find(sub, old.sid)).record, null);
      },
    );

    it('takes a session away that is replaced, and gives its room to the new one', async () => {
      const sub = randomSubject();
      const first = await opened({ sub });
      await store().letPass(sub, 10);
      const old = await opened({ sub, sessionClaims: { tenant: 7 }, device: { name: 'phone' } });
      const command = login({ sub, maxSessions: 2, replaces: old.sid });

      holds(await repository().open(command), { outcome: 'opened', replaced: true, record: { sid: command.sid } });
      same(await sidsOf(sub), [first.sid, command.sid]);
      same((await repository().find(sub, old.sid)).record, null);
      same(await repository().end(sub, [old.sid], 'session_replaced', DAY), []);
      same((await repository().find(sub, old.sid)).ended, 'session_replaced');
      // A resend, after which nothing is left to be replaced.
      holds(await repository().open(command), { outcome: 'opened', replaced: false });
    });

    it('takes no session away in place of another, and none of a login that is refused', async () => {
      const sub = randomSubject();
      const mine = await opened({ sub });
      await store().letPass(sub, 10);
      const other = await opened();
      const replaces = other.sid;

      same(await repository().open(login({ sub, maxSessions: 1, replaces })), { outcome: 'full', oldest: [mine.sid] });
      holds(await repository().open(login({ sub, maxSessions: 2, replaces })), { outcome: 'opened', replaced: false });
      await repository().raiseGeneration(sub, 5, DAY);
      same(await repository().open(login({ sub, generation: 4, replaces: mine.sid })), { outcome: 'outdated' });
      same((await sidsOf(sub)).includes(mine.sid), true);
      same(await sidsOf(other.sub), [other.sid]);
    });

    it('answers a resend with the session that is there, because a client may send a command twice', async () => {
      const command = login({ maxSessions: 1, device: { name: 'phone' } });
      const first = await repository().open(command);
      await store().letPass(command.sub, 2_000);

      const second = await repository().open(command);

      holds(second, { outcome: 'opened', record: { sid: command.sid, seq: 0, device: command.device } });
      same(first.outcome, 'opened');
      same(await sidsOf(command.sub), [command.sid]);
    });

    it('answers a resend that comes after a rotation with the rotated record, and does not set it back', async () => {
      const command = login();
      const first = await repository().open(command);
      if (first.outcome !== 'opened') throw new Error(first.outcome);
      await repository().advance(rotationOf(first.record));

      const second = await repository().open(command);

      holds(second, { outcome: 'opened', record: { seq: 1 } });
    });

    it('opens anew where a resend comes after the end of what it opened, with nothing left of that', async () => {
      const command = login({ idleTtl: 1_000, device: { name: 'phone' } });
      await repository().open(command);
      await store().letPass(command.sub, 2_000);

      const again = await repository().open({ ...command, idleTtl: MINUTE, device: {} });

      if (again.outcome !== 'opened') throw new Error(again.outcome);
      same(again.record.device, {});
      same((await repository().find(command.sub, command.sid)).record, again.record);
    });

    it('refuses to hand a session to another login with the same sid', async () => {
      const record = await opened();

      const intruder = repository().open(login({ sub: record.sub, sid: record.sid }));

      await rejects(intruder, /Another session has this sid/);
      same((await repository().find(record.sub, record.sid)).record, record);
    });

    it('refuses a login whose password was read before the generation was raised', async () => {
      const sub = randomSubject();
      await repository().raiseGeneration(sub, 5, DAY);

      same(await repository().open(login({ sub, generation: 4 })), { outcome: 'outdated' });
      same(await sidsOf(sub), []);
      same((await opened({ sub, generation: 5 })).generation, 5);
      same((await opened({ sub, generation: 6 })).generation, 6);
    });

    it('takes the noted generation where the host has none of its own', async () => {
      const sub = randomSubject();
      const now = await repository().time();
      same((await opened({ sub, generation: null })).generation, 0);
      await repository().raiseGeneration(sub, now, DAY);

      same((await opened({ sub, generation: null })).generation, now);
    });

    it('is exact about the maximum under 50 logins at once that end the oldest to make room', async () => {
      const sub = randomSubject();
      const maxSessions = 3;
      let most = 0;
      const logIn = async (): Promise<void> => {
        const command = login({ sub, maxSessions });
        for (;;) {
          const result: OpenResult = await repository().open(command);
          most = Math.max(most, (await sidsOf(sub)).length);
          if (result.outcome === 'opened') return;
          if (result.outcome === 'full') await repository().end(sub, result.oldest, 'session_replaced', DAY);
        }
      };

      await Promise.all(Array.from({ length: 50 }, logIn));

      same(most, maxSessions);
      same((await sidsOf(sub)).length, maxSessions);
    });
  });
}
