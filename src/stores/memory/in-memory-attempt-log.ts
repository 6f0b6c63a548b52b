import { AttemptLog, type Noted, type NotedAttempt } from '../../limits/attempt-log.js';
import { waitFor, type Limit } from '../../limits/limit.js';

const SWEEP_ABOVE = 1_000;
/** An attacker who uses more keys than this pushes out the oldest ones; each key costs a checked password. */
const MOST_KEYS = 100_000;

interface Attempts {
  readonly times: number[];
  readonly window: number;
}

/** Attempts in the memory of one process. */
export class InMemoryAttemptLog extends AttemptLog {
  private readonly byKey = new Map<string, Attempts>();
  private sweepAbove = SWEEP_ABOVE;

  /** @param clock milliseconds since the epoch */
  constructor(private readonly clock: () => number = Date.now) {
    super();
  }

  override async note(key: string, limit: Limit): Promise<Noted> {
    const now = this.clock();
    const { times } = this.byKey.get(key) ?? this.add(key, limit, now);
    while (times.length > 0 && times[0]! <= now - limit.window) times.shift();
    const wait = waitFor(times, limit, now);
    if (wait > 0) return { wait };
    times.push(now);
    return { at: now };
  }

  override async forget(key: string, { at }: NotedAttempt): Promise<void> {
    const attempts = this.byKey.get(key);
    const place = attempts ? attempts.times.lastIndexOf(at) : -1;
    if (!attempts || place < 0) return;
    attempts.times.splice(place, 1);
    if (attempts.times.length === 0) this.byKey.delete(key);
  }

  private add(key: string, { window }: Limit, now: number): Attempts {
    if (this.byKey.size >= this.sweepAbove) this.sweep(now);
    const attempts = { times: [], window };
    this.byKey.set(key, attempts);
    return attempts;
  }

  private sweep(now: number): void {
    for (const [key, { times, window }] of this.byKey) {
      if ((times.at(-1) ?? -Infinity) <= now - window) this.byKey.delete(key);
    }
    // Some at once, so that the next key does not sweep again.
    const kept = this.byKey.size < MOST_KEYS ? MOST_KEYS : MOST_KEYS * 0.9;
    for (const key of this.byKey.keys()) {
      if (this.byKey.size <= kept) break;
      this.byKey.delete(key);
    }
    this.sweepAbove = Math.min(MOST_KEYS, Math.max(SWEEP_ABOVE, this.byKey.size * 2));
  }
}
