import { isStronger } from '../../revocation/end-reasons.js';
import type { SessionEndReason, SessionRecord } from '../../sessions/session.js';
import { PastSessions } from './past-sessions.js';
import { valid, type Kept } from './kept-values.js';

/** Of a session whose browser logged in anew. */
export const NEW_LOGIN = { cause: 'new_login' } as const;

/** Why sessions ended, for their owners. Times in milliseconds. */
export class Tombstones {
  readonly kept = new Map<string, Kept<SessionEndReason>>();
  readonly past: PastSessions;

  /** @param max how many are kept at most */
  constructor(private readonly max: number) {
    this.past = new PastSessions(max);
  }

  /** What the sessions were that have ended. */
  remember(sessions: readonly SessionRecord[], how: Parameters<PastSessions['note']>[1]): void {
    for (const session of sessions) this.past.note(session, how);
  }

  of(sub: string, sid: string, now: number): SessionEndReason | null {
    return valid(this.kept.get(tombstoneKey(sub, sid)), now) ?? null;
  }

  /** A reason that is noted stays, unless the new one is stronger. */
  note(
    sub: string,
    sids: readonly string[],
    { reason, retention, now }: { reason: SessionEndReason; retention: number; now: number },
  ): void {
    for (const sid of retention > 0 ? sids : []) {
      const standing = this.of(sub, sid, now);
      if (standing === null || isStronger(reason, standing)) {
        this.put(tombstoneKey(sub, sid), { value: reason, until: now + retention });
      }
    }
  }

  private put(key: string, tombstone: Kept<SessionEndReason>): void {
    this.kept.delete(key);
    this.kept.set(key, tombstone);
    // Best effort by contract: the oldest explanation is the one least likely to be asked for.
    const [oldest] = this.kept.size > this.max ? this.kept.keys() : [];
    if (oldest !== undefined) this.kept.delete(oldest);
  }
}

const tombstoneKey = (sub: string, sid: string): string => JSON.stringify([sub, sid]);
