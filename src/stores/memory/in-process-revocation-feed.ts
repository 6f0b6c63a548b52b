import { RevocationFeed, type Revocation, type RevocationFollower } from '../../revocation/revocation-feed.js';

/** The feed of one process: it knows what it publishes, and there is nothing else to hear. A restart forgets it. */
export class InProcessRevocationFeed extends RevocationFeed {
  private readonly followers = new Set<RevocationFollower>();

  /** @param clock milliseconds since the epoch */
  constructor(private readonly clock: () => number = Date.now) {
    super();
  }

  async follow(follower: RevocationFollower): Promise<void> {
    this.followers.add(follower);
  }

  async publish(revocations: readonly Revocation[]): Promise<void> {
    const at = this.clock();
    const published = revocations.map((revocation) => ({ ...revocation, at }));
    for (const follower of this.followers) follower.hear(published);
  }

  staleness(): number {
    return 0;
  }

  async time(): Promise<number> {
    return this.clock();
  }
}
