import type { HttpAdapterHost } from '@nestjs/core';
import { AuthConfigError, AuthError } from '../auth.errors.js';
import { clientPolicy, usesCookies, type AuthPolicy } from '../options/options.js';
import type { TokenGrant } from '../sessions/token-grant.js';
import { readCookie, writeCookie } from './cookie-header.js';
import { isSameOrigin, isSafe } from './same-origin.js';
import type { IncomingRequest } from './request-context.js';

/** What browsers keep of a cookie; a longer one would be lost there without a word. */
const MAX_COOKIE_BYTES = 4096;

interface NamedCookie {
  readonly name: string;
  readonly path: string;
}

/**
 * Tokens in cookies, for clients with `transport: 'cookie'`. They outlive their tokens, so that an old one still
 * comes along and its answer can say why it is refused; the server alone decides what is over.
 */
export class TokenCookies {
  /** Whether any client has cookies; if none has, none is read. */
  readonly inUse: boolean;
  private readonly origins: ReadonlySet<string>;
  private readonly accessName: string;

  /** @param refreshPath where refresh tokens are sent to; known when the application listens */
  constructor(
    private readonly policy: AuthPolicy,
    private readonly host: HttpAdapterHost,
    private readonly refreshPath: () => string,
  ) {
    this.inUse = usesCookies(policy);
    this.origins = new Set([new URL(policy.issuer).origin, ...policy.allowedOrigins]);
    // A cookie with a domain cannot be __Host- (RFC 6265bis section 4.1.3.2).
    this.accessName = `${policy.cookies.domain === undefined ? '__Host' : '__Secure'}-access_token`;
  }

  /**
   * The access token in a request's cookie.
   * @throws AuthError `forbidden` where a call that may change something relies on it and comes from a foreign page;
   * `invalid_request` for two cookies
   */
  accessToken(request: IncomingRequest): string | undefined {
    return this.read(request, this.access);
  }

  /** The same of the refresh token. */
  refreshToken(request: IncomingRequest): string | undefined {
    return this.read(request, this.refresh);
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
  give(response: object, { accessToken, refreshToken, clientId, persistent }: TokenGrant): void {
    // A renewal has no record to ask, and goes by the option.
    const lasts = persistent ?? this.policy.cookies.persistent;
    const maxAge = lasts ? Math.floor(clientPolicy(this.policy, clientId).absoluteTtl / 1000) : undefined;
    const cookies = [this.write(this.access, accessToken, maxAge)];
    if (refreshToken !== undefined) cookies.push(this.write(this.refresh, refreshToken, maxAge));
    this.append(response, cookies);
  }

  /** For a logout, and nothing else: a late answer to a refresh would clear what another has just set. */
  clear(response: object): void {
    this.append(response, [this.write(this.access, '', 0), this.write(this.refresh, '', 0)]);
  }

  private get access(): NamedCookie {
    return { name: this.accessName, path: '/' };
  }

  private get refresh(): NamedCookie {
    return { name: '__Secure-refresh_token', path: this.refreshPath() };
  }

  private read(request: IncomingRequest, { name }: NamedCookie): string | undefined {
    const header = request.headers.cookie;
    const token = this.inUse && typeof header === 'string' ? readCookie(header, name) : undefined;
    if (token !== undefined && !isSafe(request)) this.refuseForeignPage(request);
    return token;
  }

  private write({ name, path }: NamedCookie, value: string, maxAge: number | undefined): string {
    const cookie = writeCookie(name, value, { ...this.policy.cookies, path, maxAge });
    const bytes = Buffer.byteLength(cookie);
    if (bytes <= MAX_COOKIE_BYTES) return cookie;
    throw new AuthConfigError(
      `cookies: ${name} would have ${bytes} bytes, and browsers keep ${MAX_COOKIE_BYTES}; put less into its claims`,
    );
  }

  private append(response: object, cookies: readonly string[]): void {
    for (const cookie of cookies) this.host.httpAdapter.appendHeader(response, 'Set-Cookie', cookie);
  }
}
