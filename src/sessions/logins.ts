import { randomBytes } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { AUTH_POLICY } from '../auth.constants.js';
import { AuthClock } from '../auth.clock.js';
import { AuthConfigError, AuthError } from '../auth.errors.js';
import { traced } from '../auth.tracing.js';
import { AuthEvents } from '../events/auth.events.js';
import { sessionAttributes } from '../events/span-attributes.js';
import type { DeviceInfo } from '../events/request-info.js';
import type { AuthPolicy } from '../options/options.js';
import { Revocations } from '../revocation/revocations.js';
import { hashSecret } from '../tokens/refresh-token.js';
import { loginClient } from './login-client.js';
import { claimsAge, hasAny } from './session-claims.js';
import { SessionClaims } from './session-claims.service.js';
import { idleTtlOf, type SessionRecord } from './session.js';
import { credentialsChanged } from './session-errors.js';
import { SessionOpenings } from './session-openings.js';
import { checkSessionRequest, type SessionRequest } from './session-request.js';
import { checkSubject, Subjects, type SubjectState } from './subjects.js';
import { TokenGrants, type TokenGrant } from './token-grant.js';
import type { OpenCommand } from './token.repository.js';

/** How long somebody may act for somebody else, at most. Milliseconds. */
const ACTING_AT_MOST = 3_600_000;

/** By what a session is told from all others. Random in a login; what is redeemed has its own. */
export interface SessionIdentity {
  readonly sid: string;
  readonly sec: string;
  readonly attempt: string;
}

/** A login as it came out. */
export interface OpenedLogin {
  readonly grant: TokenGrant;
  readonly record: SessionRecord;
  /** Whether it was there already: a session with this identity is opened once. */
  readonly isRepeated: boolean;
}

const randomIdentity = (): SessionIdentity => ({
  sid: randomBytes(16).toString('base64url'),
  sec: randomBytes(16).toString('base64url'),
  attempt: randomBytes(8).toString('base64url'),
});

/** Makes of a login that was checked a session and its tokens: see `SessionService.open`. */
@Injectable()
export class Logins {
  constructor(
    @Inject(AUTH_POLICY) private readonly policy: AuthPolicy,
    @Inject(SessionOpenings) private readonly openings: SessionOpenings,
    @Inject(SessionClaims) private readonly sessionClaims: SessionClaims,
    @Inject(TokenGrants) private readonly grants: TokenGrants,
    @Inject(Subjects) private readonly subjects: Subjects,
    @Inject(Revocations) private readonly revocations: Revocations,
    @Inject(AuthClock) private readonly clock: AuthClock,
    @Inject(AuthEvents) private readonly events: AuthEvents,
  ) {}

  /** @throws AuthError see `SessionService.open` */
  async open(request: SessionRequest): Promise<TokenGrant> {
    return (await this.openAs(randomIdentity(), request)).grant;
  }

  /** The same with an identity that the caller has: asked twice, it opens one session. */
  async openAs(
    identity: SessionIdentity,
    request: SessionRequest,
    more: { readonly redeemed?: true } = {},
  ): Promise<OpenedLogin> {
    const { traceparent } = request;
    return traced('keyturn.session.open', { traceparent }, async (span) => {
      const opened = await this.openOne(identity, request, more);
      const { sub, sid, clientId } = opened.record;
      span?.setAttributes(sessionAttributes(sub, sid, clientId));
      return opened;
    });
  }

  private async openOne(
    { sid, sec, attempt }: SessionIdentity,
    request: SessionRequest,
    more: { readonly redeemed?: true },
  ): Promise<OpenedLogin> {
    checkSubject(request.sub);
    if (this.subjects.known && request.generation === undefined) {
      throw new AuthConfigError('open() needs the generation that was read with the password, as loadSubject is given');
    }
    checkSessionRequest(request, this.clock.now());
    const command = await this.commandOf(request, { sid, attempt, secretHash: hashSecret(sec) });
    await this.refuseDeadActor(command);
    const subject = await this.subjectOf(command, request);
    const opened = await this.openings.open(command, request);
    const { record } = opened;
    if (!subject) this.refuseOutdated(record);
    const isRepeated = record.attempt !== attempt;
    const { sub, clientId, act } = record;
    if (!isRepeated) {
      this.events.emit(
        { type: 'session.opened', sub, sid, clientId, ...(act && { actor: act.sub }), ...more },
        request,
      );
    }
    if (request.replaces) await this.openings.endReplaced(request.replaces, opened, request);
    return { grant: { ...this.grants.ofRecord(record, sec, subject, opened.now), opened: true }, record, isRepeated };
  }

