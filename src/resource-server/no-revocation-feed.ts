import { AuthConfigError } from '../auth.errors.js';
import { RevocationFeed } from '../revocation/revocation-feed.js';

/** Stands where no feed is: nothing is ever heard, and how old the knowledge is, is not measured. */
export class NoRevocationFeed extends RevocationFeed {
  async subscribe(): Promise<void> {}

  async publish(): Promise<never> {
    throw new AuthConfigError('there is no feed to publish on');
  }

  async time(): Promise<never> {
    throw new AuthConfigError('there is no feed to ask the time of');
  }

  staleness(): number {
    return 0;
  }
}
