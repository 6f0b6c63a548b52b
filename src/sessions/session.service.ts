import { randomBytes } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { AuthClock } from '../auth.clock.js';
import { AuthConfigError, AuthError } from '../auth.errors.js';
import { AuthEvents } from '../events/auth.events.js';
import { isConfidentialClient, type AuthPolicy, type ClientPolicy } from '../options/options.js';
import type { DeviceInfo, RequestInfo } from '../events/request-info.js';
import { AUTH_POLICY } from '../auth.constants.js';
import { TokenRepository, type OpenCommand, type OpenResult } from './token.repository.js';
import type { RevocableToken } from '../revocation/revocation-list.js';
import { Revocations } from '../revocation/revocations.js';
import { checkHostClaims } from '../tokens/access-token.service.js';
import type { AccessTokenClaims } from '../tokens/claims-rules.js';
import { hashSecret } from '../tokens/refresh-token.js';
import { ReauthenticationService, type ReissueRequest } from './reauthentication.service.js';
import type { HostClaims, SessionRecord } from './session.js';
import { SessionEndings } from './session-endings.js';
import { endOf, sessionOver } from './session-errors.js';
import { checkSubject, Subjects } from './subjects.js';
import { TokenGrants, type ReadClaims, type TokenGrant } from './token-grant.js';

/** A login, as the host has checked it. */
export interface SessionRequest extends RequestInfo {
  /** The user: 1 to 255 characters. */
  readonly sub: string;
  /**
   * The subject's generation, read together with the password hash, never afterwards: else a login with the old
   * password that races with its change survives. Needed where the host has `loadSubject`; others read it by
   * `generationOf` before the check.
   */
  readonly generation?: number;
  /** Into the access token; where the host has `loadSubject`, that is asked if this is left out. */
  readonly claims?: HostClaims;
  /** Default `default`. */
  readonly clientId?: string;
  /** Authentication methods (RFC 8176). Default `['pwd']`. */
  readonly amr?: readonly string[];
}

// Each round ends the sessions that were in the way; more rounds are needed only while other logins take the room.
const OPEN_TRIES = 16;

/** Opens, lists and ends sessions. */
@Injectable()
export class SessionService {
  constructor(
    @Inject(AUTH_POLICY) private readonly policy: AuthPolicy,
    @Inject(TokenRepository) private readonly repository: TokenRepository,
    @Inject(TokenGrants) private readonly grants: TokenGrants,
    @Inject(Subjects) private readonly subjects: Subjects,
    @Inject(Revocations) private readonly revocations: Revocations,
    @Inject(AuthClock) private readonly clock: AuthClock,
    @Inject(AuthEvents) private readonly events: AuthEvents,
    @Inject(SessionEndings) private readonly endings: SessionEndings,
    @Inject(ReauthenticationService) private readonly reauthentication: ReauthenticationService,
  ) {}

  /**
   * Opens a session for a subject whose credentials the host has checked.
   *
   * @throws AuthError `invalid_request` (subject or client unusable), `invalid_credentials` (the generation was raised
   * meanwhile, or there is no such subject), `session_limit_reached`, `store_unavailable`
   * @example
   * ```ts
   * const generation = await sessions.generationOf(user.id);
   * if (!(await passwordFits(user, password))) throw new UnauthorizedException();
   * return responder.respond(response, await sessions.open({ sub: user.id, generation, claims: { roles: user.roles } }));
   * ```
   */
  async open(request: SessionRequest): Promise<TokenGrant> {
    checkSubject(request.sub);
    if (this.subjects.known && request.generation === undefined) {
      throw new AuthConfigError('open() needs the generation that was read with the password, as loadSubject is given');
    }
    if (request.generation !== undefined && !(Number.isSafeInteger(request.generation) && request.generation >= 0)) {
      throw new AuthConfigError('open() needs a generation that is a whole number, 0 or more');
    }
    const client = this.clientOf(request.clientId ?? 'default');
    const { claims, readAt } = await this.claimsOf(request);
    const sec = randomBytes(16).toString('base64url');
    const opened = await this.openWithRoom(
      {
        sub: request.sub,
        sid: randomBytes(16).toString('base64url'),
        clientId: request.clientId ?? 'default',
        transport: client.transport,
        secretHash: hashSecret(sec),
        attempt: randomBytes(8).toString('base64url'),
        authTime: null,
        amr: request.amr ?? ['pwd'],
        generation: request.generation ?? null,
        idleTtl: client.idleTtl,
        absoluteTtl: client.absoluteTtl,
        ...(!this.subjects.known && Object.keys(claims).length > 0 && { claims }),
        device: this.keptOf(request.device),
        maxSessions: this.policy.maxSessionsPerSubject,
      },
      request,
    );
    const { sub, sid, clientId } = opened.record;
    this.events.emit({ type: 'session.opened', sub, sid, clientId }, request);
    return { ...this.grants.ofRecord(opened.record, sec, { claims, readAt }, opened.now), opened: true };
  }

  /** The sessions of a subject that are alive, the oldest first. In `refresh*`, as are `revokeOthers` and `assertLive`. */
  async list(sub: string): Promise<readonly SessionRecord[]> {
    return (await this.repository.list(sub)).sessions;
  }

  /** Ends one session, and its access tokens with it; for one that is over already nothing changes, its reason neither. */
  async revoke(sub: string, sid: string, info?: RequestInfo): Promise<void> {
    await this.endings.end(sub, [sid], 'session_revoked', info);
  }

