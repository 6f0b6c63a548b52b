import { Inject, Injectable, Logger, Optional } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { AuthPolicy } from '../options/options.js';
import { AUTH_POLICY } from '../auth.constants.js';
import type { TokenAnswer } from '../auth.answers.js';
import type { RenewedToken } from '../sessions/renewals.js';
import type { ReplacedSession } from '../sessions/session-request.js';
import type { TokenGrant } from '../sessions/token-grant.js';
import { requestOf, type IncomingRequest } from './request-context.js';
import { TokenCookies } from './token-cookies.js';

export type { TokenAnswer };

/** Carries a renewed access token beside an answer that is about something else. */
export const RENEWED_TOKEN_HEADER = 'Renewed-Access-Token';

/** One by one, since spreads of what may be absent give each answer a shape of its own: 4 µs and work for the garbage collector. */
function answerOf(grant: TokenGrant, inBody: boolean): TokenAnswer {
  const answer: { -readonly [Name in keyof TokenAnswer]?: TokenAnswer[Name] } = {};
  if (inBody) answer.access_token = grant.accessToken;
  answer.token_type = 'Bearer';
  answer.expires_in = grant.expiresIn;
  if (grant.renewAfter !== undefined) answer.renew_after = grant.renewAfter;
  if (inBody && grant.refreshToken !== undefined) answer.refresh_token = grant.refreshToken;
  if (grant.refreshTokenExpiresIn !== undefined) answer.refresh_token_expires_in = grant.refreshTokenExpiresIn;
  if (grant.sessionExpiresIn !== undefined) answer.session_expires_in = grant.sessionExpiresIn;
  answer.session_id = grant.sessionId;
  return answer as TokenAnswer;
}

/**
 * Hands tokens to the client, in the way its client is configured.
 *
 * @example
 * ```ts
 * @Public()
 * @Post('login')
 * async login(@Body() body: LoginBody, @Res({ passthrough: true }) response: object) {
 *   const user = await this.users.check(body);
 *   return this.responder.respond(response, await this.sessions.open({ sub: user.id }));
 * }
 * ```
 */
@Injectable()
export class TokenResponder {
  private corsTold = false;

  constructor(
    @Inject(HttpAdapterHost) private readonly host: HttpAdapterHost,
    @Inject(AUTH_POLICY) private readonly policy: AuthPolicy,
    // Absent in a resource server, which opens no session and renews for headers alone.
    @Optional() @Inject(TokenCookies) private readonly cookies?: TokenCookies,
  ) {}

  /**
   * @param response the platform's response, by `@Res({ passthrough: true })`
   * @throws AuthError `forbidden` for a login by cookie from a foreign page; see {@link refuseForeignLogin}
   */
  respond(response: object, grant: TokenGrant): TokenAnswer {
    const byCookie = grant.transport === 'cookie';
    if (byCookie && grant.opened) this.cookies?.refuseForeignPage(requestOf(response));
    this.host.httpAdapter.setHeader(response, 'Cache-Control', 'no-store');
    if (byCookie) this.cookies?.give(response, grant);
    return answerOf(grant, !byCookie);
  }

  /**
   * Refuses a login that would give cookies to a foreign page, before anything is done for it. {@link respond} refuses
   * it as well, but then the session is open already.
   * @param clientId as the login names it
   * @throws AuthError `forbidden`
   */
  refuseForeignLogin(request: IncomingRequest, clientId = 'default'): void {
    if (this.policy.clients.get(clientId)?.transport === 'cookie') this.cookies?.refuseForeignPage(request);
  }

  /**
   * The session whose cookies a login replaces, to be handed to `open()` as `replaces`: else it stays open, and nobody can
   * reach it any more. Undefined for a login in bodies, whatever token comes along. Refuses as
   * {@link refuseForeignLogin} does.
   * @param clientId as the login names it
   * @throws AuthError `forbidden`
   * @example
   * ```ts
   * const replaces = this.responder.sessionReplacedBy(request, 'web');
   * return this.responder.respond(response, await this.sessions.open({ sub: user.id, clientId: 'web', replaces }));
   * ```
   */
  sessionReplacedBy(request: IncomingRequest, clientId = 'default'): ReplacedSession | undefined {
    if (this.policy.clients.get(clientId)?.transport !== 'cookie') return undefined;
    return this.cookies?.sessionReplacedBy(request, clientId);
  }

  /** Adds a renewed access token to an answer that is about something else. */
  attach(response: object, renewed: RenewedToken): void {
    const { httpAdapter } = this.host;
    httpAdapter.setHeader(response, 'Cache-Control', 'no-store');
    httpAdapter.setHeader(response, `${RENEWED_TOKEN_HEADER}-Expires-In`, String(renewed.expiresIn));
    if ('transport' in renewed && renewed.transport === 'cookie') return this.cookies?.give(response, renewed);
    httpAdapter.setHeader(response, RENEWED_TOKEN_HEADER, renewed.accessToken);
    if (!this.corsTold) this.warnIfHidden(response);
  }

  /** A browser hides from a page of another origin every header that CORS does not name. Seen here, whatever has set it. */
  private warnIfHidden(response: object): void {
    // Express and Fastify agree on it; Nest's adapters do not.
    const headers = response as { getHeader?(name: string): string | string[] | undefined };
    const read = (name: string): string => headers.getHeader?.(name)?.toString() ?? '';
    if (read('Access-Control-Allow-Origin') === '') return;
    this.corsTold = true;
    const exposed = read('Access-Control-Expose-Headers').toLowerCase();
    if (exposed.includes('*') || exposed.includes(RENEWED_TOKEN_HEADER.toLowerCase())) return;
    new Logger('Keyturn').warn(
      `CORS hides ${RENEWED_TOKEN_HEADER} from pages of other origins, so nothing slides there. Write ` +
        'app.enableCors(corsOptions(app.get(AUTH_POLICY))), or name it in exposedHeaders',
    );
  }
}
