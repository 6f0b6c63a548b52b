import { UnsettledAttempts } from './unsettled-attempts.js';

const MINUTE = 60_000;

describe('attempts whose outcome was never learned', () => {
  it('are used again when the same token comes again, so that an advance that did happen is known as its own', () => {
    const attempts = new UnsettledAttempts();
    attempts.remember('session', 3, 'first', 0);
    expect(attempts.recall('session', 3, 1)).toEqual(['first']);
    expect(attempts.recall('session', 3, 2)).toEqual(['first']);
  });

  it('are all kept, since two tabs may have asked and either may have been the one that ran', () => {
    const attempts = new UnsettledAttempts();
    attempts.remember('session', 3, 'of tab 1', 0);
    attempts.remember('session', 3, 'of tab 2', 1);
    attempts.remember('session', 3, 'of tab 1', 2);
    expect(attempts.recall('session', 3, 3)).toEqual(['of tab 2', 'of tab 1']);
    for (let index = 0; index < 20; index++) attempts.remember('session', 3, `${index}`, 4);
    expect(attempts.recall('session', 3, 5)).toEqual(['12', '13', '14', '15', '16', '17', '18', '19']);
  });

  it('are told apart by session and step', () => {
    const attempts = new UnsettledAttempts();
    attempts.remember('a', 11, 'of a', 0);
    expect(attempts.recall('a', 1, 1)).toEqual([]);
    expect(attempts.recall('a1', 1, 1)).toEqual([]);
    expect(attempts.recall('b', 11, 1)).toEqual([]);
  });

  it('are kept for five minutes, which is longer than clients try', () => {
    const attempts = new UnsettledAttempts();
    attempts.remember('session', 3, 'first', 0);
    expect(attempts.recall('session', 3, 5 * MINUTE - 1)).toEqual(['first']);
    expect(attempts.recall('session', 3, 5 * MINUTE)).toEqual([]);
  });

  it('are kept anew when the outcome stays unknown', () => {
    const attempts = new UnsettledAttempts();
    attempts.remember('session', 3, 'first', 0);
    attempts.remember('session', 3, 'first', 4 * MINUTE);
    expect(attempts.recall('session', 3, 8 * MINUTE)).toEqual(['first']);
  });

  it('are forgotten once an outcome is known', () => {
    const attempts = new UnsettledAttempts();
    attempts.remember('session', 3, 'first', 0);
    attempts.settle('session', 2);
    expect(attempts.recall('session', 3, 1)).toEqual(['first']);
    attempts.settle('session', 3);
    expect(attempts.recall('session', 3, 1)).toEqual([]);
  });

  it('are bounded in number, the oldest leaving first, so that an outage of the store fills no memory', () => {
    const attempts = new UnsettledAttempts();
    for (let index = 0; index < 10_000; index++) attempts.remember(`session-${index}`, 0, 'attempt', 0);
    attempts.remember('session-1', 0, 'again', 1);
    attempts.remember('one more', 0, 'attempt', 1);
    expect(attempts.recall('session-0', 0, 2)).toEqual([]);
    expect(attempts.recall('session-1', 0, 2)).toEqual(['attempt', 'again']);
    expect(attempts.recall('session-2', 0, 2)).toEqual(['attempt']);
    expect(attempts.recall('one more', 0, 2)).toEqual(['attempt']);
  });
});
