import { RefusalReports } from './refusal-reports.js';

describe('reports of refusals', () => {
  it('come once in a time for each key, however many refusals there are', () => {
    const reports = new RefusalReports();
    const due = Array.from({ length: 100 }, (_, second) => reports.isDue('a', second, 60));
    expect(due.flatMap((isDue, second) => (isDue ? [second] : []))).toEqual([0, 60]);
    expect(reports.isDue('b', 61, 60)).toBe(true);
  });

  it('are bounded: more keys at once than fit are not told of, and later ones are', () => {
    const reports = new RefusalReports();
    const told = Array.from({ length: 5_000 }, (_, n) => reports.isDue(`key ${n}`, 0, 60)).filter(Boolean);
    expect(told.length).toBeLessThanOrEqual(1_000);
    expect(reports.isDue('later', 60, 60)).toBe(true);
  });
});
