import { retentionOf, RetentionMarks } from './retention.js';

const MINUTE = 60_000;

describe('how long an entry is kept', () => {
  const policy = { revocation: { maxStaleness: 10_000 }, clockTolerance: 7_000 };

  it('is the life of an access token and all that may come late: knowledge, command, clock', () => {
    const clients = new Map([['default', { accessTtl: 30 * MINUTE }]]);
    expect(retentionOf({ ...policy, clients })).toBe(30 * MINUTE + 10_000 + 5_000 + 7_000);
  });

  it('counts the longest access token of any client', () => {
    const clients = new Map([
      ['default', { accessTtl: 5 * MINUTE }],
      ['android', { accessTtl: 60 * MINUTE }],
      ['web', { accessTtl: 10 * MINUTE }],
    ]);
    expect(retentionOf({ ...policy, clients })).toBe(60 * MINUTE + 22_000);
  });
});

describe('the retention that other instances mark', () => {
  it('counts where it is longer than the own one', () => {
    const marks = new RetentionMarks();
    expect(marks.longest(10, 0)).toBe(10);
    marks.note(100, 0);
    marks.note(5, 0);
    expect(marks.longest(10, 0)).toBe(100);
    expect(marks.longest(1_000, 0)).toBe(1_000);
  });

  it('counts for twice as long as it says, since tokens were issued until the next mark would have come', () => {
    const marks = new RetentionMarks();
    marks.note(100, 0);
    expect(marks.longest(10, 199)).toBe(100);
    expect(marks.longest(10, 200)).toBe(10);
  });

  it('counts from the latest mark, in whatever order they are read', () => {
    const marks = new RetentionMarks();
    marks.note(100, 50);
    marks.note(100, 0);
    expect(marks.longest(10, 249)).toBe(100);
  });

  it('must be marked at first, and again at half its time; a longer mark of another instance does as well', () => {
    const marks = new RetentionMarks();
    expect(marks.isDue(100, 0)).toBe(true);
    marks.note(100, 0);
    expect([marks.isDue(100, 49), marks.isDue(100, 50)]).toEqual([false, true]);
    marks.note(1_000, 50);
    expect([marks.isDue(100, 549), marks.isDue(100, 550)]).toEqual([false, true]);
    expect(marks.isDue(2_000, 60)).toBe(true);
  });

  it('outlives every token of its writer: marked at its latest, and the writer stopped just before the next mark', () => {
    const marks = new RetentionMarks();
    const retention = 100;
    marks.note(retention, 0);
    const stopped = 49;
    expect(marks.isDue(retention, stopped)).toBe(false);
    expect(marks.longest(1, stopped + retention)).toBe(retention);
  });
});
