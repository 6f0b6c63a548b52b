import { Inject, Injectable } from '@nestjs/common';
import { AuthError } from '../auth.errors.js';
import type { AuthPolicy, LoadedSubject } from '../options/options.js';
import { AUTH_POLICY } from '../auth.constants.js';
import { Revocations } from '../revocation/revocations.js';
import { checkHostClaims } from '../tokens/access-token.service.js';
import { within } from '../auth.deadline.js';
import type { ReadClaims } from './token-grant.js';

/** What `loadSubject` said, and when. */
export interface SubjectState extends ReadClaims {
  readonly generation: number;
}

const MAX_SUBJECT_LENGTH = 255;
const LOAD_TIMEOUT = 5_000;

/** The host's word about its subjects, by the option `loadSubject`. */
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

  /**
   * Asks the host about a subject.
   * @returns null when there is no such subject, or none any more
   * @throws AuthError 503 when the host cannot tell: that is never a reason to end a session
   */
  async load(sub: string): Promise<SubjectState | null> {
    // Read before asking: claims that change while the host answers count as old.
    const readAt = await this.revocations.claimsTime(sub);
    const late = (): AuthError => unavailable(new Error(`loadSubject took longer than ${LOAD_TIMEOUT} ms`));
    try {
      const asked = Promise.resolve(this.policy.loadSubject!(sub));
      const subject: LoadedSubject | null = await within(LOAD_TIMEOUT, asked, late);
      if (!subject) return null;
      checkHostClaims(subject.claims);
      if (!Number.isSafeInteger(subject.generation))
        throw new TypeError('loadSubject gave no whole number as generation');
      return { claims: subject.claims, generation: subject.generation, readAt };
    } catch (error) {
      throw error instanceof AuthError ? error : unavailable(error);
    }
  }
}

const unavailable = (cause: unknown): AuthError =>
  new AuthError('store_unavailable', 'The user data cannot be read right now. Keep the tokens and try again.', {
    cause,
    fault: `loadSubject failed: ${cause instanceof Error ? cause.name : typeof cause}`,
    retryAfter: 1,
  });

/**
 * A subject's id as tokens and store can carry it: 1 to 255 characters of any kind, but well-formed, since two ids
 * that differ only in a broken surrogate would become one in UTF-8.
 * @throws AuthError `invalid_request`
 */
export function checkSubject(sub: string): void {
  if (typeof sub !== 'string' || sub === '' || sub.length > MAX_SUBJECT_LENGTH || !sub.isWellFormed()) {
    throw new AuthError('invalid_request', `sub must be a well-formed text of 1 to ${MAX_SUBJECT_LENGTH} characters.`);
  }
}
