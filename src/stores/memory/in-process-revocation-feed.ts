import { RevocationFeed, type Revocation, type RevocationSubscriber } from '../../revocation/revocation-feed.js';

/** The feed of one process: there is nothing to learn but what it publishes itself. A restart forgets it. */
export class InProcessRevocationFeed extends RevocationFeed {
  private readonly subscribers = new Set<RevocationSubscriber>();

  /** @param clock milliseconds since the epoch */
  constructor(private readonly clock: () => number = Date.now) {
    super();
  }

  async subscribe(subscriber: RevocationSubscriber): Promise<void> {
    // What was published before is held by those that were there.
    for (const earlier of this.subscribers) subscriber.receive([...earlier.held()]);
    this.subscribers.add(subscriber);
  }

  async publish(revocations: readonly Revocation[]): Promise<void> {
    const at = this.clock();
    const published = revocations.map((revocation) => ({ at, ...revocation }));
    for (const subscriber of this.subscribers) subscriber.receive(published);
  }

  staleness(): number {
    return 0;
  }

  async time(): Promise<number> {
    return this.clock();
  }
}
