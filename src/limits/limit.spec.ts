import { limitOf, waitFor, withoutLongWait, type Limit } from './limit.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** The times at which attempts are made by somebody who never stops trying, a step of the clock after the other. */
function hammer(limit: Limit, until: number, step: number): number[] {
  const made: number[] = [];
  for (let now = 0; now <= until; now += step) {
    const within = made.filter((at) => at > now - limit.window);
    if (waitFor(within, limit, now) === 0) made.push(now);
  }
  return made;
}

describe('a limit', () => {
  it('lets a burst through, and the next one when the first is a window old', () => {
    const limit = limitOf(3, HOUR);
    expect(waitFor([0, 1, 2], limit, 3)).toBe(HOUR - 3);
    expect(waitFor([0, 1], limit, 3)).toBe(0);
  });

  it('slides: in no stretch of its length are there more, wherever that begins', () => {
    for (const limit of [limitOf(10, 15 * MINUTE), withoutLongWait(limitOf(50, HOUR), 15 * MINUTE)]) {
      const made = hammer(limit, 5 * HOUR, 20_000);
      const most = Math.max(
        ...made.map((start) => made.filter((at) => at >= start && at < start + limit.window).length),
      );
      expect(most).toBeLessThanOrEqual(limit.attempts);
      expect(most).toBeGreaterThanOrEqual(limit.attempts - limit.kept);
    }
  });

  it('keeps some for later where a window is long, so that nobody waits for more than 15 minutes', () => {
    const limit = withoutLongWait(limitOf(50, HOUR), 15 * MINUTE);
    const made = hammer(limit, 5 * HOUR, 1_000);
    expect(made.slice(0, 50).map((at) => Math.floor(at / MINUTE))).toEqual([...Array<number>(47).fill(0), 15, 30, 45]);
    const pauses = made.slice(1).map((at, index) => at - made[index]!);
    expect(Math.max(...pauses)).toBeLessThanOrEqual(15 * MINUTE);
  });

  it('tells a wait after which there is room indeed, and before which there is none', () => {
    const limit = withoutLongWait(limitOf(50, HOUR), 15 * MINUTE);
    const made = hammer(limit, HOUR + 7 * MINUTE, 20_000);
    for (let now = made.at(-1)!; now < 3 * HOUR; now += 7 * MINUTE) {
      const at = (moment: number) => made.filter((time) => time > moment - limit.window);
      const wait = waitFor(at(now), limit, now);
      expect(waitFor(at(now + wait), limit, now + wait)).toBe(0);
      if (wait > 0) expect(waitFor(at(now + wait - 1), limit, now + wait - 1)).toBe(1);
    }
  });

  it.each([
    ['has few attempts', limitOf(5, HOUR)],
    ['has a short window', limitOf(100, 15 * MINUTE)],
  ])('stays as it is written where it %s', (_why, limit) => {
    expect(withoutLongWait(limit, 15 * MINUTE)).toEqual(limit);
  });
});
