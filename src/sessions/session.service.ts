import { randomBytes } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { AuthClock } from '../auth.clock.js';
import { AuthConfigError, AuthError } from '../auth.errors.js';
import { AuthEvents } from '../auth.events.js';
import type { AuthPolicy, ClientPolicy } from '../auth.options.js';
import { AUTH_POLICY } from '../auth.tokens.js';
import { TokenRepository, type OpenCommand, type OpenResult } from '../repositories/token.repository.js';
import { checkHostClaims } from '../tokens/access-token.service.js';
import { hashSecret } from '../tokens/refresh-token.js';
import type { DeviceInfo, HostClaims, SessionEndReason, SessionRecord } from './session.js';
import { checkSubject, Subjects } from './subjects.js';
import { TokenGrants, type ReadClaims, type TokenGrant } from './token-grant.js';

/** A login, as the host has checked it. */
export interface SessionRequest {
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
  readonly device?: DeviceInfo;
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
    @Inject(AuthClock) private readonly clock: AuthClock,
    @Inject(AuthEvents) private readonly events: AuthEvents,
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
    const opened = await this.openWithRoom({
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
      device: request.device ?? {},
      maxSessions: this.policy.maxSessionsPerSubject,
    });
    const { sid, clientId, device } = opened.record;
    this.events.emit({
      type: 'session.opened',
      sub: request.sub,
      sid,
      clientId,
      ip: device.ip,
      userAgent: device.userAgent,
    });
    return this.grants.ofRecord(opened.record, sec, { claims, readAt }, opened.now);
  }

  /** The sessions of a subject that are alive, the oldest first. */
  async list(sub: string): Promise<readonly SessionRecord[]> {
    return (await this.repository.list(sub)).sessions;
  }

  /** Ends one session; one that is over already is ended again, which changes nothing. */
  async revoke(sub: string, sid: string): Promise<void> {
    await this.end(sub, [sid], 'session_revoked');
  }

  /** The generation the store has noted for a subject, for hosts without one of their own; read it before the password. */
  async generationOf(sub: string): Promise<number> {
    return this.repository.generationOf(sub);
  }

  /** Ends sessions for a reason, which their owners are told for `endedRetention`. */
  async end(sub: string, sids: readonly string[], reason: SessionEndReason): Promise<void> {
    await this.repository.end(sub, sids, reason, this.policy.endedRetention);
    for (const sid of sids) this.events.emit({ type: 'session.ended', sub, sid, reason });
  }

  /** Ends every session of a subject. */
  async endAll(sub: string, reason: SessionEndReason): Promise<void> {
    const sessions = await this.list(sub);
    await this.end(sub, sessions.map((session) => session.sid), reason); // prettier-ignore
  }

  private async openWithRoom(command: OpenCommand): Promise<OpenResult & { outcome: 'opened' }> {
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
      await this.end(command.sub, result.oldest, 'session_replaced');
    }
    throw new AuthError('temporarily_unavailable', 'Too many logins at once. Try again.', { retryAfter: 1 });
  }

  private async claimsOf(request: SessionRequest): Promise<ReadClaims> {
    if (request.claims !== undefined || !this.subjects.known) {
      const claims = request.claims ?? {};
      checkHostClaims(claims);
      return { claims, readAt: this.clock.now() };
    }
    const subject = await this.subjects.load(request.sub);
    if (!subject) throw new AuthError('invalid_credentials', 'There is no such user.');
    return subject;
  }

  private clientOf(clientId: string): ClientPolicy {
    const client = this.policy.clients.get(clientId);
    if (!client)
      throw new AuthError(
        'invalid_request',
        `client_id is unknown; known are ${[...this.policy.clients.keys()].join(', ')}.`,
      );
    return client;
  }
}
