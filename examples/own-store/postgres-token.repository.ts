import {
  AuthError,
  isStronger,
  TokenRepository,
  type AdvanceCommand,
  type AdvanceResult,
  type ExtendCommand,
  type ExtendResult,
  type HostClaims,
  type OpenCommand,
  type OpenResult,
  type SessionClaimsCommand,
  type SessionClaimsResult,
  type SessionEndReason,
  type SessionRecord,
  type Snapshot,
} from 'keyturn';
import type { Pool, PoolClient } from 'pg';
import { isOver, keyOf, StoredSubject } from './stored-subject.js';

const DAY = 86_400_000;

/**
 * Sessions in PostgreSQL, to show how a store is written. One row per subject, locked for the time of a step: simple, and
 * right under concurrency, but each refresh writes a whole row. Give the pool a `query_timeout`.
 */
export class PostgresTokenRepository extends TokenRepository {
  /** @param commandTimeout milliseconds within which the pool has answered or thrown */
  constructor(
    private readonly pool: Pool,
    readonly commandTimeout: number,
  ) {
    super();
  }

  /** Makes the table. */
  async prepare(): Promise<void> {
    await this.pool.query('create table if not exists keyturn_subjects (key text primary key, state text not null)');
  }

  open(command: OpenCommand): Promise<OpenResult> {
    return this.step<OpenResult>(command.sub, (subject, now) => {
      const live = subject.live(now);
      const there = live.find(({ sid }) => sid === command.sid);
      if (there && there.secretHash !== command.secretHash) throw new Error('Another session has this sid.');
      if (there) return { outcome: 'opened', record: there, now, replaced: false };
      const noted = subject.notedGeneration(now);
      if (command.generation !== null && command.generation < noted) return { outcome: 'outdated' };
      const staying = live.filter(({ sid }) => sid !== command.replaces);
      const surplus = staying.length + 1 - command.maxSessions;
      if (surplus > 0) return { outcome: 'full', oldest: staying.slice(0, surplus).map(({ sid }) => sid) };
      const replaced = staying.length < live.length;
      for (const [sid, { record }] of subject.sessions) {
        if (isOver(record, now) || sid === command.replaces) subject.sessions.delete(sid);
      }
      subject.sessions.set(command.sid, { record: newRecord(command, noted, now), ownClaimsAt: 0 });
      return { outcome: 'opened', record: subject.recordOf(command.sid, now)!, now, replaced };
    });
  }

  find(sub: string, sid: string): Promise<Snapshot> {
    return this.step(sub, (subject, now) => snapshot(subject, sid, now));
  }

  advance(command: AdvanceCommand): Promise<AdvanceResult> {
    const { sub, sid, secretHash, generation, expectSeq, nextSeq, attempt, idleTtl, healedIdleEnd, claimsAt } = command;
    return this.step(sub, (subject, now) => {
      const before = snapshot(subject, sid, now);
      const { record } = before;
      if (!record) return { ...before, advanced: false };
      const idleEnd = Math.min(healedIdleEnd ?? record.idleEnd, record.absoluteEnd);
      const matches = record.secretHash === secretHash && record.seq === expectSeq;
      const outdated = before.generation > generation || (claimsAt !== null && before.claimsChangedAt >= claimsAt);
      if (!matches || outdated || isOver({ ...record, idleEnd }, now)) return { ...before, advanced: false };
      const moved = idleTtl === null ? idleEnd : idleEndOf(record, now, idleTtl);
      change(subject, sid, { seq: nextSeq, rotatedAt: now, attempt, idleEnd: moved });
      return { ...snapshot(subject, sid, now), advanced: true };
    });
  }

  extend({ sub, sid, generation, idleTtl }: ExtendCommand): Promise<ExtendResult> {
    return this.step(sub, (subject, now) => {
      const before = snapshot(subject, sid, now);
      const { record } = before;
      if (!record || before.generation > generation || isOver(record, now)) return { ...before, alive: false };
      change(subject, sid, { idleEnd: Math.max(record.idleEnd, idleEndOf(record, now, idleTtl)) });
      return { ...snapshot(subject, sid, now), alive: true };
    });
  }

  end(sub: string, sids: readonly string[], reason: SessionEndReason, retention: number): Promise<readonly string[]> {
    return this.step(sub, (subject, now) => {
      const there = [...new Set(sids)].filter((sid) => subject.sessions.delete(sid));
      note(subject, sids, reason, now, retention);
      return there;
    });
  }

  endBelow(sub: string, generation: number, reason: SessionEndReason, retention: number): Promise<readonly string[]> {
    return this.step(sub, (subject, now) => {
      const below = [...subject.sessions.values()].filter(({ record }) => record.generation < generation);
      const alive = below.filter(({ record }) => !isOver(record, now)).map(({ record }) => record.sid);
      for (const { record } of below) subject.sessions.delete(record.sid);
      note(subject, alive, reason, now, retention);
      return alive;
    });
  }

  list(sub: string): Promise<{ readonly sessions: readonly SessionRecord[]; readonly now: number }> {
    return this.step(sub, (subject, now) => ({ sessions: subject.live(now), now }));
  }

