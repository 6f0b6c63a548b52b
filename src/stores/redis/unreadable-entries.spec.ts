import { UnreadableEntries } from './unreadable-entries.js';

const RETENTION = 1_000;

describe('entries of the feed that cannot be read', () => {
  it('matter for as long as a token of their time can live', () => {
    const entries = new UnreadableEntries();
    entries.note('1-0', 0, RETENTION);
    entries.note('2-0', 500, RETENTION);
    expect([1_499, 1_500].map((now) => entries.among(now))).toEqual([true, false]);
  });

  it('count from their first sight, because a lost connection makes the whole window come again', () => {
    const entries = new UnreadableEntries();
    entries.note('1-0', 0, RETENTION);
    entries.note('1-0', 900, RETENTION);
    expect(entries.among(RETENTION)).toBe(false);
  });

  it('are told of once, not once each', () => {
    const entries = new UnreadableEntries();
    expect(['1-0', '2-0', '1-0'].map((id) => entries.note(id, 0, RETENTION))).toEqual([true, false, false]);
  });
});
