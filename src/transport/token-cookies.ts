import type { HttpAdapterHost } from '@nestjs/core';
import { AuthConfigError, AuthError } from '../auth.errors.js';
import { clientPolicy, usesCookies, type AuthPolicy } from '../options/options.js';
import type { TokenGrant } from '../sessions/token-grant.js';
import type { CookieEvidence, CookieSession, CookieValues } from './cookie-evidence.js';
import { readCookies, writeCookie } from './cookie-header.js';
import { cookiePlaces, type CookiePlace, type CookiePlaces } from './cookie-places.js';
import type { IncomingRequest } from './request-context.js';
import { isSafe, isSameOrigin } from './same-origin.js';

/** What browsers keep of a cookie; a longer one would be lost there without a word. */
const MAX_COOKIE_BYTES = 4096;

const NO_VALUES: CookieValues = { access: [], refresh: [], companion: undefined };

/** What {@link TokenCookies} is made from, besides the policy. */
export interface TokenCookiesSources {
  readonly host: HttpAdapterHost;
  readonly evidence: CookieEvidence;
  /** Signs the cookie that names a session where the access cookie is for a whole domain. */
  readonly signCompanion: (sid: string) => string;
  /** Where refresh tokens are sent to; known when the application is initialised. */
  readonly refreshPath: () => string;
}

/**
 * Tokens in cookies, for clients with `transport: 'cookie'`. They outlive their tokens, so that an old one still
 * comes along and its answer can say why it is refused; the server alone decides what is over.
 */
export class TokenCookies {
  /** Whether any client has cookies; if none has, none is read. */
  readonly inUse: boolean;
  private readonly origins: ReadonlySet<string>;
  private known?: CookiePlaces;

  constructor(
    private readonly policy: AuthPolicy,
    private readonly sources: TokenCookiesSources,
  ) {
    this.inUse = usesCookies(policy);
    this.origins = new Set([new URL(policy.issuer).origin, ...policy.allowedOrigins]);
  }

  /** The names of the cookies, and where browsers send them. */
  get places(): CookiePlaces {
    return (this.known ??= cookiePlaces(this.policy.cookies, this.policy.cookies.path ?? this.sources.refreshPath()));
  }

  /**
   * The access token in a request's cookie; of several the one that agrees with the other cookies.
   * @throws AuthError `forbidden` where a call that may change something relies on it and comes from a foreign page
   */
  accessToken(request: IncomingRequest): string | undefined {
    return this.used(request, this.sources.evidence.accessToken(this.valuesIn(request)));
  }

  /**
   * The refresh token in a request's cookie, if a cookie that only this host can set names its session as well. A refresh
   * cookie alone may have been set by a sibling host, and counts as absent.
   * @throws AuthError `forbidden` as {@link accessToken}
   */
  refreshToken(request: IncomingRequest): string | undefined {
    return this.used(request, this.sources.evidence.refreshToken(this.valuesIn(request))?.token);
  }

  /**
   * The session whose cookies a login of a kind of client replaces; one of another kind stays as it is.
   * @throws AuthError `forbidden` for a foreign page, whether there are cookies or not
   */
  sessionReplacedBy(request: IncomingRequest, clientId: string): CookieSession | undefined {
    this.refuseForeignPage(request);
    const session = this.sources.evidence.session(this.valuesIn(request));
    return session?.client_id === clientId ? session : undefined;
  }

  /**
   * What a logout by cookie ends: every session that a token of ours names. Undefined where no cookie is there.
   * @throws AuthError `forbidden` for a foreign page
   */
  sessionsToEnd(request: IncomingRequest): readonly CookieSession[] | undefined {
    const values = this.valuesIn(request);
    const isThere = values.access.length + values.refresh.length + (values.companion?.length ?? 0) > 0;
    return this.used(request, isThere ? this.sources.evidence.sessions(values) : undefined);
  }

  /**
   * Refuses a page that must not rely on cookies. A header beside the cookie excuses nothing: the rule belongs to the
   * credential that is used.
   */
  refuseForeignPage(request: IncomingRequest): void {
    if (isSameOrigin(request, this.origins)) return;
    throw new AuthError('forbidden', 'Calls by cookie must come from a page of this service or an allowed origin.');
  }

  /**
   * Puts the tokens of a grant into cookies.
   * @throws AuthConfigError when one is longer than browsers keep
   */
  give(response: object, { accessToken, refreshToken, clientId, sessionId, persistent }: TokenGrant): void {
    const lasts = persistent ?? this.policy.cookies.persistent;
    const maxAge = lasts ? Math.floor(clientPolicy(this.policy, clientId).absoluteTtl / 1000) : undefined;
    const { access, refresh, companion } = this.places;
    const cookies = [this.write(access, accessToken, maxAge)];
    if (refreshToken !== undefined) {
      cookies.push(this.write(refresh, refreshToken, maxAge));
      if (companion) cookies.push(this.write(companion, this.sources.signCompanion(sessionId), maxAge));
    }
    this.append(response, cookies);
  }

  /** For a logout, and nothing else: a late answer to a refresh would clear what another has just set. */
  clear(response: object): void {
    const { access, refresh, companion } = this.places;
    const cleared = [access, refresh, ...(companion ? [companion] : [])];
    this.append(
      response,
      cleared.map((place) => this.write(place, '', 0)),
    );
  }

  /** The origin rule belongs to what is used: a cookie that counts for nothing asks for no origin. */
  private used<T>(request: IncomingRequest, credential: T | undefined): T | undefined {
    if (credential !== undefined && !isSafe(request)) this.refuseForeignPage(request);
    return credential;
  }

  private valuesIn({ headers }: IncomingRequest): CookieValues {
    const header = headers.cookie;
    if (!this.inUse || typeof header !== 'string') return NO_VALUES;
    const { access, refresh, companion } = this.places;
    return {
      access: readCookies(header, access.name),
      refresh: readCookies(header, refresh.name),
      companion: companion && readCookies(header, companion.name),
    };
  }

  private write({ name, path, domain }: CookiePlace, value: string, maxAge: number | undefined): string {
    const { sameSite, insecure } = this.policy.cookies;
    const cookie = writeCookie(name, value, { path, domain, sameSite, insecure, maxAge });
    const bytes = Buffer.byteLength(cookie);
    if (bytes <= MAX_COOKIE_BYTES) return cookie;
    throw new AuthConfigError(
      `cookies: ${name} would have ${bytes} bytes, and browsers keep ${MAX_COOKIE_BYTES}; put less into its claims`,
    );
  }

  private append(response: object, cookies: readonly string[]): void {
    for (const cookie of cookies) this.sources.host.httpAdapter.appendHeader(response, 'Set-Cookie', cookie);
  }
}
