import {
  AuthError,
  InMemoryTokenRepository,
  TokenRepository,
  type AdvanceCommand,
  type EndNote,
  type ExtendCommand,
  type HostClaims,
  type OpenCommand,
  type SessionClaimsCommand,
} from '../index.js';
import type { TestClock } from './test-clock.js';

type EndReason = Parameters<TokenRepository['end']>[2];

/** A write as it was done, so that it can be done again in a store that has lost it. */
interface Write {
  /** Milliseconds, by the clock. */
  readonly at: number;
  /** Whether it changed anything. */
  changed: boolean;
  readonly repeat: (store: TokenRepository) => Promise<unknown>;
}

export const storeIsDown = (): AuthError =>
  new AuthError('store_unavailable', 'The store does not answer. Keep the tokens and try again.', {
    fault: 'storeDown() of keyturn/testing',
    retryAfter: 1,
  });

/** A store in memory that goes by a test's clock, can be away, and can forget its last writes. */
export class TestStore extends TokenRepository {
  /** While writes are repeated: the time of the one that is. Milliseconds. */
  private past: number | undefined;
  private inner: InMemoryTokenRepository;
  private writes: Write[] = [];
  private downUntil = -Infinity;
  /** Milliseconds: when it was last said to be down. */
  downSince = -Infinity;

  constructor(private readonly clock: TestClock) {
    super();
    this.inner = this.empty();
  }

  get commandTimeout(): number {
    return this.inner.commandTimeout;
  }

  /** Every call fails until the clock has reached the time, in milliseconds. */
  goDown(until: number): void {
    this.downSince = this.clock.now();
    this.downUntil = until;
  }

  get isDown(): boolean {
    return this.clock.now() < this.downUntil;
  }

  /**
   * Forgets the last writes that changed anything, as a store does that is restored from an older copy.
   * @returns the time of the first one that is lost, milliseconds; Infinity if none is
   */
  async rollBack(count: number): Promise<number> {
    const changes = this.writes.filter(({ changed }) => changed);
    const first = count > 0 ? changes.slice(-count)[0] : undefined;
    if (!first) return Infinity;
    this.writes = this.writes.slice(0, this.writes.indexOf(first));
    this.inner = this.empty();
    for (const { at, repeat } of this.writes) {
      this.past = at;
      await repeat(this.inner);
    }
    this.past = undefined;
    return first.at;
  }

  open(command: OpenCommand) {
    return this.write(
      (store) => store.open(command),
      ({ outcome }) => outcome === 'opened',
    );
  }

  find(sub: string, sid: string) {
    return this.read((store) => store.find(sub, sid));
  }

  advance(command: AdvanceCommand) {
    return this.write(
      (store) => store.advance(command),
      ({ advanced }) => advanced,
    );
  }

  extend(command: ExtendCommand) {
    return this.write(
      (store) => store.extend(command),
      ({ alive }) => alive,
    );
  }

  end(sub: string, sids: readonly string[], reason: EndReason, retention: number, note?: EndNote) {
    return this.write(
      (store) => store.end(sub, sids, reason, retention, note),
      (ended) => ended.length > 0,
    );
  }

  endBelow(sub: string, generation: number, reason: EndReason, retention: number, note?: EndNote) {
    return this.write(
      (store) => store.endBelow(sub, generation, reason, retention, note),
      (ended) => ended.length > 0,
    );
  }

  list(sub: string) {
    return this.read((store) => store.list(sub));
  }

  override history(sub: string) {
    return this.read((store) => store.history(sub));
  }

  raiseGeneration(sub: string, target: number, keep: number) {
    return this.write((store) => store.raiseGeneration(sub, target, keep));
  }

  changeClaims(sub: string, claims: HostClaims | null, keep: number) {
    return this.write((store) => store.changeClaims(sub, claims, keep));
  }

  setSessionClaims(command: SessionClaimsCommand) {
    return this.write(
      (store) => store.setSessionClaims(command),
      ({ alive }) => alive,
    );
  }

  generationOf(sub: string) {
    return this.read((store) => store.generationOf(sub));
  }

  time(): Promise<number> {
    return this.read((store) => store.time());
  }

  private async read<Result>(ask: (store: TokenRepository) => Promise<Result>): Promise<Result> {
    if (this.isDown) throw storeIsDown();
    return ask(this.inner);
  }

  private async write<Result>(
    repeat: (store: TokenRepository) => Promise<Result>,
    hasChanged: (result: Result) => boolean = () => true,
  ): Promise<Result> {
    if (this.isDown) throw storeIsDown();
    const write: Write = { at: this.clock.now(), changed: false, repeat };
    // Before the call, so that writes are kept in the order in which they are done.
    this.writes.push(write);
    const result = await repeat(this.inner);
    write.changed = hasChanged(result);
    return result;
  }

  private empty(): InMemoryTokenRepository {
    return new InMemoryTokenRepository(() => this.past ?? this.clock.now());
  }
}
