import { formatDuration, parseDuration } from './durations.js';

describe('durations', () => {
  it.each([
    ['500ms', 500],
    ['30s', 30_000],
    ['15m', 900_000],
    ['2h', 7_200_000],
    ['14d', 1_209_600_000],
    ['0s', 0],
  ])('%s is %d milliseconds', (text, milliseconds) => {
    expect(parseDuration(text, 'grace')).toBe(milliseconds);
  });

  it.each([
    [1_209_600_000, '14d'],
    [90_000, '90s'],
    [1_500, '1500ms'],
    [0, '0s'],
  ])('%d milliseconds are written as %s', (milliseconds, text) => {
    expect(formatDuration(milliseconds)).toBe(text);
  });
});