  /** What of a login the store is asked to keep. */
  private async commandOf(
    request: SessionRequest,
    identity: Pick<OpenCommand, 'sid' | 'attempt' | 'secretHash'>,
  ): Promise<OpenCommand> {
    const { keepsSessions, maxSessionsPerSubject } = this.policy;
    const { clientId = 'default', act, replaces } = request;
    const client = loginClient(this.policy, clientId);
    const persistent = request.persistent ?? (client.transport === 'body' || this.policy.cookies.persistent);
    const absoluteTtl = act ? Math.min(client.absoluteTtl, ACTING_AT_MOST) : client.absoluteTtl;
    const { subjectClaims, sessionClaims } = this.sessionClaims.ofLogin(request);
    return {
      sub: request.sub,
      ...identity,
      clientId,
      transport: client.transport,
      authTime: request.authTime ?? null,
      amr: request.amr ?? ['pwd'],
      acr: request.acr,
      act,
      persistent,
      generation: request.generation ?? null,
      idleTtl: Math.min(idleTtlOf({ persistent }, client.idleTtl), absoluteTtl),
      absoluteTtl,
      ...(subjectClaims && { subjectClaims }),
      ...(hasAny(sessionClaims) && keepsSessions && { sessionClaims }),
      claimsAt: await this.claimsAt(request, identity.sid),
      device: this.keptOf(request.device),
      endedRetention: this.policy.endedRetention,
      // Who acts for somebody must not end one of the sessions that are theirs. Later logins count them: of a session that
      // is there, the store cannot tell who acts in it without inflating its details.
      maxSessions: maxSessionsPerSubject + (act ? 1 : 0),
      ...(replaces?.sub === request.sub && { replaces: replaces.sid }),
    };
  }

  /** Tokens of a session end with those of who acts in it: there would be none that is good. */
  private async refuseDeadActor({ act, sid, clientId }: OpenCommand): Promise<void> {
    if (!act) return;
    const actor = this.subjects.known
      ? await this.subjects.load(act.sub, { sid, clientId })
      : { generation: this.revocations.generationOf(act.sub) };
    if (!actor || actor.generation > act.generation) throw credentialsChanged();
  }

  /** What the host says of the subject; null where the record has the claims. */
  private async subjectOf(
    { sub, sid, clientId, sessionClaims, act }: OpenCommand,
    request: SessionRequest,
  ): Promise<SubjectState | null> {
    if (!this.asksHost(request)) return null;
    const subject = await this.subjects.load(sub, { sid, clientId, sessionClaims, act });
    if (!subject) throw new AuthError('invalid_credentials', 'There is no such user.');
    // The host raises it first, and may have died before it told the store.
    if (subject.generation > request.generation!) throw credentialsChanged();
    return subject;
  }

  /** Whether `loadSubject` says the claims: where no sessions are kept, those of the login stand in their place. */
  private asksHost({ claims }: SessionRequest): boolean {
    return this.subjects.known && (this.policy.keepsSessions || claims === undefined);
  }

  /** When the host has read the claims of the login; null where it gave none, or `loadSubject` says them. */
  private async claimsAt(request: SessionRequest, sid: string): Promise<number | null> {
    if (this.asksHost(request)) return null;
    const { keepsSessions } = this.policy;
    const now = await this.revocations.claimsTime(request.sub, sid);
    if (keepsSessions && request.claims === undefined) return null;
    const localTime = this.clock.now() - this.clock.storeOffset;
    return Math.max(0, now - claimsAge(request.claimsReadAt, keepsSessions, localTime));
  }

  /** Where no record could have the changed claims, the host must be asked for them: no token is made that is refused. */
  private refuseOutdated({ sub, sid, generation: gen, claimsAt: claims_at }: SessionRecord): void {
    if (this.policy.keepsSessions || this.revocations.check({ sub, sid, gen, claims_at }) !== 'claims_outdated') return;
    const message = 'The claims of the user were changed during the login. Log in again.';
    throw new AuthError('temporarily_unavailable', message, { retryAfter: 1 });
  }

  private keptOf(device: DeviceInfo = {}): DeviceInfo {
    return { ...device, ip: device.ip === undefined ? undefined : this.policy.keepAddress(device.ip) };
  }
}
