const MOST_KEYS = 1_000;

/**
 * Which refusals were told of: an attack is one event for each limit that it meets and not one for each request. Where
 * more limits are met at once than can be remembered, the rest is not told of; metrics count every refusal.
 */
export class RefusalReports {
  private readonly toldUntil = new Map<string, number>();

  /**
   * @param now milliseconds
   * @param quietFor milliseconds for which the next refusals by this key are not told of
   * @returns whether this one is to be told of
   */
  isDue(key: string, now: number, quietFor: number): boolean {
    if ((this.toldUntil.get(key) ?? -Infinity) > now) return false;
    if (this.toldUntil.size >= MOST_KEYS) this.sweep(now);
    if (this.toldUntil.size >= MOST_KEYS) return false;
    this.toldUntil.set(key, now + quietFor);
    return true;
  }

  private sweep(now: number): void {
    for (const [key, until] of this.toldUntil) if (until <= now) this.toldUntil.delete(key);
  }
}
