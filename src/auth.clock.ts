/**
 * The time that Keyturn goes by: the store's, as this process knows it. The store decides about sessions by its own
 * clock; here the same clock is followed by a measured offset, so that two instances never disagree.
 */
export class AuthClock {
  private offset = 0;

  /** @param local milliseconds since the epoch; tests and simulations pass their own */
  constructor(private readonly local: () => number = Date.now) {}

  /** Milliseconds since the epoch, by the store's clock. */
  now(): number {
    return this.local() + this.offset;
  }

  /** By how much the store's clock is ahead of this machine's, milliseconds. */
  get storeOffset(): number {
    return this.offset;
  }

  /**
   * Measures the offset: the store's time was read somewhere between asking and being answered, so an offset that
   * this cannot tell from the present one is left alone.
   * @returns the offset in milliseconds
   */
  async follow(storeTime: () => Promise<number>): Promise<number> {
    const asked = this.local();
    const time = await storeTime();
    const halfway = (this.local() - asked) / 2;
    const measured = time - (asked + halfway);
    if (Math.abs(measured - this.offset) > halfway + 1) this.offset = Math.round(measured);
    return this.offset;
  }
}
