import { isDue } from './held-session.js';

const NOW = 1_800_000_000_000;
const MINUTE = 60_000;
const session = { sid: 'a', at: NOW, life: 30 * MINUTE };

describe('an access token, by the clock of the device', () => {
  it('is due shortly before its end, so that no request comes late with it', () => {
    expect([isDue(session, NOW), isDue(session, NOW + 29 * MINUTE), isDue(session, NOW + 30 * MINUTE - 5_000)]).toEqual(
      [false, false, true],
    );
  });

  it('is due where the clock was set back, since nobody knows how old it is', () => {
    expect([isDue(session, NOW - 1_000), isDue(session, NOW - MINUTE)]).toEqual([false, true]);
  });

  it('is not due all the time where more life is asked for than a token has', () => {
    expect(isDue(session, NOW + MINUTE, 60 * MINUTE)).toBe(false);
  });
});
