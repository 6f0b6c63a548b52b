/** By how much two clocks may run apart (adjtime slews by so much): milliseconds per millisecond. */
const DRIFT = 500e-6;

/** Beyond this error, in milliseconds, this process cannot say what came first: a change of claims or their reading. */
export const MOST_CLOCK_ERROR = 250;

/** By how much the store's clock is ahead of this machine's: something from `least` to `most`, milliseconds. */
interface OffsetRange {
  readonly least: number;
  readonly most: number;
}

/**
 * The time that Keyturn goes by: the store's, as this process knows it. The store decides about sessions by its own
 * clock; here the same clock is followed by a measured offset, so that two instances never disagree.
 *
 * Between two measurements it runs by a clock that nobody sets, and not by the time of day: NTP sets that by hours when
 * a machine has started with a wrong one, and with the offset of before, all revocations would seem to be over. The
 * price: on some systems that clock stands still while the machine sleeps. Then tokens live longer for the seconds
 * until the next measurement. That is the smaller harm: nothing is forgotten by a clock that is late.
 */
export class AuthClock {
  private offset = 0;
  /** Null: not measured yet, so this machine's clock is taken for the store's. */
  private range: OffsetRange | null = null;
  private measuredAt = 0;
  /** What the clock that nobody sets lacks to the time of day; null: the time of day itself is read. */
  private anchor: number | null = null;
  /** The least that the store's clock was ahead of the one that nobody sets, lately and in the stretch before that. */
  private least = { since: -Infinity, lately: Infinity, before: Infinity };
  private storeTime?: () => Promise<number>;

  /**
   * @param local milliseconds since the epoch; tests and simulations pass their own
   * @param elapsed milliseconds of a clock that nobody sets
   * @param isApart whether the store has another clock than this machine, as a database server has: before the first
   * measurement nothing is known of it. A store in this process goes by `local`, and so does this clock.
   */
  constructor(
    private readonly local: () => number = Date.now,
    private readonly elapsed: () => number = () => performance.now(),
    private readonly isApart = false,
  ) {}

  /** Milliseconds since the epoch, by the store's clock. */
  now(): number {
    return this.own() + this.offset;
  }

  /** The earliest that the store's clock may show now: {@link now} without its {@link error}, of which 250 ms count. */
  earliestNow(): number {
    return this.now() - Math.min(this.error, MOST_CLOCK_ERROR);
  }

  /**
   * A time that has passed at the store for sure, also by what its clock has shown since `memory` milliseconds ago: that of a
   * server that has just started may be hours ahead until NTP sets it, and what seemed to be over then is not.
   * -Infinity while the clock is not known well enough to tell.
   */
  surelyPast(memory: number): number {
    if (this.error > MOST_CLOCK_ERROR) return -Infinity;
    if (!this.isApart) return this.earliestNow();
    const elapsed = this.elapsed();
    const ahead = this.earliestNow() - elapsed;
    const { since, lately, before } = this.least;
    this.least =
      elapsed - since > memory
        ? { since: elapsed, lately: ahead, before: lately }
        : { since, lately: Math.min(ahead, lately), before };
    return elapsed + Math.min(this.least.lately, this.least.before);
  }

  /** By how much the store's clock is ahead of this machine's, milliseconds. */
  get storeOffset(): number {
    return this.now() - this.local();
  }

  /**
   * By how much {@link now} may differ from the store's clock, whole milliseconds. Before the first measurement it is
   * Infinity where the store has a clock of its own, else 0.
   */
  get error(): number {
    if (!this.range) return this.isApart ? Infinity : 0;
    const { least, most } = this.range;
    return Math.ceil(Math.max(this.offset - least, most - this.offset) + this.driftSince());
  }

  /** Names where the store's time is read, for who needs it before the first measurement. */
  measureBy(storeTime: () => Promise<number>): void {
    this.storeTime = storeTime;
  }

  /** Resolves when the store's clock was measured, which is at once but for a start. @throws what reading its time throws */
  async measured(): Promise<void> {
    if (this.error === Infinity && this.storeTime) await this.follow(this.storeTime);
  }

  /**
   * Measures the offset: the store's time was read somewhere between asking and being answered. What is known from
   * before narrows that, so one slow answer spoils nothing; where the two contradict, a clock was set, and the new
   * measurement counts alone. The offset stays as it is while it may be the right one.
   * @returns the offset in milliseconds
   */
  async follow(storeTime: () => Promise<number>): Promise<number> {
    // Until the first answer NTP may put right what this machine tells.
    if (this.isApart && !this.range) this.anchor = this.local() - this.elapsed();
    const asked = this.own();
    const time = await storeTime();
    const answered = this.own();
    // This machine's clock was set back meanwhile.
    if (answered < asked) return this.storeOffset;
    // Both clocks tell whole milliseconds: either may be nearly one later than it says.
    const measured = { least: time - answered - 1, most: time - asked + 1 };
    const range = this.narrowed(measured);
    this.range = range;
    this.measuredAt = this.elapsed();
    if (this.offset < range.least || this.offset > range.most) this.offset = Math.round((range.least + range.most) / 2);
    return this.storeOffset;
  }

  /** This machine's clock, whole milliseconds since the epoch. */
  private own(): number {
    return this.anchor === null ? this.local() : Math.floor(this.elapsed() + this.anchor);
  }

  private narrowed(measured: OffsetRange): OffsetRange {
    if (!this.range) return measured;
    const drift = this.driftSince();
    const least = Math.max(measured.least, this.range.least - drift);
    const most = Math.min(measured.most, this.range.most + drift);
    return least <= most ? { least, most } : measured;
  }

  private driftSince(): number {
    return (this.elapsed() - this.measuredAt) * DRIFT;
  }
}
