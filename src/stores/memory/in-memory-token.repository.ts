import { AuthError } from '../../auth.errors.js';
import type { PastSession } from '../../sessions/session-history.js';
import { idleTtlOf, isOver, wholeSecond, type HostClaims, type SessionRecord } from '../../sessions/session.js';
import { ClaimsChanges } from './claims-changes.js';
import { after, valid, type Kept } from './kept-values.js';
import { newRecord, present, type HeldSession } from './session-in-memory.js';
import { NEW_LOGIN, Tombstones } from './tombstones.js';
import type {
  AdvanceCommand,
  AdvanceResult,
  ExtendCommand,
  ExtendResult,
  OpenCommand,
  OpenResult,
  SessionClaimsCommand,
  SessionClaimsResult,
  Snapshot,
} from '../../sessions/token.repository.js';
import { TokenRepository } from '../../sessions/token.repository.js';

export interface InMemoryRepositoryOptions {
  /** Sessions of all subjects together; a login beyond it is refused with `store_unavailable`. Default 100,000. */
  readonly maxSessions?: number | undefined;
}

const TAKEN = 'Another session has this sid: it must be 128 random bits.';
const SWEEP_EVERY = 60_000;
const SWEEP_WHEN_FULL_EVERY = 1_000;

/**
 * Sessions in the memory of one process: for a single instance, and for tests. A restart forgets them, so everyone
 * logs in again. Bounded: sessions past an end make room, and the number of tombstones is that of sessions at most.
 *
 * @example
 * ```ts
 * let now = Date.now();
 * const repository = new InMemoryTokenRepository(() => now);
 * ```
 */
export class InMemoryTokenRepository extends TokenRepository {
  /** Nothing here waits; a request of several steps still wants a bound. */
  readonly commandTimeout = 500;
  private readonly subjects = new Map<string, Map<string, HeldSession>>();
  private readonly ended: Tombstones;
  private readonly generations = new Map<string, Kept<number>>();
  private readonly claims = new ClaimsChanges();
  private readonly maxSessions: number;
  private count = 0;
  private sweptAt = -Infinity;

  /** @param clock milliseconds since the epoch */
  constructor(
    private readonly clock: () => number = Date.now,
    { maxSessions = 100_000 }: InMemoryRepositoryOptions = {},
  ) {
    super();
    this.maxSessions = maxSessions;
    this.ended = new Tombstones(maxSessions);
  }

  async open(command: OpenCommand): Promise<OpenResult> {
    const now = this.clock();
    const live = this.liveSessions(command.sub, now);
    const there = live.find(({ sid }) => sid === command.sid);
    if (there) {
      if (there.secretHash !== command.secretHash) throw new Error(TAKEN);
      return { outcome: 'opened', record: there, now, replaced: false };
    }
    const noted = this.notedGeneration(command.sub, now);
    if (command.generation !== null && command.generation < noted) return { outcome: 'outdated' };
    const staying = live.filter(({ sid }) => sid !== command.replaces);
    const surplus = staying.length + 1 - command.maxSessions;
    if (surplus > 0) return { outcome: 'full', oldest: staying.slice(0, surplus).map(({ sid }) => sid) };

    const how = { reason: 'session_replaced', retention: command.endedRetention ?? 0, now, note: NEW_LOGIN } as const;
    this.ended.remember(
      this.drop(command.sub, (session) => isOver(session, now)),
      how,
    );
    this.makeRoom(now);
    const record = newRecord(command, command.generation ?? noted, now);
    this.ended.remember(
      this.drop(command.sub, ({ sid }) => sid === command.replaces),
      how,
    );
    const held = { record, own: record.sessionClaims ? { at: 0, claims: record.sessionClaims } : null };
    this.put(held);
    const opened = present(held, this.claims.of(command.sub, now));
    return { outcome: 'opened', record: opened, now, replaced: staying.length < live.length };
  }

  async find(sub: string, sid: string): Promise<Snapshot> {
    return this.snapshot(sub, sid);
  }

  async advance(command: AdvanceCommand): Promise<AdvanceResult> {
    // No await before the write: between the two another refresh would compare as well.
    const before = this.snapshot(command.sub, command.sid);
    const { record, generation, claimsChangedAt, now } = before;
    if (!record) return { advanced: false, ...before };
    const outdated = command.claimsAt !== null && claimsChangedAt >= command.claimsAt;
    const idleEnd = Math.min(command.healedIdleEnd ?? record.idleEnd, record.absoluteEnd);
    const matches = record.secretHash === command.secretHash && record.seq === command.expectSeq;
    if (!matches || outdated || generation > command.generation || isOver({ ...record, idleEnd }, now)) {
      return { advanced: false, ...before };
    }
    const change = {
      seq: command.nextSeq,
      rotatedAt: now,
      attempt: command.attempt,
      idleEnd:
        command.idleTtl === null
          ? idleEnd
          : Math.min(wholeSecond(now + idleTtlOf(record, command.idleTtl)), record.absoluteEnd),
    };
    this.change(command.sub, command.sid, change);
    return { advanced: true, ...before, record: { ...record, ...change } };
  }

  async extend({ sub, sid, generation, idleTtl }: ExtendCommand): Promise<ExtendResult> {
    const before = this.snapshot(sub, sid);
    const { record, now } = before;
    if (!record || before.generation > generation || isOver(record, now)) return { alive: false, ...before };
    const moved = wholeSecond(now + idleTtlOf(record, idleTtl));
    const idleEnd = Math.max(record.idleEnd, Math.min(moved, record.absoluteEnd));
    this.change(sub, sid, { idleEnd });
    return { alive: true, ...before, record: { ...record, idleEnd } };
  }

