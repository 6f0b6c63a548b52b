import { RevocationSource } from '../revocation/revocation-feed.js';

/** Stands where no feed is: nothing is ever heard, and how old the knowledge is, is not measured. */
export class NoRevocations extends RevocationSource {
  async subscribe(): Promise<void> {}

  staleness(): number {
    return 0;
  }
}
