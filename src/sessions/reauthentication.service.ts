import { Inject, Injectable } from '@nestjs/common';
import { AuthClock } from '../auth.clock.js';
import { AuthError } from '../auth.errors.js';
import { AuthEvents } from '../events/auth.events.js';
import { clientPolicy, type AuthPolicy } from '../options/options.js';
import type { RequestInfo } from '../events/request-info.js';
import { AUTH_POLICY } from '../auth.constants.js';
import { TokenRepository } from './token.repository.js';
import { Revocations } from '../revocation/revocations.js';
import { checkTimes, type AccessTokenClaims } from '../tokens/claims-rules.js';
import { reauthenticated, reissuedUntil, type Reauthentication } from './recent-auth.js';
import { endOf, revokedToken, sessionOver, staleKnowledge } from './session-errors.js';
import type { SessionRecord } from './session.js';
import { tokenClaims } from './session-claims.js';
import { checkLogin } from './session-request.js';
import { Subjects, type SubjectState } from './subjects.js';
import { TokenGrants, type TokenGrant } from './token-grant.js';

/** How a host knows again who is calling. */
export interface ReissueRequest extends RequestInfo {
  /** When that was, whole seconds since the epoch, not in the future. Default: now. */
  readonly authTime?: number | undefined;
  /** By which methods (RFC 8176). Default: those of the token. */
  readonly amr?: readonly string[] | undefined;
}

/** Access tokens after the password was given again: see {@link SessionService.reissue}. */
@Injectable()
export class ReauthenticationService {
  constructor(
    @Inject(AUTH_POLICY) private readonly policy: AuthPolicy,
    /** Null where the strategy keeps no sessions. */
    @Inject(TokenRepository) private readonly repository: TokenRepository | null,
    @Inject(TokenGrants) private readonly grants: TokenGrants,
    @Inject(Subjects) private readonly subjects: Subjects,
    @Inject(Revocations) private readonly revocations: Revocations,
    @Inject(AuthClock) private readonly clock: AuthClock,
    @Inject(AuthEvents) private readonly events: AuthEvents,
  ) {}

  async reissue(claims: AccessTokenClaims, { authTime, amr, ...info }: ReissueRequest): Promise<TokenGrant> {
    if (claims.act) throw new AuthError('forbidden', 'Somebody who acts for the user cannot give the password.');
    this.refuseDead(claims);
    const login = { authTime: authTime ?? Math.floor(this.clock.now() / 1000), amr };
    checkLogin('reissue()', login, this.clock.now());
    // Before the session is read: its own claims may change before the answer of the store is here.
    const readAt = this.subjects.known ? await this.revocations.claimsTime(claims.sub, claims.sid) : undefined;
    const record = await this.recordOf(claims);
    const session = record ?? { sid: claims.sid, clientId: claims.client_id };
    const subject = this.subjects.known ? await this.subjects.load(claims.sub, session, readAt) : undefined;
    if (subject === null || (subject && subject.generation > claims.gen)) throw sessionOver('session_revoked');
    // Again: the session's end may have become known while host and store answered.
    this.refuseDead(claims);
    const grant = this.grant(claims, login, subject && this.merged(subject, record), record?.absoluteEnd);
    const { sub, sid, client_id: clientId } = claims;
    this.events.emit({ type: 'session.reauthenticated', sub, sid, clientId }, info);
    return grant;
  }

  private refuseDead(claims: AccessTokenClaims): void {
    checkTimes(claims, this.clock.now(), this.policy.clockTolerance);
    const revoked = this.revocations.check(claims);
    if (revoked) throw revokedToken(revoked);
    if (this.revocations.isStale()) throw staleKnowledge();
  }

  private merged(subject: SubjectState, record: SessionRecord | undefined): SubjectState {
    return { ...subject, claims: tokenClaims(subject.claims, record?.sessionClaims, this.policy.subjectOnly) };
  }

  /** Undefined where no record is kept. */
  private async recordOf({ sub, sid, gen }: AccessTokenClaims): Promise<SessionRecord | undefined> {
    if (!this.repository) return undefined;
    const snapshot = await this.repository.find(sub, sid);
    const end = endOf(snapshot, gen);
    if (end) throw sessionOver(end);
    return snapshot.record!;
  }

  private grant(
    claims: AccessTokenClaims,
    login: Reauthentication,
    subject: SubjectState | undefined,
    absoluteEnd: number | undefined,
  ): TokenGrant {
    const now = Math.floor(this.clock.now() / 1000);
    const { accessTtl } = clientPolicy(this.policy, claims.client_id);
    const expiresAt = reissuedUntil(claims, now, accessTtl / 1000, absoluteEnd && absoluteEnd / 1000);
    return this.grants.renewed(reauthenticated(claims, login, subject), now, expiresAt);
  }
}
