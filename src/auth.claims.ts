import type { RegisteredClaims } from './auth.extensions.js';

/** Who acts for somebody else. */
export interface ActorClaim {
  /** The one who acts. */
  readonly sub: string;
  /** The generation of that one's token. */
  readonly gen: number;
}

/** The payload of an access token (RFC 9068), with the claims that Keyturn adds. Those of the host: {@link AuthUser}. */
export interface AccessTokenClaims {
  /** The issuer. */
  readonly iss: string;
  /** Whom the token is for. */
  readonly aud: string | readonly string[];
  /** The user. */
  readonly sub: string;
  /** The kind of client. */
  readonly client_id: string;
  /** Whole seconds: when it was issued. */
  readonly iat: number;
  /** Whole seconds: when it is over. */
  readonly exp: number;
  /** The id of this one token. */
  readonly jti: string;
  /** The session. */
  readonly sid: string;
  /** Whole seconds: when the password was last given. */
  readonly auth_time: number;
  /** How the user logged in (RFC 8176). */
  readonly amr?: readonly string[];
  /** Authentication context class (RFC 9068 section 2.2.1). */
  readonly acr?: string;
  /** Who acts for the subject (RFC 8693 section 4.1), and that one's generation. */
  readonly act?: ActorClaim;
  /** The subject's generation when the session was opened. */
  readonly gen: number;
  /** Milliseconds: when the host's claims were read. */
  readonly claims_at: number;
  /** Whole seconds: sliding never passes it; absent where nothing slides. */
  readonly renew_until?: number;
  /** `client`: a machine token, of a client itself; it has no `auth_time`. Absent in the tokens of people. */
  readonly sub_type?: 'client';
  /** Whole seconds: the session's absolute end. */
  readonly session_exp?: number;
  /** The session ends with its browser, so no cookie of it may outlive that. Absent in all others. */
  readonly persistent?: false;
  /** What `@RequireRole()` reads, a list of names (RFC 9068 section 2.2.3.1); yours to declare in `RegisteredClaims`. */
  readonly roles?: unknown;
  /** What `@RequireScope()` reads, names with blanks between them (RFC 8693 section 4.2); yours to declare. */
  readonly scope?: unknown;
}

/**
 * Who is calling: the verified claims of the access token, with those that the host has declared in
 * {@link RegisteredClaims}. Frozen, and shared between requests of one token.
 *
 * @example
 * ```ts
 * @Get()
 * view(@CurrentUser() user: AuthUser) {
 *   return this.carts.of(user.sub);
 * }
 * ```
 */
export type AuthUser<Claims = RegisteredClaims> = AccessTokenClaims & Readonly<Claims>;

/**
 * Claims that a host gives. They are checked against what it has declared in {@link RegisteredClaims}; without a
 * declaration every name is taken.
 */
export type GivenClaims = [keyof RegisteredClaims] extends [never]
  ? Readonly<Record<string, unknown>>
  : { readonly [Name in keyof RegisteredClaims]?: RegisteredClaims[Name] | undefined } & {
      readonly [Name in Exclude<'roles' | 'scope', keyof RegisteredClaims>]?: AccessTokenClaims[Name];
    };

/**
 * What the guard puts at `request.user`, such as the entity of the user; null where there is no such user any more.
 * @param claims the verified claims of the access token
 */
export type LoadUser = (claims: AuthUser) => unknown;
