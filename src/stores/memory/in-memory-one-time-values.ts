import { OneTimeValues } from '../../sessions/one-time-values.js';

const SWEEP_ABOVE = 1_000;

/** Values that may be used once, in the memory of one process. */
export class InMemoryOneTimeValues extends OneTimeValues {
  private readonly used = new Map<string, number>();
  private sweepAbove = SWEEP_ABOVE;

  /** @param clock milliseconds since the epoch */
  constructor(private readonly clock: () => number = Date.now) {
    super();
  }

  override async use(value: string, keepFor: number): Promise<boolean> {
    const now = this.clock();
    if ((this.used.get(value) ?? -Infinity) > now) return false;
    if (this.used.size >= this.sweepAbove) this.sweep(now);
    this.used.set(value, now + keepFor);
    return true;
  }

  private sweep(now: number): void {
    for (const [value, until] of this.used) if (until <= now) this.used.delete(value);
    this.sweepAbove = Math.max(SWEEP_ABOVE, this.used.size * 2);
  }
}
