/** The token answer of the HTTP contract (RFC 6749 section 5.1). Times in seconds from now. */
export interface TokenAnswer {
  /** Absent, as is the refresh token, where tokens travel in cookies. */
  readonly access_token?: string;
  /** RFC 6749, section 7.1. */
  readonly token_type: 'Bearer';
  /** Seconds from now until the access token expires. */
  readonly expires_in: number;
  /** Seconds from now after which the access token can be renewed; absent where it cannot. */
  readonly renew_after?: number;
  /** Good for one refresh; absent where it is in a cookie or where there is none. */
  readonly refresh_token?: string;
  /** Seconds from now until the session ends if it is not used. */
  readonly refresh_token_expires_in?: number;
  /** To the session's absolute end. */
  readonly session_expires_in?: number;
  /** The session, the claim `sid`. */
  readonly session_id: string;
}
