/** The token answer of the HTTP contract (RFC 6749 section 5.1). Times in seconds from now. */
export interface TokenAnswer {
  /** Absent, as is the refresh token, where tokens travel in cookies. */
  readonly access_token?: string;
  readonly token_type: 'Bearer';
  readonly expires_in: number;
  readonly renew_after?: number;
  readonly refresh_token?: string;
  readonly refresh_token_expires_in?: number;
  /** To the session's absolute end. */
  readonly session_expires_in?: number;
  readonly session_id: string;
}
