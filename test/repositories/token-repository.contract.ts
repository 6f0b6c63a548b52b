import type { OpenCommand, OpenResult, TokenRepository } from '../../src/repositories/token.repository.js';
import type { SessionRecord } from '../../src/sessions/session.js';
import { wholeSecond } from '../../src/sessions/session.js';
import {
  DAY,
  HOSTILE_SUBJECTS,
  login,
  MINUTE,
  randomAttempt,
  randomSid,
  randomSubject,
  rotationOf,
} from './session-samples.js';

/** A store under test. */
export interface StoreUnderTest {
  readonly repository: TokenRepository;
  /** Lets time pass for what is stored of a subject, without waiting. */
  letPass(sub: string, milliseconds: number): Promise<void>;
}

/** What {@link TokenRepository} promises, told once and asked of every store. */
export function tokenRepositoryContract(store: () => StoreUnderTest): void {
  const repository = () => store().repository;

  async function opened(changes: Partial<OpenCommand> = {}): Promise<SessionRecord> {
    const result = await repository().open(login(changes));
    if (result.outcome !== 'opened') throw new Error(`expected a session, got ${result.outcome}`);
    return result.record;
  }

  const sidsOf = async (sub: string): Promise<string[]> =>
    (await repository().list(sub)).sessions.map(({ sid }) => sid);

  describe('open', () => {
    it('keeps what it was given and adds the times of the store', async () => {
      const command = login({
        clientId: 'web',
        transport: 'cookie',
        authTime: 1_700_000_000,
        amr: ['pwd', 'otp', 'x-badge'],
        generation: 7,
        claims: { roles: ['admin'], nested: { a: [1, null, true] } },
        device: { name: "Zoë's phone", userAgent: 'Mozilla/5.0 (X11; Linux x86_64)', ip: '2001:db8::17' },
      });

      const result = await repository().open(command);

      if (result.outcome !== 'opened') throw new Error(result.outcome);
      const { idleTtl, absoluteTtl, maxSessions: _, ...kept } = command;
      expect(result.record).toEqual({
        ...kept,
        seq: 0,
        createdAt: result.now,
        rotatedAt: result.now,
        idleEnd: wholeSecond(result.now + idleTtl),
        absoluteEnd: wholeSecond(result.now + absoluteTtl),
      });
      expect((await repository().find(command.sub, command.sid)).record).toEqual(result.record);
    });

    it('takes the moment of opening as the login where the host names none', async () => {
      const record = await opened({ authTime: null });

      expect(record.authTime).toBe(Math.floor(record.createdAt / 1000));
    });

    it('never lets the idle end go beyond the absolute end', async () => {
      const record = await opened({ idleTtl: 2 * DAY, absoluteTtl: DAY });

      expect(record.idleEnd).toBe(record.absoluteEnd);
    });

    it('says whose sessions must leave when there is no room, the earliest first, and writes nothing', async () => {
      const sub = randomSubject();
      const first = await opened({ sub });
      await store().letPass(sub, 10);
      const second = await opened({ sub });
      await store().letPass(sub, 10);
      const third = await opened({ sub });

      expect(await repository().open(login({ sub, maxSessions: 3 }))).toEqual({ outcome: 'full', oldest: [first.sid] });
      expect(await repository().open(login({ sub, maxSessions: 2 }))).toEqual({
        outcome: 'full',
        oldest: [first.sid, second.sid],
      });
      expect(await sidsOf(sub)).toEqual([first.sid, second.sid, third.sid]);
    });

    it.each([
      ['idle', { idleTtl: 2_000 }],
      ['absolute', { idleTtl: 2_000, absoluteTtl: 2_000 }],
    ])('a session past its %s end takes no room and is dropped', async (_end, ends) => {
      const sub = randomSubject();
      const old = await opened({ sub, ...ends });
      await store().letPass(sub, 2_000);

      const young = await opened({ sub, maxSessions: 1 });

      expect(await sidsOf(sub)).toEqual([young.sid]);
      expect((await repository().find(sub, old.sid)).record).toBeNull();
    });

    it('answers a resend with the session that is there, because a client may send a command twice', async () => {
      const command = login({ maxSessions: 1, device: { name: 'phone' } });
      const first = await repository().open(command);
      await store().letPass(command.sub, 2_000);

      const second = await repository().open(command);

      expect(second).toMatchObject({ outcome: 'opened', record: { sid: command.sid, seq: 0, device: command.device } });
      expect(first.outcome).toBe('opened');
      expect(await sidsOf(command.sub)).toEqual([command.sid]);
    });

    it('answers a resend that comes after a rotation with the rotated record, and does not set it back', async () => {
      const command = login();
      const first = await repository().open(command);
      if (first.outcome !== 'opened') throw new Error(first.outcome);
      await repository().advance(rotationOf(first.record));

      const second = await repository().open(command);

      expect(second).toMatchObject({ outcome: 'opened', record: { seq: 1 } });
    });

    it('refuses to hand a session to another login with the same sid', async () => {
      const record = await opened();

      const intruder = repository().open(login({ sub: record.sub, sid: record.sid }));

      await expect(intruder).rejects.toThrow('Another session has this sid');
      expect((await repository().find(record.sub, record.sid)).record).toEqual(record);
    });

    it('refuses a login whose password was read before the generation was raised', async () => {
      const sub = randomSubject();
      await repository().raiseGeneration(sub, 5, DAY);

      expect(await repository().open(login({ sub, generation: 4 }))).toEqual({ outcome: 'outdated' });
      expect(await sidsOf(sub)).toEqual([]);
      expect((await opened({ sub, generation: 5 })).generation).toBe(5);
      expect((await opened({ sub, generation: 6 })).generation).toBe(6);
    });

    it('takes the noted generation where the host has none of its own', async () => {
      const sub = randomSubject();
      const now = await repository().time();
      expect((await opened({ sub, generation: null })).generation).toBe(0);
      await repository().raiseGeneration(sub, now, DAY);

      expect((await opened({ sub, generation: null })).generation).toBe(now);
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

      expect(most).toBe(maxSessions);
      expect(await sidsOf(sub)).toHaveLength(maxSessions);
    });
  });

  describe('find', () => {
    it('knows nothing of a session that never was', async () => {
      const { now, ...found } = await repository().find(randomSubject(), randomSid());

      expect(found).toEqual({ record: null, ended: null, generation: 0 });
      expect(now).toBeGreaterThan(0);
    });

    it('shows a session past its end, because whoever refuses it wants to know which end', async () => {
      const record = await opened({ idleTtl: MINUTE });
      await store().letPass(record.sub, 2 * MINUTE);

      const { record: found, now } = await repository().find(record.sub, record.sid);

      expect(found?.sid).toBe(record.sid);
      expect(found!.idleEnd).toBeLessThan(now);
    });

    it('does not show the session of one subject to another, though sids are public', async () => {
      const record = await opened();

      expect((await repository().find(randomSubject(), record.sid)).record).toBeNull();
    });
  });

  describe('advance', () => {
    it('moves to the next refresh token', async () => {
      const record = await opened({ device: { name: 'phone' }, claims: { role: 'user' } });
      await store().letPass(record.sub, 5 * MINUTE);
      const before = (await repository().find(record.sub, record.sid)).record!;
      const command = rotationOf(before, { idleTtl: 30 * MINUTE });

      const { advanced, now, ...after } = await repository().advance(command);

      expect(advanced).toBe(true);
      const moved = { seq: 1, rotatedAt: now, attempt: command.attempt, idleEnd: wholeSecond(now + 30 * MINUTE) };
      expect(after).toEqual({ record: { ...before, ...moved }, ended: null, generation: 0 });
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

  describe('end', () => {
    it('removes what it names, tells which were there, and leaves the others', async () => {
      const sub = randomSubject();
      const [gone, also, stays] = [await opened({ sub }), await opened({ sub }), await opened({ sub })];
      const unknown = randomSid();

      const there = await repository().end(sub, [gone.sid, unknown, also.sid], 'session_revoked', DAY);

      expect(there).toEqual([gone.sid, also.sid]);
      expect(await sidsOf(sub)).toEqual([stays.sid]);
    });

    it('keeps the reason for each session named, found or not, until retention is over', async () => {
      const { sub, sid } = await opened();
      await opened({ sub });
      const unknown = randomSid();
      await repository().end(sub, [sid, unknown], 'token_reused', 10 * MINUTE);

      await store().letPass(sub, 9 * MINUTE);
      expect((await repository().find(sub, sid)).ended).toBe('token_reused');
      expect((await repository().find(sub, unknown)).ended).toBe('token_reused');
      await store().letPass(sub, MINUTE);
      expect((await repository().find(sub, sid)).ended).toBeNull();
    });

    it.each(['session_ended', 'session_revoked', 'session_replaced', 'token_reused'] as const)(
      'remembers %s as such',
      async (reason) => {
        const { sub, sid } = await opened();
        await repository().end(sub, [sid], reason, DAY);

        expect(await repository().find(sub, sid)).toMatchObject({ record: null, ended: reason });
      },
    );

    it('keeps no reason without retention', async () => {
      const { sub, sid } = await opened();
      await repository().end(sub, [sid], 'session_revoked', 0);

      expect(await repository().find(sub, sid)).toMatchObject({ record: null, ended: null });
    });

    it('may run twice: the second finds nothing', async () => {
      const { sub, sid } = await opened();
      await repository().end(sub, [sid], 'session_revoked', DAY);

      expect(await repository().end(sub, [sid], 'session_revoked', DAY)).toEqual([]);
    });

    it('of nothing does nothing', async () => {
      expect(await repository().end(randomSubject(), [], 'session_revoked', DAY)).toEqual([]);
    });

    it('does not reach the session of another subject, nor its reason, though sids are public', async () => {
      const record = await opened();

      expect(await repository().end(randomSubject(), [record.sid], 'token_reused', DAY)).toEqual([]);
      expect((await repository().find(record.sub, record.sid)).record).toEqual(record);
      await repository().end(record.sub, [record.sid], 'session_revoked', 0);
      expect((await repository().find(record.sub, record.sid)).ended).toBeNull();
    });

    it.each([
      ['padded', (sid: string) => `${sid}=`],
      ['in another spelling of the same bytes', (sid: string) => `${sid}\n`],
      ['cut', (sid: string) => sid.slice(0, -1)],
      ['a pattern', () => '*'],
      ['of 10 kB', () => 'x'.repeat(10_000)],
    ])('meets no session by an id that is %s', async (_case, spelling) => {
      const record = await opened();

      expect(await repository().end(record.sub, [spelling(record.sid)], 'session_revoked', DAY)).toEqual([]);
      expect((await repository().find(record.sub, spelling(record.sid))).record).toBeNull();
      expect(await repository().find(record.sub, record.sid)).toMatchObject({ record, ended: null });
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

      expect(sessions.map(({ sid }) => sid)).toEqual(records.map(({ sid }) => sid));
      expect(sessions[9]!.device).toEqual(device);
      expect(now).toBeGreaterThan(sessions[9]!.createdAt);
    });

    it.each([
      ['idle', { idleTtl: MINUTE }],
      ['absolute', { idleTtl: MINUTE, absoluteTtl: MINUTE }],
    ])('does not show a session past its %s end', async (_end, ends) => {
      const sub = randomSubject();
      const stays = await opened({ sub });
      await opened({ sub, ...ends });
      await store().letPass(sub, MINUTE);

      expect(await sidsOf(sub)).toEqual([stays.sid]);
    });

    it('is empty for a subject without sessions', async () => {
      expect((await repository().list(randomSubject())).sessions).toEqual([]);
    });
  });

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

  describe('subjects of any spelling', () => {
    it('are kept apart: each sees its own session and nothing of the others', async () => {
      const records = [];
      for (const [, sub] of HOSTILE_SUBJECTS) records.push(await opened({ sub }));

      for (const record of records) expect((await repository().list(record.sub)).sessions).toEqual([record]);
    });

    it.each(HOSTILE_SUBJECTS)('%s goes through a whole life', async (_name, sub) => {
      const record = await opened({ sub, attempt: randomAttempt(), maxSessions: 1000 });
      const { record: rotated } = await repository().advance(rotationOf(record));
      await repository().raiseGeneration(sub, record.generation + 1, DAY);

      expect((await repository().find(sub, record.sid)).record).toEqual(rotated);
      expect(await repository().end(sub, [record.sid], 'session_revoked', DAY)).toEqual([record.sid]);
      expect(await repository().find(sub, record.sid)).toMatchObject({ record: null, ended: 'session_revoked' });
    });
  });

  it('tells its time', async () => {
    const { now } = await repository().find(randomSubject(), randomSid());

    expect(Math.abs((await repository().time()) - now)).toBeLessThan(1_000);
  });
}
