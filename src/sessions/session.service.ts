import { Inject, Injectable } from '@nestjs/common';
import type { GivenClaims } from '../auth.claims.js';
import { AuthClock } from '../auth.clock.js';
import { AuthConfigError } from '../auth.errors.js';
import type { AuthPolicy } from '../options/options.js';
import { loginClient } from './login-client.js';
import type { RequestInfo } from '../events/request-info.js';
import { AUTH_POLICY } from '../auth.constants.js';
import { SessionStore, TokenRepository } from './token.repository.js';
import type { RevocableToken } from '../revocation/revocation-list.js';
import type { AccessTokenClaims } from '../tokens/claims-rules.js';
import { ReauthenticationService, type ReissueRequest } from './reauthentication.service.js';
import type { SessionRecord } from './session.js';
import { SessionClaims, type ClaimsChanged } from './session-claims.service.js';
import { SessionEndings } from './session-endings.js';
import { endOf, keptIn, sessionOver } from './session-errors.js';
import { Logins } from './logins.js';
import type { SessionRequest } from './session-request.js';
import { checkSubject, Subjects } from './subjects.js';
import type { TokenGrant } from './token-grant.js';

/** Opens, lists and ends sessions. */
@Injectable()
export class SessionService {
  constructor(
    @Inject(AUTH_POLICY) private readonly policy: AuthPolicy,
    @Inject(SessionStore) private readonly store: SessionStore,
    @Inject(TokenRepository) private readonly repository: TokenRepository | null,
    @Inject(Subjects) private readonly subjects: Subjects,
    @Inject(AuthClock) private readonly clock: AuthClock,
    @Inject(SessionEndings) private readonly endings: SessionEndings,
    @Inject(Logins) private readonly logins: Logins,
    @Inject(SessionClaims) private readonly sessionClaims: SessionClaims,
    @Inject(ReauthenticationService) private readonly reauthentication: ReauthenticationService,
  ) {}

  /**
   * Opens a session for a subject whose credentials the host has checked.
   *
   * @throws AuthError `invalid_request` (subject or client unusable), `invalid_credentials` (the generation was raised
   * meanwhile, or there is no such subject), `session_limit_reached`, `temporarily_unavailable` (claims were changed
   * meanwhile and no session is kept to have them: log in again), `store_unavailable`
   * @example
   * ```ts
   * const generation = await sessions.generationOf(user.id);
   * if (!(await passwordFits(user, password))) throw new UnauthorizedException();
   * return responder.respond(response, await sessions.open({ sub: user.id, generation, claims: { roles: user.roles } }));
   * ```
   */
  async open(request: SessionRequest): Promise<TokenGrant> {
    return this.logins.open(request);
  }

  /**
   * The sessions of a subject that are alive, the oldest first.
   *
   * @throws AuthConfigError where the strategy keeps no sessions: `access` and `access-sliding`
   * @throws AuthError `store_unavailable`
   * @example
   * ```ts
   * const devices = (await sessions.list(user.sub)).map(({ sid, device }) => ({ sid, device }));
   * ```
   */
  async list(sub: string): Promise<readonly SessionRecord[]> {
    return (await keptIn(this.repository).list(sub)).sessions;
  }

  /**
   * Ends one session, and its access tokens with it. For a session that is over already nothing changes, not even the
   * reason of its end.
   *
   * @throws AuthError `store_unavailable`: call it again, it may be repeated
   * @example
   * ```ts
   * await sessions.revoke(user.sub, user.sid, { cause: 'logout' });
   * ```
   */
  async revoke(sub: string, sid: string, info?: RequestInfo): Promise<void> {
    await this.endings.end(sub, [sid], 'session_revoked', info);
  }

  /**
   * Ends the sessions that a subject has on other devices.
   *
   * @param keep the id of the session that goes on
   * @throws AuthConfigError where the strategy keeps no sessions: `access` and `access-sliding`
   * @throws AuthError `store_unavailable`: call it again, it may be repeated
   * @example
   * ```ts
   * await sessions.revokeOthers(user.sub, user.sid);
   * ```
   */
  async revokeOthers(sub: string, keep: string, info?: RequestInfo): Promise<void> {
    const sessions = await this.list(sub);
    await this.endings.endLegacy(sub, 'session_revoked');
    const others = sessions.map(({ sid }) => sid).filter((sid) => sid !== keep);
    await this.endings.endFound(sub, others, 'session_revoked', info);
  }

