import { type SessionEndReason, type SessionRecord } from '../../sessions/session.js';
import { endedNow, ENDS_REMEMBERED, type EndNote, type PastSession } from '../../sessions/session-history.js';
import type { Kept } from './kept-values.js';

/** Sessions that have ended, the latest few of each subject. Times in milliseconds. */
export class PastSessions {
  private readonly kept = new Map<string, readonly Kept<PastSession>[]>();

  /** @param max of how many subjects they are kept at most */
  constructor(private readonly max: number) {}

  /** The last one first. */
  of(sub: string, now: number): PastSession[] {
    return (this.kept.get(sub) ?? []).filter(({ until }) => until > now).map(({ value }) => value);
  }

  /** One past an end is said to have ended then. */
  note(
    record: SessionRecord,
    end: {
      readonly reason: SessionEndReason;
      readonly retention: number;
      readonly now: number;
      readonly note?: EndNote;
    },
  ): void {
    const { retention, now } = end;
    if (retention <= 0) return;
    const { sub } = record;
    const past = endedNow(record, end);
    const others = (this.kept.get(sub) ?? []).filter(({ until }) => until > now);
    const all = [{ value: past, until: now + retention }, ...others];
    this.kept.delete(sub);
    this.kept.set(sub, all.toSorted((a, b) => b.value.endedAt - a.value.endedAt).slice(0, ENDS_REMEMBERED));
    const [oldest] = this.kept.size > this.max ? this.kept.keys() : [];
    if (oldest !== undefined) this.kept.delete(oldest);
  }

  sweep(now: number): void {
    for (const [sub, all] of this.kept) if (all.every(({ until }) => until <= now)) this.kept.delete(sub);
  }
}