  /** Ends the sessions a subject has on other devices. */
  async revokeOthers(sub: string, keep: string, info?: RequestInfo): Promise<void> {
    const sessions = await this.list(sub);
    const others = sessions.map(({ sid }) => sid).filter((sid) => sid !== keep);
    await this.endings.endFound(sub, others, 'session_revoked', info);
  }

  /**
   * Ends every session of a subject, and all its tokens, by a generation above theirs. A login that is under way with
   * the old credentials is refused; a session opened with the new ones, at the new generation, lives.
   *
   * @param generation the host's own, raised already; needed where it has `loadSubject`
   * @throws AuthError `store_unavailable`: call it again, it may be repeated
   */
  async revokeAll(sub: string, generation?: number, info?: RequestInfo): Promise<void> {
    if (generation === undefined && this.subjects.known) {
      throw new AuthConfigError('revokeAll() needs the raised generation, as loadSubject is given');
    }
    // Computed once and never incremented: a command that runs twice must not end what was opened in between.
    const target = generation ?? Math.max((await this.repository.generationOf(sub)) + 1, this.clock.now());
    await this.endings.endBelow(sub, target, 'session_revoked', info);
  }

  /**
   * Makes clients fetch the claims of a subject anew: for roles that were lowered. Its access tokens answer
   * `token_expired` from now on; a refresh brings what `loadSubject` says by then. Where no sessions are kept, its
   * clients log in again.
   *
   * @throws AuthConfigError without `loadSubject`: refreshed tokens would have the old claims
   * @throws AuthError `store_unavailable`: call it again, it may be repeated
   */
  async claimsChanged(sub: string, info?: RequestInfo): Promise<void> {
    if (this.policy.keepsSessions && !this.subjects.known) {
      throw new AuthConfigError(
        'claimsChanged() needs the option loadSubject: without it a refresh would bring the old claims again',
      );
    }
    await this.endings.outdate(sub, info);
  }

  /**
   * Asks the store whether the session behind an access token is alive.
   * @throws AuthError why it is not, or `store_unavailable`
   */
  async assertLive({ sub, sid, gen }: RevocableToken): Promise<void> {
    const end = endOf(await this.repository.find(sub, sid), gen);
    if (end) throw sessionOver(end);
  }

  /**
   * An access token with a fresh `auth_time`, for a caller who has given the password again: `@RequireRecentAuth()` lets
   * it in. The session's record does not move, so whoever shares the session does not get it by a refresh; the token
   * never outlives the session, and slides no further than the old one. With `loadSubject` its claims are read anew.
   *
   * @param session the verified claims of the caller's access token, as `@CurrentUser()` gives them
   * @throws AuthError `token_expired`, why the session is over, `temporarily_unavailable` while revocations cannot be
   * heard, `store_unavailable`
   * @example
   * ```ts
   * if (!(await passwordFits(user.sub, password))) throw new AuthError('invalid_credentials', 'That was wrong.');
   * return responder.respond(response, await sessions.reissue(user, { amr: ['pwd'], ...requestInfoOf(request) }));
   * ```
   */
  async reissue(session: AccessTokenClaims, request: ReissueRequest = {}): Promise<TokenGrant> {
    return this.reauthentication.reissue(session, request);
  }

  /** The generation the store has noted for a subject, for hosts without one of their own; read it before the password. */
  async generationOf(sub: string): Promise<number> {
    return this.repository.generationOf(sub);
  }

  private async openWithRoom(command: OpenCommand, info: RequestInfo): Promise<OpenResult & { outcome: 'opened' }> {
    for (let tries = 0; tries < OPEN_TRIES; tries++) {
      const result = await this.repository.open(command);
      if (result.outcome === 'opened') return result;
      if (result.outcome === 'outdated') {
        throw new AuthError('invalid_credentials', 'The credentials were changed during the login. Log in again.');
      }
      if (this.policy.whenFull === 'refuse') {
        const limit = this.policy.maxSessionsPerSubject;
        throw new AuthError('session_limit_reached', `There are ${limit} sessions already; end one first.`);
      }
      await this.endings.endFound(command.sub, result.oldest, 'session_replaced', info);
    }
    throw new AuthError('temporarily_unavailable', 'Too many logins at once. Try again.', { retryAfter: 1 });
  }

  private async claimsOf(request: SessionRequest): Promise<ReadClaims> {
    if (request.claims !== undefined || !this.subjects.known) {
      const claims = request.claims ?? {};
      checkHostClaims(claims);
      return { claims, readAt: await this.revocations.claimsTime(request.sub) };
    }
    const subject = await this.subjects.load(request.sub);
    if (!subject) throw new AuthError('invalid_credentials', 'There is no such user.');
    return subject;
  }

  private keptOf(device: DeviceInfo = {}): DeviceInfo {
    return { ...device, ip: device.ip === undefined ? undefined : this.policy.keepAddress(device.ip) };
  }

  private clientOf(clientId: string): ClientPolicy {
    const client = this.policy.clients.get(clientId);
    if (client && isConfidentialClient(client)) {
      throw new AuthError('invalid_request', 'client_id names a client with credentials, which opens no sessions.');
    }
    if (!client)
      throw new AuthError(
        'invalid_request',
        `client_id is unknown; known are ${[...this.policy.clients.keys()].join(', ')}.`,
      );
    return client;
  }
}
