import { secondsOf } from './retry-after.js';

const NOW = Date.parse('Wed, 21 Oct 2026 07:28:00 GMT');

describe('Retry-After', () => {
  it.each([
    ['seconds', '120', 120],
    ['a date', 'Wed, 21 Oct 2026 07:30:00 GMT', 120],
    ['a date that is over', 'Wed, 21 Oct 2026 07:27:00 GMT', undefined],
    ['no wait at all', '0', undefined],
    ['seconds that count backwards', '-5', undefined],
    ['something else', 'soon', undefined],
    ['nothing', '', undefined],
    ['no header', null, undefined],
    ['a century, which is cut to an hour', 'Wed, 21 Oct 2126 07:28:00 GMT', 3600],
    ['more than a timer can wait', '9999999999', 3600],
    ['for ever', 'Infinity', 3600],
  ])('is understood where it is %s', (_, header, seconds) => {
    expect(secondsOf(header, NOW)).toBe(seconds);
  });
});