  async end(...[sub, sids, reason, retention, note]: Parameters<TokenRepository['end']>) {
    const there = [...new Set(sids)].filter((sid) => this.subjects.get(sub)?.has(sid));
    const how = { reason, retention, now: this.clock(), note };
    this.ended.remember(
      this.drop(sub, ({ sid }) => there.includes(sid)),
      how,
    );
    this.ended.note(sub, sids, how);
    return there;
  }

  async endBelow(...[sub, generation, reason, retention, note]: Parameters<TokenRepository['endBelow']>) {
    const how = { reason, retention, now: this.clock(), note };
    const live = this.liveSessions(sub, how.now).filter((session) => session.generation < generation);
    const dropped = this.drop(sub, (session) => session.generation < generation);
    this.ended.remember(dropped, how);
    const sids = live.map(({ sid }) => sid);
    this.ended.note(sub, sids, how);
    return sids;
  }

  async list(sub: string): Promise<{ readonly sessions: readonly SessionRecord[]; readonly now: number }> {
    const now = this.clock();
    return { sessions: this.liveSessions(sub, now), now };
  }

  override async history(sub: string): Promise<readonly PastSession[]> {
    return this.ended.past.of(sub, this.clock());
  }

  async raiseGeneration(sub: string, target: number, keep: number): Promise<number> {
    const now = this.clock();
    const value = Math.max(this.notedGeneration(sub, now), target);
    this.generations.set(sub, { value, until: Math.max(now + keep, this.generations.get(sub)?.until ?? 0) });
    return value;
  }

  async changeClaims(sub: string, claims: HostClaims | null, keep: number): Promise<number> {
    const own = [...(this.subjects.get(sub)?.values() ?? [])].map((held) => held.own);
    return this.claims.note(sub, { claims, keep, now: this.clock() }, own);
  }

  async setSessionClaims({ sub, sid, claims }: SessionClaimsCommand): Promise<SessionClaimsResult> {
    const before = this.snapshot(sub, sid);
    const held = this.subjects.get(sub)?.get(sid);
    if (!held || isOver(held.record, before.now)) return { ...before, alive: false, at: before.now };
    const at = after(before.now, held.own, this.claims.of(sub, before.now));
    this.subjects.get(sub)!.set(sid, { ...held, own: { at, claims: structuredClone(claims) } });
    return { ...this.snapshot(sub, sid), alive: true, at };
  }

  async generationOf(sub: string): Promise<number> {
    return this.notedGeneration(sub, this.clock());
  }

  async time(): Promise<number> {
    return this.clock();
  }

  private snapshot(sub: string, sid: string): Snapshot {
    const now = this.clock();
    const held = this.subjects.get(sub)?.get(sid);
    const change = this.claims.of(sub, now);
    const record = held ? present(held, change) : null;
    const ended = record ? null : this.ended.of(sub, sid, now);
    return { record, ended, generation: this.notedGeneration(sub, now), claimsChangedAt: change?.at ?? 0, now };
  }

  private notedGeneration(sub: string, now: number): number {
    return valid(this.generations.get(sub), now) ?? 0;
  }

  private liveSessions(sub: string, now: number): SessionRecord[] {
    const change = this.claims.of(sub, now);
    return [...(this.subjects.get(sub)?.values() ?? [])]
      .filter(({ record }) => !isOver(record, now))
      .map((held) => present(held, change))
      .sort((a, b) => a.createdAt - b.createdAt || (a.sid < b.sid ? -1 : 1));
  }

  private put(held: HeldSession): void {
    const { sub, sid } = held.record;
    const sessions = this.subjects.get(sub) ?? new Map<string, HeldSession>();
    this.subjects.set(sub, sessions.set(sid, held));
    this.count += 1;
  }

  private change(sub: string, sid: string, change: Partial<SessionRecord>): void {
    const sessions = this.subjects.get(sub)!;
    const held = sessions.get(sid)!;
    sessions.set(sid, { ...held, record: { ...held.record, ...change } });
  }

  /** @returns what was dropped */
  private drop(sub: string, isDropped: (session: SessionRecord) => boolean): SessionRecord[] {
    const sessions = this.subjects.get(sub);
    if (!sessions) return [];
    const dropped = [...sessions.values()].map(({ record }) => record).filter(isDropped);
    for (const { sid } of dropped) if (sessions.delete(sid)) this.count -= 1;
    if (sessions.size === 0) this.subjects.delete(sub);
    return dropped;
  }

  /** Drops what is over: now and then, and when full as often as a sweep is worth its milliseconds. */
  private makeRoom(now: number): void {
    const isFull = this.count >= this.maxSessions;
    if (now - this.sweptAt >= (isFull ? SWEEP_WHEN_FULL_EVERY : SWEEP_EVERY)) {
      this.sweptAt = now;
      for (const sub of this.subjects.keys()) this.drop(sub, (session) => isOver(session, now));
      this.ended.past.sweep(now);
      for (const kept of [this.ended.kept, this.generations, this.claims.kept]) {
        for (const [key, { until }] of kept) if (until <= now) kept.delete(key);
      }
    }
    if (this.count >= this.maxSessions) {
      const message = `The in-memory store holds its ${this.maxSessions} sessions.`;
      throw new AuthError('store_unavailable', message, { retryAfter: 1 });
    }
  }
}
