import type { RotationDecision } from '../../src/sessions/rotation.js';

/** What the rule, or the store's own compare, said to a request. */
export type Verdict = RotationDecision['kind'] | 'success';

export type RefusalCode = 'session_ended' | 'session_revoked' | 'token_reused' | 'token_invalid';

/** What an observer of one step saw happen. Reused from step to step, as there are millions. */
export class Seen {
  /** A record was advanced by this token, whoever waited for it. */
  advanced = false;
  verdict: Verdict | undefined;
  /** The rule took the store for one that went back in time. */
  ahead = false;
  /** An advance was decided that the store would refuse, though nothing has changed since. */
  futile = false;
  /** A 401 was sent. */
  refused: RefusalCode | undefined;
  /** A session was opened with the old password. */
  openedByOldPassword = false;
  /** A token with another secret was presented. */
  forged = false;

  /** The session and token that this is about, and by which attempt. */
  sid = 0;
  seq = 0;
  attempt = 0;
  iat = 0;
  /** The request began after the session's revocation was acknowledged. */
  late = false;
  /** What a success answered with. */
  readonly answer = { seq: 0, iat: 0, exp: 0, accessExp: 0, authTime: 0 };

  reset(): void {
    this.advanced = this.ahead = this.futile = this.openedByOldPassword = this.forged = false;
    this.verdict = this.refused = undefined;
  }

  about(sid: number, seq: number, attempt: number): void {
    this.sid = sid;
    this.seq = seq;
    this.attempt = attempt;
  }
}
