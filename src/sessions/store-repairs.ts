import { Inject, Injectable, Logger } from '@nestjs/common';
import { repairsOf, type StoreRepair } from '../revocation/healing.js';
import type { PublishedRevocation } from '../revocation/revocation-feed.js';
import { Revocations } from '../revocation/revocations.js';
import { SessionEndings } from './session-endings.js';

/** How many repairs are under way at once: a store that has just come back has other things to do as well. */
const AT_ONCE = 50;

/**
 * Ends once more the sessions that a store which went back in time has brought back, as far as this instance remembers
 * their end: else they would live again as soon as the revocation list forgets them.
 */
@Injectable()
export class StoreRepairs {
  private readonly logger = new Logger('Keyturn');

  constructor(
    @Inject(SessionEndings) private readonly endings: SessionEndings,
    @Inject(Revocations) revocations: Revocations,
  ) {
    revocations.repairBy((lost) => this.repair(lost));
  }

  /** @throws AuthError `store_unavailable`: some may be done; all may be done again */
  private async repair(lost: readonly PublishedRevocation[]): Promise<void> {
    const repairs = repairsOf(lost);
    let ended = 0;
    for (let from = 0; from < repairs.length; from += AT_ONCE) {
      const done = await Promise.all(repairs.slice(from, from + AT_ONCE).map((repair) => this.carryOut(repair)));
      ended += done.flat().length;
    }
    if (ended > 0) this.logger.warn(`The store had brought back ${ended} ended sessions, which are ended again.`);
  }

  private carryOut(repair: StoreRepair): Promise<readonly string[]> {
    const { sub, reason } = repair;
    return repair.kind === 'end'
      ? this.endings.remove(sub, [repair.sid], reason)
      : this.endings.removeBelow(sub, repair.generation, reason);
  }
}