  /**
   * Ends every session of a subject, and all its tokens, by a generation above theirs. A login that is under way with
   * the old credentials is refused; a session opened with the new ones, at the new generation, lives.
   *
   * @param generation the host's own, raised already; needed where it has `loadSubject`
   * @throws AuthConfigError without `generation` where there is `loadSubject`
   * @throws AuthError `store_unavailable`: call it again, it may be repeated
   * @example
   * ```ts
   * const { generation } = await users.changePassword(user.sub, newPassword);
   * await sessions.revokeAll(user.sub, generation);
   * ```
   */
  async revokeAll(sub: string, generation?: number, info?: RequestInfo): Promise<void> {
    if (generation === undefined && this.subjects.known) {
      throw new AuthConfigError('revokeAll() needs the raised generation, as loadSubject is given');
    }
    // Computed once and never incremented: a command that runs twice must not end what was opened in between.
    const target = generation ?? Math.max((await this.store.generationOf(sub)) + 1, this.clock.now());
    await this.endings.endBelow(sub, target, 'session_revoked', info);
  }

  /**
   * The claims of a subject have changed, such as roles that were lowered: its access tokens answer `token_expired` from
   * now on, and a refresh brings the new claims. With `loadSubject` they are what it says by then. Without, give them
   * here: they replace those of all the subject's sessions, and no session's own, and those of a login that is under way
   * (`claimsReadAt` of `open()`). So tell of each change, also of more roles. Where no sessions are kept, clients log in
   * again.
   *
   * @throws AuthConfigError without claims where there is no `loadSubject`: refreshed tokens would have the old claims
   * @throws AuthError `claims_too_large`, `store_unavailable`: call it again, it may be repeated
   * @example
   * ```ts
   * await sessions.claimsChanged(user.id, { claims: { roles: ['buyer'] } });
   * ```
   */
  async claimsChanged(sub: string, change: ClaimsChanged = {}): Promise<void> {
    checkSubject(sub);
    await this.sessionClaims.changeOfSubject(sub, change);
  }

  /**
   * Gives a session other claims of its own, such as another tenant, without a login. Its older access tokens answer
   * `token_expired` from now on.
   *
   * @param claims replace what the session had for itself
   * @returns a new access token for who asked, and no refresh token: theirs is good as before
   * @throws AuthConfigError where no sessions are kept; for names of authorization where `loadSubject` is given
   * @throws AuthError why the session is over, `claims_too_large`, `store_unavailable`
   * @example
   * ```ts
   * return responder.respond(response, await sessions.setClaims(user.sub, user.sid, { tenant: body.tenant }));
   * ```
   */
  async setClaims(sub: string, sid: string, claims: GivenClaims, info: RequestInfo = {}): Promise<TokenGrant> {
    return this.sessionClaims.setOfSession(sub, sid, claims, info);
  }

  /**
   * Asks the store whether the session behind an access token is alive.
   *
   * @param token the verified claims, as `@CurrentUser()` gives them
   * @throws AuthConfigError where the strategy keeps no sessions: `access` and `access-sliding`
   * @throws AuthError why it is not, or `store_unavailable`
   * @example
   * ```ts
   * await sessions.assertLive(user);
   * ```
   */
  async assertLive(token: RevocableToken): Promise<void> {
    const { sub, sid, gen, act } = token;
    const end = endOf(await keptIn(this.repository).find(sub, sid), gen);
    if (end) throw sessionOver(end);
    if (act && (await this.store.generationOf(act.sub)) > act.gen) throw sessionOver('session_revoked');
  }

  /**
   * An access token with a fresh `auth_time`, for a caller who has given the password again: `@RequireRecentAuth()` lets
   * it in. The session's record does not move, so somebody who shares the session does not get it by a refresh; the token
   * never outlives the session, and slides no further than the old one. With `loadSubject` its claims are read anew.
   *
   * @param session the verified claims of the caller's access token, as `@CurrentUser()` gives them
   * @throws AuthError `token_expired`, why the session is over, `temporarily_unavailable` while revocations cannot be
   * read, `store_unavailable`
   * @example
   * ```ts
   * if (!(await passwordFits(user.sub, password))) throw new AuthError('invalid_credentials', 'That was wrong.');
   * return responder.respond(response, await sessions.reissue(user, { amr: ['pwd'], ...requestInfoOf(request) }));
   * ```
   */
  async reissue(session: AccessTokenClaims, request: ReissueRequest = {}): Promise<TokenGrant> {
    return this.reauthentication.reissue(session, request);
  }

  /**
   * The generation that the store has noted for a subject, for hosts without one of their own. Ask for it before you
   * read the password's hash, and give it to `open()`: then a password change in between refuses the login.
   *
   * @throws AuthError `store_unavailable`
   */
  async generationOf(sub: string): Promise<number> {
    return this.store.generationOf(sub);
  }

  /**
   * Refuses a kind of client that is not known. Ask it before you check a password: else the answer tells that the
   * password was right.
   * @param clientId as the login names it
   * @throws AuthError `invalid_request`
   */
  assertClient(clientId = 'default'): void {
    loginClient(this.policy, clientId);
  }
}
