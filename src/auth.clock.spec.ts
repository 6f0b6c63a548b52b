import { AuthClock, MOST_CLOCK_ERROR } from './auth.clock.js';

/** A machine whose clock is `behind` the store's; each question to the store takes `there` and `back`. */
function machine({ behind = 0, isApart = false } = {}) {
  const state = { store: 1_000_000, behind, running: 0 };
  const pass = (milliseconds: number): void => {
    state.store += milliseconds;
    state.running += milliseconds;
  };
  const clock = new AuthClock(
    () => state.store - state.behind,
    () => state.running,
    isApart,
  );
  const follow = (there: number, back: number): Promise<number> =>
    clock.follow(async () => {
      pass(there);
      const time = state.store;
      pass(back);
      return time;
    });
  return { clock, state, pass, follow };
}

describe("the store's clock, as a process follows it", () => {
  it('is the own one until it was measured', () => {
    const { clock, state } = machine({ behind: 300 });
    expect([clock.now(), clock.error]).toEqual([state.store - 300, 0]);
  });

  it('is as far off as the answer took, and the error says so', async () => {
    const { clock, state, follow } = machine({ behind: 10_000 });
    await follow(40, 10);
    expect(Math.abs(clock.now() - state.store)).toBeLessThanOrEqual(clock.error);
    expect(clock.error).toBeGreaterThanOrEqual(25);
    expect(clock.error).toBeLessThanOrEqual(27);
  });

  it('may show no earlier time than the one that has passed for sure', async () => {
    const { clock, state, follow } = machine({ behind: -10_000 });
    await follow(0, 50);
    expect(clock.earliestNow()).toBeLessThanOrEqual(state.store);
  });

  it('is known better by the quickest answer, which a slow one does not spoil', async () => {
    const { clock, state, follow } = machine({ behind: 10_000 });
    await follow(1, 1);
    await follow(800, 800);
    expect(clock.error).toBeLessThanOrEqual(5);
    expect(Math.abs(clock.now() - state.store)).toBeLessThanOrEqual(clock.error);
  });

  it('is known less well the longer ago it was measured', async () => {
    const { clock, pass, follow } = machine();
    await follow(0, 0);
    pass(20_000);
    expect(clock.error).toBe(11);
  });

  it('is measured anew when a clock was set', async () => {
    const { clock, state, follow } = machine();
    await follow(1, 1);
    state.behind = 3_000;
    await follow(1, 1);
    expect(Math.abs(clock.now() - state.store)).toBeLessThanOrEqual(clock.error);
    expect(clock.error).toBeLessThanOrEqual(3);
  });

  it('stays where it is while it may be right, so that times do not jump', async () => {
    const { follow } = machine({ behind: 5 });
    const offset = await follow(10, 10);
    expect(await follow(2, 8)).toBe(offset);
  });

  it('is not taken from an answer during which the own clock was set back', async () => {
    const { clock, state } = machine();
    await clock.follow(async () => {
      state.behind = 500;
      return state.store;
    });
    expect([clock.storeOffset, clock.error]).toEqual([0, 0]);
  });

  it('counts an error up to a quarter of a second, so that a bad line cannot date claims far back', async () => {
    const { clock, follow } = machine();
    await follow(2_000, 2_000);
    expect(clock.error).toBeGreaterThan(MOST_CLOCK_ERROR);
    expect(clock.now() - clock.earliestNow()).toBe(MOST_CLOCK_ERROR);
  });
});

describe('the clock of a store that is apart from this machine', () => {
  it('is not known before it was measured', async () => {
    const { clock, follow } = machine({ behind: -10_000, isApart: true });
    expect(clock.error).toBe(Infinity);
    await follow(1, 1);
    expect(clock.error).toBeLessThanOrEqual(5);
  });

  it('is not known either while the store does not answer', async () => {
    const { clock } = machine({ isApart: true });
    await expect(clock.follow(() => Promise.reject(new Error('away')))).rejects.toThrow('away');
    expect(clock.error).toBe(Infinity);
  });

  it.each([3_600_000, -3_600_000])('does not move when this machine is set by %d ms', async (step) => {
    const { clock, state, pass, follow } = machine({ behind: 500, isApart: true });
    await follow(1, 1);
    state.behind += step;
    pass(1_000);
    expect(Math.abs(clock.now() - state.store)).toBeLessThanOrEqual(clock.error);
    expect(clock.error).toBeLessThanOrEqual(5);
  });

  it('is told as the difference to what this machine shows now, so that a warning ends when NTP has put it right', async () => {
    const { clock, state, follow } = machine({ behind: 10_000, isApart: true });
    expect(Math.abs((await follow(1, 1)) - 10_000)).toBeLessThanOrEqual(2);
    state.behind = 0;
    expect(Math.abs(clock.storeOffset)).toBeLessThanOrEqual(2);
  });

  it('is taken to be the time of this machine until the first answer, also when NTP puts that right meanwhile', async () => {
    const { clock, state, pass } = machine({ behind: 10_000, isApart: true });
    const away = () => clock.follow(() => Promise.reject(new Error('away'))).catch(() => undefined);
    await away();
    state.behind = 0;
    pass(250);
    await away();
    expect(clock.now()).toBe(state.store);
  });

  it('shows whole milliseconds, as generations and times of claims are', async () => {
    const { clock, pass, follow } = machine({ isApart: true });
    await follow(1, 1);
    pass(0.7);
    expect(Number.isInteger(clock.now())).toBe(true);
  });
});
