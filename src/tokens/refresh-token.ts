import { createHash, createHmac, timingSafeEqual, type KeyObject } from 'node:crypto';
import { checkForm, checkRefreshClaims, decodeJson, invalidToken, type RefreshTokenClaims } from './claims-rules.js';
import type { KeyRing } from './key-ring.js';

/** What of a session's record a refresh token tells. Milliseconds. */
export interface RefreshTokenSource {
  readonly sub: string;
  readonly sid: string;
  readonly clientId: string;
  readonly seq: number;
  readonly generation: number;
  readonly rotatedAt: number;
  readonly absoluteEnd: number;
}

const encode = (json: object): string => Buffer.from(JSON.stringify(json)).toString('base64url');
const mac = (signed: string, key: KeyObject): Buffer => createHmac('sha256', key).update(signed).digest();

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
    const key = this.signingKey(record.rotatedAt, now);
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
      sec,
    };
    const signed = `${encode({ alg: 'HS256', typ: 'rt+jwt', kid: key.kid })}.${encode(claims)}`;
    return `${signed}.${mac(signed, key.signingKey).toString('base64url')}`;
  }

  /**
   * Checks form, MAC and claims; touches no store.
   * @param now milliseconds, for the retirement of keys alone
   * @throws AuthError `token_invalid`
   */
  verify(token: string, now: number): RefreshTokenClaims {
    const { kid, alg } = checkForm(token, 'rt+jwt');
    const key = this.keys.verifying('refresh', kid, alg, now);
    if (!key) throw invalidToken('is signed with an unknown key');
    const dot = token.lastIndexOf('.');
    const signed = token.slice(0, dot);
    const given = Buffer.from(token.slice(dot + 1), 'base64url');
    const expected = mac(signed, key.verificationKey);
    if (given.length !== expected.length || !timingSafeEqual(given, expected))
      throw invalidToken('has a wrong signature');
    return checkRefreshClaims(decodeJson(signed.slice(signed.indexOf('.') + 1)), this.issuer);
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
  createHash('sha256').update(text).digest().subarray(0, bytes).toString('base64url');
