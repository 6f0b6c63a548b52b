import type { RotationDecision } from './rotation.js';

type Reuse = Extract<RotationDecision, { kind: 'reuse' }>;

/** How late a spent token came: by rotations, and by milliseconds. */
export type Lateness = Pick<Reuse, 'distance' | 'age'>;

const MAX_SESSIONS = 10_000;

/**
 * Reuses that were told of while their sessions could not be ended yet: the client comes again after its 503, and one
 * theft must not look like several. Bounded; a session that was ended needs no place here.
 */
export class ReuseReports {
  private readonly told = new Set<string>();

  /** @returns whether it is the first report of this session */
  first(sid: string): boolean {
    if (this.told.has(sid)) return false;
    if (this.told.size >= MAX_SESSIONS) this.told.delete(this.told.values().next().value!);
    this.told.add(sid);
    return true;
  }

  ended(sid: string): void {
    this.told.delete(sid);
  }
}
