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
 */
export class AuthClock {
  private offset = 0;
  /** Null: not measured yet, so this machine's clock is taken for the store's. */
  private range: OffsetRange | null = null;
  private measuredAt = 0;

  /**
   * @param local milliseconds since the epoch; tests and simulations pass their own
   * @param elapsed milliseconds of a clock that nobody sets, to know how old a measurement is
   */
  constructor(
    private readonly local: () => number = Date.now,
    private readonly elapsed: () => number = () => performance.now(),
  ) {}

  /** Milliseconds since the epoch, by the store's clock. */
  now(): number {
    return this.local() + this.offset;
  }

  /** The earliest that the store's clock may show now: {@link now} without its {@link error}, of which 250 ms count. */
  earliestNow(): number {
    return this.now() - Math.min(this.error, MOST_CLOCK_ERROR);
  }

  /** By how much the store's clock is ahead of this machine's, milliseconds. */
  get storeOffset(): number {
    return this.offset;
  }

  /** By how much {@link now} may differ from the store's clock, whole milliseconds; 0 before the first measurement. */
  get error(): number {
    if (!this.range) return 0;
    const { least, most } = this.range;
    return Math.ceil(Math.max(this.offset - least, most - this.offset) + this.driftSince());
  }

  /**
   * Measures the offset: the store's time was read somewhere between asking and being answered. What is known from
   * before narrows that, so one slow answer spoils nothing; where the two contradict, a clock was set, and the new
   * measurement counts alone. The offset stays as it is while it may be the right one.
   * @returns the offset in milliseconds
   */
  async follow(storeTime: () => Promise<number>): Promise<number> {
    const asked = this.local();
    const time = await storeTime();
    const answered = this.local();
    // This machine's clock was set back meanwhile.
    if (answered < asked) return this.offset;
    // Both clocks tell whole milliseconds: either may be nearly one later than it says.
    const measured = { least: time - answered - 1, most: time - asked + 1 };
    const range = this.narrowed(measured);
    this.range = range;
    this.measuredAt = this.elapsed();
    if (this.offset < range.least || this.offset > range.most) this.offset = Math.round((range.least + range.most) / 2);
    return this.offset;
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
