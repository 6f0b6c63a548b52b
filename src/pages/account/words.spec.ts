import { agoWords, causeWords, deviceWords, problemWords, signedOutWords, waitWords } from './words.js';

describe('what went wrong, in words', () => {
  it.each([
    [{ code: 'too_many_attempts', status: 429, retryAfter: 42 }, 'Too many attempts. Try again in 42 seconds.'],
    [{ code: 'too_many_attempts', status: 429, retryAfter: 600 }, 'Too many attempts. Try again in 10 minutes.'],
    [
      { code: 'store_unavailable', status: 503, retryAfter: 5 },
      'The service cannot do this at the moment. Try again in 5 seconds.',
    ],
    [{ code: 'offline' }, 'The service cannot be reached. Check your connection and try again.'],
    // Its words are for people already: which rule a password breaks.
    [{ code: 'invalid_request', status: 400, message: 'This is one of the most common passwords.' }, /^This is one/],
    // A page of a proxy or of a hotel.
    [
      { code: 'unexpected_answer', status: 200, message: 'unexpected_answer' },
      /^Something between you and the service/,
    ],
  ])('%j', (problem, words) => {
    expect(problemWords(problem)).toMatch(words);
  });

  it.each([
    [0, '1 second'],
    [1, '1 second'],
    [89, '89 seconds'],
    [120, '2 minutes'],
    [3600, '60 minutes'],
    [2 * 3600, '2 hours'],
  ])('a wait of %d seconds is %s', (seconds, words) => {
    expect(waitWords(seconds)).toBe(words);
  });
});

describe('why somebody is signed out', () => {
  it('tells of a session that was used from two places, and what to do', () => {
    expect(signedOutWords('token_reused')).toMatch(/used from two places\. Sign in again\. .* change your password/);
  });

  it.each([
    ['token_reused', 'reused', 'Used from two places, so it was ended for your safety'],
    ['token_reused', null, 'Used from two places, so it was ended for your safety'],
    ['session_revoked', 'password_changed', 'Your password was changed'],
    ['session_ended', null, 'Its time had passed'],
    // A later version may know more.
    ['session_revoked', 'eaten_by_a_dog', 'Ended on purpose'],
  ])('%s by %s', (reason, cause, words) => {
    expect(causeWords(cause, reason)).toBe(words);
  });
});

describe('a device in words', () => {
  const CHROME =
    'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36';
  it.each([
    ['as it was named', 'My laptop', CHROME, 'My laptop'],
    ['Chrome', null, CHROME, 'Chrome on Linux'],
    ['Edge, which says that it is Chrome too', null, CHROME.replace(' Safari', ' Edg/130.0 Safari'), 'Edge on Linux'],
    [
      'Safari on a phone',
      null,
      'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1',
      'Safari on iPhone',
    ],
    [
      'Firefox',
      null,
      'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:131.0) Gecko/20100101 Firefox/131.0',
      'Firefox on Windows',
    ],
    ['a program', null, 'okhttp/4.12.0', 'okhttp/4.12.0'],
    ['one that says nothing', null, null, 'Unknown device'],
  ])('%s', (_what, name, agent, words) => {
    expect(deviceWords(name, agent)).toBe(words);
  });
});

describe('how long ago', () => {
  const NOW = 1_800_000_000_000;
  it.each([
    [30, 'just now'],
    [-30, 'just now'],
    [120, '2 minutes ago'],
    [3 * 3600, '3 hours ago'],
    [26 * 3600, 'yesterday'],
    [40 * 86_400, '40 days ago'],
  ])('%d seconds: %s', (seconds, words) => {
    expect(agoWords(NOW / 1000 - seconds, NOW)).toBe(words);
  });
});
