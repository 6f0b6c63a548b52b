import { RevocationFeed, type PublishedRevocation, type Revocation, type RevocationSubscriber } from '../index.js';
import type { TestClock } from './test-clock.js';
import { storeIsDown, type TestStore } from './test-store.js';

/** A feed within one process that goes by a test's clock, can fall silent, and is away when its store is. */
export class TestFeed extends RevocationFeed {
  private readonly subscribers = new Set<RevocationSubscriber>();
  private unread: PublishedRevocation[] = [];
  private silentSince: number | undefined;

  constructor(
    private readonly clock: TestClock,
    private readonly store: TestStore,
  ) {
    super();
  }

  async subscribe(subscriber: RevocationSubscriber): Promise<void> {
    // What was published before is held by those that were there.
    for (const earlier of this.subscribers) subscriber.receive([...earlier.held()]);
    this.subscribers.add(subscriber);
  }

  async publish(revocations: readonly Revocation[]): Promise<void> {
    if (this.store.isDown) throw storeIsDown();
    const at = this.clock.now();
    const published = revocations.map((revocation) => ({ at, ...revocation }));
    if (this.silentSince === undefined) this.deliver(published);
    else this.unread.push(...published);
  }

  staleness(): number {
    const since = this.store.isDown ? Math.min(this.store.downSince, this.silentSince ?? Infinity) : this.silentSince;
    return since === undefined ? 0 : this.clock.now() - since;
  }

  async time(): Promise<number> {
    return this.store.time();
  }

  /** Nobody is told of anything until {@link resume}, and the knowledge grows old. */
  pause(): void {
    this.silentSince ??= this.clock.now();
  }

  resume(): void {
    this.silentSince = undefined;
    const entries = this.unread;
    this.unread = [];
    this.deliver(entries);
  }

  /** The store went back in time: everybody repeats what it has lost since then, as with Redis. Milliseconds. */
  async lostSince(time: number): Promise<void> {
    for (const subscriber of this.subscribers) {
      const lost = [...subscriber.held()].filter(({ at }) => at >= time);
      if (lost.length > 0) await subscriber.lost(lost);
    }
  }

  private deliver(entries: readonly PublishedRevocation[]): void {
    for (const subscriber of this.subscribers) subscriber.receive(entries);
  }
}
