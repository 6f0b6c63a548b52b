import { Inject, Injectable } from '@nestjs/common';
import type { GivenClaims } from '../auth.claims.js';
import { AUTH_POLICY } from '../auth.constants.js';
import { AuthConfigError } from '../auth.errors.js';
import { AuthEvents } from '../events/auth.events.js';
import type { RequestInfo } from '../events/request-info.js';
import { longestLife, type AuthPolicy } from '../options/options.js';
import { RevocationPublisher } from '../revocation/revocation-feed.js';
import { checkHostClaims } from '../tokens/host-claims.js';
import type { HostClaims, SessionRecord } from './session.js';
import { hasAny, tokenClaims } from './session-claims.js';
import { endOf, sessionOver } from './session-errors.js';
import type { SessionRequest } from './session-request.js';
import { Subjects, type SubjectState } from './subjects.js';
import { TokenGrants, type TokenGrant } from './token-grant.js';
import { TokenRepository } from './token.repository.js';

/** Claims of a subject that have changed, and who says so. */
export interface ClaimsChanged extends RequestInfo {
  /** The new ones, where the host has no `loadSubject` to be asked. */
  readonly claims?: GivenClaims | undefined;
}

/** With `loadSubject` a change is noted only for refreshes that are under way. Milliseconds. */
const NOTED_FOR = 60_000;

/** Changes what tokens say of subjects and sessions, without a login: see `SessionService`. */
@Injectable()
export class SessionClaims {
  constructor(
    @Inject(AUTH_POLICY) private readonly policy: AuthPolicy,
    /** Null where the strategy keeps no sessions. */
    @Inject(TokenRepository) private readonly repository: TokenRepository | null,
    @Inject(RevocationPublisher) private readonly publisher: RevocationPublisher,
    @Inject(Subjects) private readonly subjects: Subjects,
    @Inject(TokenGrants) private readonly grants: TokenGrants,
    @Inject(AuthEvents) private readonly events: AuthEvents,
  ) {}

  async changeOfSubject(sub: string, { claims, ...info }: ClaimsChanged): Promise<void> {
    this.checkChange(claims);
    const at = this.repository
      ? await this.repository.changeClaims(sub, claims ?? null, claims ? longestLife(this.policy) : NOTED_FOR)
      : undefined;
    await this.publisher.publish([{ kind: 'claims', sub, ...(at !== undefined && { at }) }]);
    this.events.emit({ type: 'claims.changed', sub }, info);
  }

  async setOfSession(sub: string, sid: string, claims: HostClaims, info: RequestInfo): Promise<TokenGrant> {
    if (!this.repository) {
      throw new AuthConfigError(`setClaims() needs a session; strategy '${this.policy.strategy}' keeps none`);
    }
    this.checkOwn(claims, 'setClaims()');
    const before = await this.repository.find(sub, sid);
    this.checkSize(before.record?.subjectClaims, claims);
    // Asked before anything is written: claims that fit no token would keep the session from every refresh.
    const asked = before.record && (await this.subjectOf(before.record, claims));
    const { at, ...written } = await this.repository.setSessionClaims({ sub, sid, claims });
    const { record } = written;
    const end = endOf(written, record?.generation ?? 0);
    if (!record || end) throw sessionOver(end ?? 'session_ended');
    await this.publisher.publish([{ kind: 'claims', sub, sid, at }]);
    const isPresent = !asked || asked.readAt > written.claimsChangedAt;
    const subject = isPresent ? asked : await this.subjectOf(record, claims);
    this.events.emit({ type: 'session.claims_changed', sub, sid, clientId: record.clientId }, info);
    // No later than the claims were set: what another call has set meanwhile is not in this token.
    return this.grants.accessOf(record, subject && { ...subject, readAt: at + 1 }, Math.max(written.now, at));
  }

  /** With `loadSubject` what a login brings is the session's own; where no sessions are kept it stands for what is loaded. */
  ofLogin({ claims, sessionClaims = {} }: SessionRequest) {
    const { keepsSessions, claimsLimit, strategy } = this.policy;
    if (!keepsSessions && hasAny(sessionClaims)) {
      throw new AuthConfigError(`open() takes no sessionClaims: strategy '${strategy}' keeps no session to have them`);
    }
    if (!this.subjects.known || !keepsSessions) {
      checkHostClaims(claims ?? {}, claimsLimit, 'open()');
      this.checkOwn(sessionClaims, 'open()');
      this.checkSize(claims, sessionClaims);
      return { subjectClaims: claims, sessionClaims };
    }
    const own = { ...claims, ...sessionClaims };
    this.checkOwn(own, 'open()');
    return { subjectClaims: undefined, sessionClaims: own };
  }

  /**
   * Claims that a session has for itself.
   * @param call whose mistake it is, for the message
   * @throws AuthConfigError for names of authorization, which `loadSubject` alone gives
   * @throws AuthError `claims_too_large`
   */
  checkOwn(claims: HostClaims, call: string): void {
    checkHostClaims(claims, this.policy.claimsLimit, call);
    const refused = Object.keys(claims).filter((name) => this.policy.subjectOnly.has(name));
    if (refused.length === 0) return;
    throw new AuthConfigError(
      `${call}: ${refused.join(', ')} cannot be set for a session, as loadSubject is given and says them for the subject`,
    );
  }

  /** @throws AuthError `claims_too_large` for both together */
  checkSize(ofSubject: HostClaims = {}, ofSession: HostClaims = {}): void {
    const both = tokenClaims(ofSubject, ofSession, this.policy.subjectOnly);
    checkHostClaims(both, this.policy.claimsLimit, 'the subject and the session together');
  }

  private checkChange(claims: HostClaims | undefined): void {
    const { keepsSessions, claimsLimit } = this.policy;
    if (claims === undefined) {
      if (!keepsSessions || this.subjects.known) return;
      throw new AuthConfigError(
        'claimsChanged() needs the new claims, claimsChanged(sub, { claims }), or the option loadSubject: without ' +
          'either a refresh would bring the old claims again',
      );
    }
    if (this.subjects.known) {
      throw new AuthConfigError('claimsChanged() takes no claims, as loadSubject is given and says them');
    }
    if (!keepsSessions) {
      throw new AuthConfigError(
        `claimsChanged() takes no claims: strategy '${this.policy.strategy}' keeps no sessions that could have them`,
      );
    }
    checkHostClaims(claims, claimsLimit, 'claimsChanged()');
  }

  /** @throws AuthError when the host knows no such subject any more */
  private async subjectOf(record: SessionRecord, sessionClaims: HostClaims): Promise<SubjectState | null> {
    if (!this.subjects.known) return null;
    const subject = await this.subjects.load(record.sub, { ...record, sessionClaims });
    if (!subject || subject.generation > record.generation) throw sessionOver('session_revoked');
    return subject;
  }
}
