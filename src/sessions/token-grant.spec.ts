import { readToken } from '../../test/support/adapters.js';
import { startLibrary } from '../../test/support/auth-library.js';

const DAY = 86_400;

it.each([
  ['outlives its browser slides for as long as the policy says', true, 14 * DAY],
  ['ends with its browser slides for a day, since it would be idle then without a refresh', false, DAY],
])('a session that %s', async (_story, persistent, seconds) => {
  const { sessions, clock } = await startLibrary({ sliding: { slideLimit: '14d' }, accessTtl: '12h' });
  const { accessToken } = await sessions.open({ sub: 'ann', persistent });
  expect(readToken(accessToken).renew_until).toBe(Math.floor(clock.now() / 1000) + seconds);
});
