import { RevocationSource } from '../revocation/revocation-feed.js';

/** Stands where there is no feed: no revocation is ever known, and the age of the knowledge is not measured. */
export class NoRevocations extends RevocationSource {
  async subscribe(): Promise<void> {}

  staleness(): number {
    return 0;
  }
}
