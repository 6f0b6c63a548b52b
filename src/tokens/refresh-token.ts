import { createHmac, hash, hkdfSync } from 'node:crypto';
import { checkRefreshClaims, type RefreshTokenClaims } from './claims-rules.js';
import { decodeJson, invalidToken, MAX_TOKEN_BYTES } from './token-form.js';
import { foreignToken, hasKeyturnType } from './foreign-token.js';
import type { KeyRing } from './key-ring.js';
import { undefinedIfRefused } from './undefined-if-refused.js';
import { isSameText } from './same-text.js';
import { signatureOf, signClaims } from './signing.js';

/** What of a session's record a refresh token tells. Milliseconds. */
export interface RefreshTokenSource {
  readonly sub: string;
  readonly sid: string;
  readonly clientId: string;
  readonly seq: number;
  readonly generation: number;
  readonly rotatedAt: number;
  readonly absoluteEnd: number;
  readonly act?: { readonly sub: string; readonly generation: number };
}

/**
 * Refresh tokens, made and checked. Written here and not by a JWT library for two reasons: a token must be the same
 * bytes each time it is made (a retry gets exactly what was lost), and garbage must cost less than it costs to send.
 * Nobody else reads these tokens, and no verifier of access tokens holds their key.
 */
export class RefreshTokens {
  constructor(
    private readonly keys: KeyRing,
    private readonly issuer: string,
  ) {}

  /**
   * The refresh token of a record's present `seq`: a pure function of the record and of `sec`, signed with the key
   * that was active at `rotatedAt` (if that is gone by now, with the active one).
   */
  sign(record: RefreshTokenSource, sec: string, now: number): string {
    const claims: RefreshTokenClaims = {
      iss: this.issuer,
      aud: this.issuer,
      sub: record.sub,
      sid: record.sid,
      client_id: record.clientId,
      seq: record.seq,
      gen: record.generation,
      iat: Math.floor(record.rotatedAt / 1000),
      exp: record.absoluteEnd / 1000,
      ...(record.act && { act: { sub: record.act.sub, gen: record.act.generation } }),
      sec,
    };
    return signClaims(claims, this.signingKey(record.rotatedAt, now));
  }

  /**
   * The claims of a refresh token that we signed, spent or expired: the store's clock and record decide. Checks key, MAC
   * and claims; touches no store. Everything before the MAC is under it and was written here, so the header is compared as
   * text, and no part has another spelling.
   * @param now milliseconds, for the retirement of keys alone
   * @throws AuthError `token_invalid`
   */
  readSigned(token: string, now: number): RefreshTokenClaims {
    return checkRefreshClaims(this.payloadOf(token, now), this.issuer);
  }

  /**
   * A text that names a session under our signature: for a cookie that tells which of the other cookies are this host's.
   * It opens nothing, and is no refresh token, since it has none of its claims.
   */
  signCompanion(sid: string, now: number): string {
    return signClaims({ iss: this.issuer, companion_of: sid }, this.keys.active('refresh', now));
  }

  /** The session that such a text names; undefined if it is not ours. */
  companionSid(text: string, now: number): string | undefined {
    const payload = undefinedIfRefused(() => this.payloadOf(text, now)) as
      { iss?: unknown; companion_of?: unknown } | undefined;
    return payload?.iss === this.issuer && typeof payload.companion_of === 'string' ? payload.companion_of : undefined;
  }

  /**
   * Secrets that follow from a text: 16 bytes each, base64url, one for each refresh key of the ring, the oldest key first.
   * Who holds the text and none of the keys cannot find them.
   */
  secretsOf(purpose: string, text: string): string[] {
    return this.keys.ofPurpose('refresh').map(({ signingKey }) => {
      // A key of its own for each purpose (RFC 5869), so that none of these is ever a signature.
      const own = hkdfSync('sha256', signingKey, '', `keyturn ${purpose}`, 32);
      return createHmac('sha256', Buffer.from(own)).update(text).digest().subarray(0, 16).toString('base64url');
    });
  }

  private payloadOf(token: string, now: number): unknown {
    if (token.length > MAX_TOKEN_BYTES) throw invalidToken('is larger than 8 KiB');
    const [first, last] = [token.indexOf('.'), token.lastIndexOf('.')];
    const key = this.keys.ofHeader('refresh', token.slice(0, first), now);
    if (!key)
      throw hasKeyturnType(token) ? invalidToken('is signed with an unknown key') : foreignToken(token, this.issuer);
    const signed = token.slice(0, last);
    if (!isSameText(token.slice(last + 1), signatureOf(signed, key))) throw invalidToken('has a wrong signature');
    return decodeJson(token.slice(first + 1, last));
  }

  private signingKey(rotatedAt: number, now: number) {
    const key = this.keys.activeOrNone('refresh', rotatedAt);
    return key && now < key.retireAt ? key : this.keys.active('refresh', now);
  }
}

/** What the record keeps of a session's `sec`: the first 128 bits of its SHA-256, base64url. */
export const hashSecret = (sec: string): string => shortHash(sec, 16);

/** What the record keeps of an `Idempotency-Key`: 64 bits, base64url. */
export const hashAttempt = (idempotencyKey: string): string => shortHash(idempotencyKey, 8);

const shortHash = (text: string, bytes: number): string =>
  hash('sha256', text, 'buffer').subarray(0, bytes).toString('base64url');
