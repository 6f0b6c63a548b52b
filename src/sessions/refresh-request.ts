import type { RequestInfo } from '../events/request-info.js';

/** What comes with a refresh token. */
export interface RefreshRequest extends RequestInfo {
  /** 22 to 255 visible ASCII characters; the same key with the same token gets a lost successor, within `attemptTtl`. */
  readonly idempotencyKey?: string | undefined;
  /** Narrows the access token to these scopes (RFC 6749 section 6); what the session was not granted is left out. */
  readonly scope?: readonly string[] | undefined;
}