  raiseGeneration(sub: string, target: number, keep: number): Promise<number> {
    return this.step(sub, (subject, now) => {
      const value = Math.max(subject.notedGeneration(now), target);
      subject.generation = { value, until: Math.max(now + keep, subject.generation?.until ?? 0) };
      return value;
    });
  }

  generationOf(sub: string): Promise<number> {
    return this.step(sub, (subject, now) => subject.notedGeneration(now));
  }

  changeClaims(sub: string, claims: HostClaims | null, keep: number): Promise<number> {
    return this.step(sub, (subject, now) => {
      const value = { at: subject.nextChange(now), claims: claims ?? subject.lastChange(now)?.claims ?? null };
      subject.claimsChange = { value, until: Math.max(now + keep, subject.claimsChange?.until ?? 0) };
      return value.at;
    });
  }

  setSessionClaims({ sub, sid, claims }: SessionClaimsCommand): Promise<SessionClaimsResult> {
    return this.step(sub, (subject, now) => {
      const before = snapshot(subject, sid, now);
      if (!before.record || isOver(before.record, now)) return { ...before, alive: false, at: now };
      const at = subject.nextChange(now);
      change(subject, sid, { sessionClaims: claims });
      subject.sessions.get(sid)!.ownClaimsAt = at;
      return { ...snapshot(subject, sid, now), alive: true, at };
    });
  }

  time(): Promise<number> {
    return this.connected((client) => this.now(client));
  }

  /** The database's time, so that all instances go by one clock. */
  protected async now(client: PoolClient): Promise<number> {
    const { rows } = await client.query('select floor(extract(epoch from clock_timestamp()) * 1000)::float8 as now');
    return (rows[0] as { now: number }).now;
  }

  /** Reads a subject, changes it and writes it back, while nobody else can. */
  private step<T>(sub: string, take: (subject: StoredSubject, now: number) => T): Promise<T> {
    const key = keyOf(sub);
    return this.connected(async (client) => {
      await client.query('begin');
      await client.query(`insert into keyturn_subjects values ($1, '') on conflict do nothing`, [key]);
      const { rows } = await client.query('select state from keyturn_subjects where key = $1 for update', [key]);
      const subject = new StoredSubject((rows[0] as { state: string }).state);
      const result = take(subject, await this.now(client));
      await client.query('update keyturn_subjects set state = $2 where key = $1', [key, subject.toText()]);
      await client.query('commit');
      return result;
    });
  }

  /** @throws AuthError `store_unavailable` when the database does not answer */
  private async connected<T>(work: (client: PoolClient) => Promise<T>): Promise<T> {
    let client: PoolClient | undefined;
    let failed = true;
    try {
      client = await this.pool.connect();
      const result = await work(client);
      failed = false;
      return result;
    } catch (error) {
      if (error instanceof Error && error.message.startsWith('Another session')) throw error;
      throw new AuthError('store_unavailable', 'The database does not answer.', { cause: error });
    } finally {
      // A connection on which something failed is ended, and the server rolls back: a rollback that gets no answer either
      // would leave its locks to whoever has the connection next.
      client?.release(failed);
    }
  }
}

function newRecord(command: OpenCommand, noted: number, now: number): SessionRecord {
  const { idleTtl, absoluteTtl, maxSessions: _, generation, claimsAt, authTime, ...kept } = command;
  const absoluteEnd = wholeSecond(now + absoluteTtl);
  return {
    ...kept,
    generation: generation ?? noted,
    seq: 0,
    createdAt: now,
    rotatedAt: now,
    authTime: authTime ?? Math.floor(now / 1000),
    claimsAt: claimsAt ?? now,
    absoluteEnd,
    idleEnd: idleEndOf({ ...kept, absoluteEnd }, now, idleTtl),
  };
}

const wholeSecond = (milliseconds: number): number => Math.floor(milliseconds / 1000) * 1000;

/** At most the absolute end. A session that ends with its browser is idle after a day at the latest. */
function idleEndOf(
  { persistent, absoluteEnd }: Pick<SessionRecord, 'persistent' | 'absoluteEnd'>,
  now: number,
  idleTtl: number,
): number {
  return Math.min(wholeSecond(now + (persistent ? idleTtl : Math.min(idleTtl, DAY))), absoluteEnd);
}

function snapshot(subject: StoredSubject, sid: string, now: number): Snapshot {
  const record = subject.recordOf(sid, now);
  const ended = record ? null : subject.whyEnded(sid, now);
  const claimsChangedAt = subject.lastChange(now)?.at ?? 0;
  return { record, ended, generation: subject.notedGeneration(now), claimsChangedAt, now };
}

function change(subject: StoredSubject, sid: string, changed: Partial<SessionRecord>): void {
  const stored = subject.sessions.get(sid)!;
  stored.record = { ...stored.record, ...changed };
}

function note(
  subject: StoredSubject,
  sids: readonly string[],
  reason: SessionEndReason,
  now: number,
  retention: number,
): void {
  for (const sid of retention > 0 ? sids : []) {
    const standing = subject.whyEnded(sid, now);
    if (standing === null || isStronger(reason, standing))
      subject.ended.set(sid, { value: reason, until: now + retention });
  }
}
