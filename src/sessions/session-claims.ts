import type { HostClaims } from './session.js';

/** Claims that were changed after the session was opened; null claims: the host says them when it is asked. */
export interface ClaimsChange {
  /** The store's milliseconds; 0 for what a session was opened with. Claims that were read then or before are outdated. */
  readonly at: number;
  readonly claims: HostClaims | null;
}

/** The claims of a record, as they are now. */
export interface PresentClaims {
  readonly subjectClaims?: HostClaims;
  readonly sessionClaims?: HostClaims;
  readonly claimsAt: number;
}

/**
 * The claims of a record after all changes. Pure. Claims of the subject are replaced by a later change, also where the
 * session was opened at the same time with claims read before; those of the session are its own. `claimsAt` is after
 * the changes, so that a token made from the record is not taken for one of before.
 *
 * @param opened what the session was opened with
 * @param ofSubject the last change of the subject's claims
 * @param ofSession the session's own claims
 */
export function presentClaims(
  opened: { readonly claims: HostClaims | undefined; readonly claimsAt: number },
  ofSubject: ClaimsChange | null,
  ofSession: ClaimsChange | null,
): PresentClaims {
  const replaced = ofSubject?.claims && ofSubject.at >= opened.claimsAt;
  const subjectClaims = replaced ? ofSubject.claims : opened.claims;
  const claimsAt = Math.max(opened.claimsAt, replaced ? ofSubject.at + 1 : 0, ofSession?.at ? ofSession.at + 1 : 0);
  return {
    claimsAt,
    ...(subjectClaims && { subjectClaims }),
    ...(ofSession?.claims && { sessionClaims: ofSession.claims }),
  };
}

/** Between reading a user and `open()` a login takes less, the hash of the password included. Milliseconds. */
const LONGEST_LOGIN = 60_000;

/**
 * How old the claims of a login are, milliseconds. Pure. Where the host does not say when it read them, each change of the
 * last minute counts as the newer statement: what was just taken away must not come back for the life of a session.
 * Where no sessions are kept, no change has claims that could be put in place of these.
 *
 * @param now by the clock that the host has read `claimsReadAt` from
 */
export function claimsAge(claimsReadAt: number | undefined, keepsSessions: boolean, now: number): number {
  if (claimsReadAt === undefined) return keepsSessions ? LONGEST_LOGIN : 0;
  return Math.max(0, now - claimsReadAt);
}

/**
 * What goes into the access token: the subject's claims and, over them, the session's. Pure.
 * @param subjectOnly names that are never taken from the session
 */
export function tokenClaims(
  subject: HostClaims,
  session: HostClaims | undefined,
  subjectOnly: ReadonlySet<string>,
): HostClaims {
  if (!session) return subject;
  const own = Object.entries(session).filter(([name]) => !subjectOnly.has(name));
  return { ...subject, ...Object.fromEntries(own) };
}

export const hasAny = (claims: HostClaims): boolean => Object.keys(claims).length > 0;
