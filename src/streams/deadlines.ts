/** Calls after a time, unless the returned function is called before. */
export type Schedule = (run: () => void, milliseconds: number) => () => void;

/** Of Node; it does not keep the process alive. */
const nodeTimer: Schedule = (run, milliseconds) => {
  const timer = setTimeout(run, milliseconds);
  timer.unref();
  return () => clearTimeout(timer);
};

/**
 * Many deadlines with one timer, which beats at the full seconds while there are any: tokens expire at full seconds, and
 * ten thousand idle sockets must not have a timer each. The clock is asked at each beat, so it may be set.
 */
export class Deadlines {
  /** By the second they are due at. */
  private readonly due = new Map<number, Set<() => void>>();
  private stopTimer: (() => void) | undefined;

  /** @param now milliseconds since the epoch */
  constructor(
    private readonly now: () => number,
    private readonly schedule: Schedule = nodeTimer,
  ) {}

  /**
   * Runs once, at that time or up to a second after it; exactly then if it is a full second.
   * @param at milliseconds since the epoch
   * @returns a function that takes the deadline back
   */
  add(at: number, run: () => void): () => void {
    const second = Math.ceil(at / 1000);
    const others = this.due.get(second);
    if (others) others.add(run);
    else this.due.set(second, new Set([run]));
    if (!this.stopTimer) this.waitForBeat();
    return () => {
      const runs = this.due.get(second);
      if (runs?.delete(run) && runs.size === 0) this.due.delete(second);
    };
  }

  /** Takes all deadlines back. */
  clear(): void {
    this.due.clear();
    this.stopTimer?.();
    this.stopTimer = undefined;
  }

  private waitForBeat(): void {
    this.stopTimer = this.schedule(() => this.beat(), 1000 - (this.now() % 1000));
  }

  private beat(): void {
    const now = this.now();
    for (const [second, runs] of this.due) {
      if (second * 1000 > now) continue;
      this.due.delete(second);
      for (const run of runs) run();
    }
    this.stopTimer = undefined;
    if (this.due.size > 0) this.waitForBeat();
  }
}
