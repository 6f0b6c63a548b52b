import { Deadlines } from './deadlines.js';

/** A timer that fires when the story says so. */
function world(start: number) {
  const state = { now: start, timers: [] as { run: () => void; milliseconds: number }[] };
  const deadlines = new Deadlines(
    () => state.now,
    (run, milliseconds) => {
      const timer = { run, milliseconds };
      state.timers.push(timer);
      return () => state.timers.splice(state.timers.indexOf(timer), 1);
    },
  );
  const beat = (): void => {
    const [timer] = state.timers.splice(0, 1);
    state.now += timer!.milliseconds;
    timer!.run();
  };
  return { state, deadlines, beat };
}

describe('deadlines: many of them by one timer', () => {
  it('run at their second, in it and not before', () => {
    const { deadlines, beat } = world(10_400);
    const ran: string[] = [];
    deadlines.add(12_000, () => ran.push('at 12'));
    deadlines.add(12_300, () => ran.push('by 13'));
    beat();
    expect(ran).toEqual([]);
    beat();
    expect(ran).toEqual(['at 12']);
    beat();
    expect(ran).toEqual(['at 12', 'by 13']);
  });

  it('have one timer however many they are, and none when there is nothing to wait for', () => {
    const { state, deadlines, beat } = world(10_000);
    const takeBack = Array.from({ length: 10_000 }, (_, index) => deadlines.add(20_000 + index, () => undefined));
    expect(state.timers).toHaveLength(1);
    for (const each of takeBack) each();
    beat();
    expect(state.timers).toHaveLength(0);
  });

  it('do not run when they are taken back, nor when all are', () => {
    const { state, deadlines, beat } = world(10_000);
    const ran: string[] = [];
    deadlines.add(11_000, () => ran.push('taken back'))();
    deadlines.add(11_000, () => ran.push('stays'));
    beat();
    expect(ran).toEqual(['stays']);
    deadlines.add(13_000, () => ran.push('cleared'));
    deadlines.clear();
    expect(state.timers).toHaveLength(0);
  });

  it('all run at the next beat when the clock jumps over them', () => {
    const { state, deadlines, beat } = world(10_000);
    const ran: number[] = [];
    for (const second of [20, 30, 90_000]) deadlines.add(second * 1000, () => ran.push(second));
    state.now = 1_000_000;
    beat();
    expect(ran).toEqual([20, 30]);
  });

  it('may be added by one that runs', () => {
    const { deadlines, beat } = world(10_000);
    const ran: string[] = [];
    deadlines.add(11_000, () => deadlines.add(12_000, () => ran.push('second')));
    beat();
    beat();
    expect(ran).toEqual(['second']);
  });
});
