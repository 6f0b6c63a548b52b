import { Pace } from './pace.js';

const RATE = { attempts: 10, window: 60_000 };
const TOO_OFTEN = 'This is asked for too often.';

/** What a session is told: ok, or after how many seconds to come again. */
function told(pace: Pace, name: string, now: number): 'ok' | number {
  try {
    pace.admit(name, now);
    return 'ok';
  } catch (error) {
    expect(error).toMatchObject({ code: 'too_many_attempts', message: TOO_OFTEN });
    return (error as { retryAfter: number }).retryAfter;
  }
}

describe('the pace of refreshes', () => {
  it('lets a session refresh so many times in a window, and no other session pays for it', () => {
    const pace = new Pace(RATE, TOO_OFTEN);
    const answers = Array.from({ length: 11 }, (_, n) => told(pace, 'a', n));
    expect(answers).toEqual([...Array<string>(10).fill('ok'), 60]);
    expect(told(pace, 'b', 11)).toBe('ok');
  });

  it('tells a time after which it lets through again', () => {
    const pace = new Pace(RATE, TOO_OFTEN);
    let now = 0;
    for (let refreshes = 0; refreshes < 100; refreshes++) {
      const answer = told(pace, 'a', now);
      if (answer === 'ok') continue;
      now += answer * 1000;
      expect(told(pace, 'a', now)).toBe('ok');
    }
    expect(now).toBeGreaterThan(8 * RATE.window);
  });

  it('never lets twice as many through where two windows meet', () => {
    const pace = new Pace(RATE, TOO_OFTEN);
    const refresh = (now: number) =>
      Array.from({ length: 20 }, () => told(pace, 'a', now)).filter((a) => a === 'ok').length;
    told(pace, 'b', 0);
    expect(refresh(59_000) + refresh(61_000)).toBeLessThanOrEqual(RATE.attempts + 1);
  });

  it('remembers a bounded number of sessions', () => {
    const pace = new Pace(RATE, TOO_OFTEN);
    for (let n = 0; n < 200_000; n++) pace.admit(`session ${n}`, 0);
    const { present, last } = pace as unknown as { present: Map<string, number>; last: Map<string, number> };
    expect(present.size + last.size).toBeLessThanOrEqual(100_000);
  });

  it('is off without a rate', () => {
    const pace = new Pace(null, TOO_OFTEN);
    for (let n = 0; n < 1_000; n++) pace.admit('a', 0);
  });
});
