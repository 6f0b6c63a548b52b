import { choice, duration } from './option-kinds.js';

/** What is forgiven when a refresh token is used twice, and what is not. */
export const ROTATION_OPTIONS = {
  /** How long a spent refresh token still yields its successor: 0 to 60 s, `'0s'` is strict. Default `30s`. */
  grace: duration({
    env: 'REFRESH_GRACE',
    fallback: '30s',
    min: '0s',
    max: '60s',
    about: 'How long a spent refresh token still yields its successor; 0s is strict',
  }),
  /**
   * How long the same `Idempotency-Key` yields a lost successor: 0 to 30 d. Default `24h`, and at most 60 s for clients
   * marked `bff`.
   */
  attemptTtl: duration({
    env: 'ATTEMPT_TTL',
    fallback: '24h',
    min: '0s',
    max: '30d',
    about: 'How long the same Idempotency-Key yields a lost successor; at most 60s for clients marked `bff`',
  }),
  /**
   * What a reuse ends: its session, or all the subject's; `report` ends nothing. The token is refused in each case, and the
   * event `token.reused` tells of it. Default `session`.
   */
  onReuse: choice(['session', 'subject', 'report'], {
    env: 'ON_REUSE',
    about: "What a reused refresh token ends: its session, or all of the subject's; `report` only tells of it",
  }),
};
