import { createHash } from 'node:crypto';
import type { HostClaims, SessionEndReason, SessionRecord } from 'keyturn';

/** A value and until when it is kept. Milliseconds. */
interface Kept<T> {
  readonly value: T;
  readonly until: number;
}

interface StoredSession {
  /** As it was opened, rotated and extended. */
  record: SessionRecord;
  /** When it got claims of its own; 0 for those it was opened with. */
  ownClaimsAt: number;
}

interface ClaimsChange {
  readonly at: number;
  readonly claims: HostClaims | null;
}

/** All that the store keeps of one subject: one row, so that one lock makes each step atomic. */
export class StoredSubject {
  readonly sessions: Map<string, StoredSession>;
  readonly ended: Map<string, Kept<SessionEndReason>>;
  generation?: Kept<number>;
  claimsChange?: Kept<ClaimsChange>;

  /** @param text what {@link toText} gave; empty for a subject that is not known yet */
  constructor(text: string) {
    const state = text === '' ? {} : JSON.parse(text);
    this.sessions = new Map(state.sessions);
    this.ended = new Map(state.ended);
    this.generation = state.generation;
    this.claimsChange = state.claimsChange;
  }

  toText(): string {
    const { generation, claimsChange } = this;
    return JSON.stringify({ sessions: [...this.sessions], ended: [...this.ended], generation, claimsChange });
  }

  notedGeneration(now: number): number {
    return valid(this.generation, now) ?? 0;
  }

  lastChange(now: number): ClaimsChange | undefined {
    return valid(this.claimsChange, now);
  }

  /** The time of a new change of claims: after each one before it, in the same millisecond too. */
  nextChange(now: number): number {
    const own = [...this.sessions.values()].map(({ ownClaimsAt }) => ownClaimsAt + 1);
    return Math.max(now, (this.lastChange(now)?.at ?? 0) + 1, ...own);
  }

  /** A session with the claims that it has now, after all changes. */
  recordOf(sid: string, now: number): SessionRecord | null {
    const stored = this.sessions.get(sid);
    if (!stored) return null;
    const { record, ownClaimsAt } = stored;
    const change = this.lastChange(now);
    const replaced = change?.claims && change.at >= record.claimsAt ? change : undefined;
    const claimsAt = Math.max(record.claimsAt, replaced ? replaced.at + 1 : 0, ownClaimsAt > 0 ? ownClaimsAt + 1 : 0);
    return { ...record, ...(replaced?.claims && { subjectClaims: replaced.claims }), claimsAt };
  }

  /** The sessions that have not reached an end, earliest first. */
  live(now: number): SessionRecord[] {
    return [...this.sessions.keys()]
      .map((sid) => this.recordOf(sid, now)!)
      .filter((record) => !isOver(record, now))
      .sort((a, b) => a.createdAt - b.createdAt || (a.sid < b.sid ? -1 : 1));
  }

  whyEnded(sid: string, now: number): SessionEndReason | null {
    return valid(this.ended.get(sid), now) ?? null;
  }
}

/** A key for subjects of any spelling: databases refuse some of them, such as one with a NUL. */
export const keyOf = (sub: string): string => createHash('sha256').update(sub, 'utf16le').digest('base64url');

export const isOver = ({ idleEnd, absoluteEnd }: SessionRecord, now: number): boolean =>
  now >= idleEnd || now >= absoluteEnd;

const valid = <T>(kept: Kept<T> | undefined, now: number): T | undefined =>
  kept && kept.until > now ? kept.value : undefined;
