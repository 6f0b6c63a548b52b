import { Inject, Injectable } from '@nestjs/common';
import { AuthConfigError, AuthError, type AuthErrorDetails } from '../auth.errors.js';
import { askHost } from '../auth.host-call.js';
import type { AuthPolicy, LoadedSubject } from '../options/options.js';
import { AUTH_POLICY } from '../auth.constants.js';
import { LONGEST_SUBJECT } from '../revocation/no-users-name.js';
import { Revocations } from '../revocation/revocations.js';
import { checkHostClaims } from '../tokens/host-claims.js';
import type { HostClaims, SessionRecord } from './session.js';
import { tokenClaims } from './session-claims.js';
import type { ActorClaim, RefreshTokenClaims } from '../tokens/claims-rules.js';
import type { ReadClaims } from './token-grant.js';
import type { TokenRepository } from './token.repository.js';

/** What `loadSubject` said, and when. */
export interface SubjectState extends ReadClaims {
  readonly generation: number;
}

/** Twice as much still fits a token of 8 KiB, should subject and session both have grown to the limit. */
const FITS_TWICE = 2_560;

/** What of a session is known before it is read. */
export type AskedSession = Pick<SessionRecord, 'sid' | 'clientId'> &
  Partial<Pick<SessionRecord, 'sessionClaims' | 'act'>>;

/** What the host says of its subjects, by the option `loadSubject`. */
@Injectable()
export class Subjects {
  constructor(
    @Inject(AUTH_POLICY) private readonly policy: AuthPolicy,
    @Inject(Revocations) private readonly revocations: Revocations,
  ) {}

  /** Whether the host has given `loadSubject`. */
  get known(): boolean {
    return this.policy.loadSubject !== undefined;
  }

  /** Whether the host must be told of the session's own claims: it takes them, or both may be too large together. */
  get needSession(): boolean {
    const { loadSubject, claimsLimit } = this.policy;
    return loadSubject !== undefined && (loadSubject.length > 1 || claimsLimit > FITS_TWICE);
  }

  /**
   * Asks the host about a subject.
   * @param readAt when the session's own claims were read, at the earliest; absent: they cannot have changed yet
   * @returns null when there is no such subject, or none any more
   * @throws AuthError 503 when the host cannot tell: that is never a reason to end a session
   */
  async load(sub: string, session: AskedSession, readAt?: number): Promise<SubjectState | null> {
    // Taken before asking: claims that change while the host answers count as old.
    readAt ??= await this.revocations.claimsTime(sub, session.sid);
    const { sid, clientId, sessionClaims = {}, act } = session;
    const asked = { sid, clientId, sessionClaims, act: act?.sub };
    const answer = async (): Promise<LoadedSubject | null> =>
      this.checked(await this.policy.loadSubject!(sub, asked), sessionClaims);
    const subject = await askHost('loadSubject', answer, readLater);
    if (!subject) return null;
    const seen = this.needSession ? { sessionClaims } : {};
    return { claims: subject.claims, generation: subject.generation, readAt, ...seen };
  }

  /** What the host says of the subject now; where it is told of the session, that is read first. */
  async ofToken(
    token: RefreshTokenClaims,
    repository: TokenRepository,
    changedAt?: number,
  ): Promise<SubjectState | null | undefined> {
    if (!this.known) return undefined;
    // Before the session is read, too: its own claims may change before the answer of the store is here.
    const readAt = await this.revocations.claimsTime(token.sub, token.sid, changedAt);
    if (!this.needSession) return this.load(token.sub, sessionOf(token), readAt);
    const { record } = await repository.find(token.sub, token.sid);
    // Without one there is nothing to ask about: the store will say why.
    return record ? this.load(token.sub, record, readAt) : undefined;
  }

  /** Whether who acts for the subject is gone, or has a newer generation than its session. */
  async isActorOver(
    token: RefreshTokenClaims,
    { sub, gen }: ActorClaim,
    repository: TokenRepository,
  ): Promise<boolean> {
    if (!this.known) return (await repository.generationOf(sub)) > gen;
    const actor = await this.load(sub, sessionOf(token));
    return actor === null || actor.generation > gen;
  }

  private checked(subject: LoadedSubject | null, sessionClaims: HostClaims): LoadedSubject | null {
    if (!subject) return null;
    const { claims, generation } = subject;
    const { claimsLimit, subjectOnly } = this.policy;
    checkHostClaims(claims, claimsLimit, 'loadSubject');
    const both = tokenClaims(claims, sessionClaims, subjectOnly);
    if (both !== claims) checkHostClaims(both, claimsLimit, 'loadSubject and the session together');
    if (Number.isSafeInteger(generation)) return subject;
    throw new AuthConfigError(`generation is ${String(generation)}; it must be a whole number`);
  }
}

const sessionOf = ({ sid, client_id: clientId }: RefreshTokenClaims) => ({ sid, clientId });

const readLater = (why: AuthErrorDetails): AuthError =>
  new AuthError('store_unavailable', 'The user data cannot be read right now. Keep the tokens and try again.', why);

/**
 * A subject's id as tokens and store can carry it: 1 to 255 characters of any kind, but well-formed, since two ids
 * that differ only in a broken surrogate would become one in UTF-8.
 * @throws AuthError `invalid_request`
 */
export function checkSubject(sub: string): void {
  if (typeof sub !== 'string') {
    throw new AuthError('invalid_request', `sub must be a text, not of type ${typeof sub}: write String(user.id).`);
  }
  if (sub === '' || sub.length > LONGEST_SUBJECT || !sub.isWellFormed()) {
    throw new AuthError('invalid_request', `sub must be a well-formed text of 1 to ${LONGEST_SUBJECT} characters.`);
  }
}
