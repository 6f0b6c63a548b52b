import { makeRoom } from './make-room.js';
import type { RotationDecision } from './rotation.js';

type Reuse = Extract<RotationDecision, { kind: 'reuse' }>;

/** How late a spent token came: by rotations, and by milliseconds. */
export type Lateness = Pick<Reuse, 'distance' | 'age'>;

const MAX_TOLD = 10_000;

/** One token of a session, where that lives on. */
export const tokenName = (sid: string, seq: number): string => `${sid} ${seq}`;

/**
 * Of which reuses an event has told, so that one theft does not look like several: of a session that could not be ended
 * yet, whose client comes again after its 503, or of a token where a reuse is only reported. Nobody knows when such a token
 * comes for the last time; so only their number is bounded, and one that was dropped for newer ones is reported again.
 */
export class ReuseReports {
  private readonly told = new Set<string>();

  /**
   * @param of the session or the token
   * @returns whether it is the first report of it
   */
  isFirst(of: string): boolean {
    if (this.told.has(of)) return false;
    makeRoom(this.told, MAX_TOLD);
    this.told.add(of);
    return true;
  }

  /**
   * Whose pace a refresh counts for. A token that was told of as spent has one of its own: else who holds it uses up that
   * of the owner, whose session lives on with `onReuse: 'report'`.
   */
  paceOf({ sid, seq }: { readonly sid: string; readonly seq: number }): string {
    return this.told.size > 0 && this.told.has(tokenName(sid, seq)) ? tokenName(sid, seq) : sid;
  }

  /** Of a session that was ended no later request can report a reuse. */
  forget(sid: string): void {
    this.told.delete(sid);
  }
}
