import { RefreshTokens, type RefreshTokenSource } from '../internal.js';

/** The refresh tokens as they are signed, of which the last one of each session is remembered, for a thief to copy. */
export class RememberedTokens extends RefreshTokens {
  private readonly last = new Map<string, string>();

  override sign(record: RefreshTokenSource, sec: string, now: number): string {
    const token = super.sign(record, sec, now);
    this.last.set(record.sid, token);
    return token;
  }

  ofSession(sid: string): string | undefined {
    return this.last.get(sid);
  }
}
