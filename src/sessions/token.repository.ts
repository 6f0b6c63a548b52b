import type { EndNote, PastSession } from './session-history.js';
import type { Actor, DeviceInfo, HostClaims, SessionEndReason, SessionRecord, SessionTransport } from './session.js';

/** Which session a command is for. */
interface OfSession {
  /** The user. */
  readonly sub: string;
  /** The session. */
  readonly sid: string;
}

/** A login to be kept. Durations in milliseconds. */
export interface OpenCommand extends OfSession {
  /** The client that opens it. */
  readonly clientId: string;
  /** Whether its tokens travel in bodies or in cookies. */
  readonly transport: SessionTransport;
  /** A hash of the secret that all refresh tokens of the session carry. */
  readonly secretHash: string;
  /** The name of this try, by which a retry is known. */
  readonly attempt: string;
  /** Whole seconds; null: the store's time of opening. */
  readonly authTime: number | null;
  /** How the user has authenticated, by the names of RFC 8176. */
  readonly amr: readonly string[];
  /** The generation read together with the credentials; null: whatever the store has noted. */
  readonly generation: number | null;
  /** How strong the authentication was. */
  readonly acr?: string;
  /** Who acts for the user. */
  readonly act?: Actor;
  /** Whether its cookies outlive the browser. */
  readonly persistent: boolean;
  /** The session ends when it is not used for so long. */
  readonly idleTtl: number;
  /** The session ends after so long, used or not. */
  readonly absoluteTtl: number;
  /** Claims of the user, kept where the host has no `loadSubject`. */
  readonly subjectClaims?: HostClaims;
  /** Claims of this session alone. */
  readonly sessionClaims?: HostClaims;
  /** When `subjectClaims` were read; null: at the store's time of opening. */
  readonly claimsAt: number | null;
  /** What is known of its device. */
  readonly device: DeviceInfo;
  /** How many sessions the user may have. */
  readonly maxSessions: number;
  /** A session of the same subject that goes when this one is kept, and so takes no room. */
  readonly replaces?: string;
  /** For how long sessions that it finds past an end are remembered, milliseconds; absent: not at all. */
  readonly endedRetention?: number;
}

/** What became of a login. */
export type OpenResult =
  | {
      readonly outcome: 'opened';
      readonly record: SessionRecord;
      readonly now: number;
      /** Whether the session that was to be replaced was alive; it is removed. */
      readonly replaced: boolean;
    }
  /** No room: the sessions to end first, earliest `createdAt` first, so that one more fits. Nothing was written. */
  | { readonly outcome: 'full'; readonly oldest: readonly string[] }
  /** The subject's generation was raised after the credentials were read. Nothing was written. */
  | { readonly outcome: 'outdated' };

/** The step from one refresh token to the next. */
export interface AdvanceCommand extends OfSession {
  /** What the record must have been opened with. */
  readonly secretHash: string;
  /** The token's generation: the store does not advance when it has noted a higher one. */
  readonly generation: number;
  /** The number of the token that is presented. */
  readonly expectSeq: number;
  /** The number of its successor. */
  readonly nextSeq: number;
  /** The name of this try, by which a retry is known. */
  readonly attempt: string;
  /** Milliseconds by which the idle end is moved from now; null leaves it. */
  readonly idleTtl: number | null;
  /** After a rollback of the store: taken as the record's idle end before it is compared. */
  readonly healedIdleEnd: number | null;
  /**
   * When the claims for the new access token were read: the store does not advance when it has noted a change at that
   * time or later. Null: they come from the record.
   */
  readonly claimsAt: number | null;
}

/** A session that is in use: its idle end is to be moved, and nothing else of it. */
export interface ExtendCommand extends OfSession {
  /** The token's generation: nothing is moved when the store has noted a higher one. */
  readonly generation: number;
  /** Milliseconds by which the idle end is moved from now. */
  readonly idleTtl: number;
}

/** Claims that a session is to have for itself from now on. */
export interface SessionClaimsCommand extends OfSession {
  /** Replace what it had; empty: it has none. */
  readonly claims: HostClaims;
}

/** What the store holds, read in one step. */
export interface Snapshot {
  /** The session; null where there is none. */
  readonly record: SessionRecord | null;
  /** Where there is no record: why the session ended, as long as that is remembered. */
  readonly ended: SessionEndReason | null;
  /** The generation noted in the store for the subject; 0 if none. */
  readonly generation: number;
  /** When the claims of the subject were last changed, as far as that is noted; 0 if it is not. */
  readonly claimsChangedAt: number;
  /** The store's time, milliseconds. */
  readonly now: number;
}

/** What {@link TokenRepository.advance} found and did. */
export interface AdvanceResult extends Snapshot {
  /** Whether this call advanced the record; `record` then is the advanced one. */
  readonly advanced: boolean;
}

/** What {@link TokenRepository.extend} found and did. */
export interface ExtendResult extends Snapshot {
  /** Whether the session is alive; `record` then has its idle end where it is now. */
  readonly alive: boolean;
}

/** What {@link TokenRepository.setSessionClaims} found and did. */
export interface SessionClaimsResult extends ExtendResult {
  /** The store's time of the change, after any before it; tokens of the session with claims from then are outdated. */
  readonly at: number;
}

/*
 * Each method of the contracts below is atomic, uses the store's clock, and answers within the store's command timeout or
 * throws `AuthError('store_unavailable')`; the outcome of a command that threw is unknown, so each method may run twice
 * without harm. Subjects and session ids of any spelling are kept apart.
 */

/** The numbers below which all tokens of a subject are dead. */
export abstract class GenerationStore {
  /**
   * Notes a generation for a subject, never lowering it: max(noted, `target`). Kept for `keep` milliseconds, or
   * longer if a former call asked for longer. Works when the store is out of memory.
   * @returns the generation noted now
   */
  abstract raiseGeneration(sub: string, target: number, keep: number): Promise<number>;

  /** The generation noted for a subject; 0 if none. */
  abstract generationOf(sub: string): Promise<number>;

  /** The store's time, milliseconds. */
  abstract time(): Promise<number>;
}

/** Where sessions begin and end: in every strategy, also in those that keep none. */
export abstract class SessionStore extends GenerationStore {
  /**
   * Keeps a new session: `seq` 0, `createdAt` and `rotatedAt` now, `idleEnd` and `absoluteEnd` from now, both down to
   * the whole second, `idleEnd` at most `absoluteEnd`. Sessions past an end are dropped and do not count against
   * `maxSessions`. One that is replaced does not count either, and is removed in the same step; why is noted by
   * {@link end} afterwards. Called again with the same `sid` and `secretHash`, it answers with the record that is there.
   */
  abstract open(command: OpenCommand): Promise<OpenResult>;

  /**
   * Removes sessions, then (best effort) notes for `retention` milliseconds why, for each session named, found or
   * not; 0 notes nothing. A reason that is noted already stays, unless the new one is stronger (`isStronger`). Works when
   * the store is out of memory.
   * @param note what else is known of the end, for {@link TokenRepository.history}
   * @returns the ids that were there
   */
  abstract end(
    sub: string,
    sids: readonly string[],
    reason: SessionEndReason,
    retention: number,
    note?: EndNote,
  ): Promise<readonly string[]>;

  /**
   * Removes the sessions of a subject that were opened below a generation, and notes why, as {@link end} does: compared
   * and removed in one step, so that a login meanwhile is safe. Works when the store is out of memory. One past an end is
   * removed in silence.
   * @returns the ids of those that were alive
   */
  abstract endBelow(
    sub: string,
    generation: number,
    reason: SessionEndReason,
    retention: number,
    note?: EndNote,
  ): Promise<readonly string[]>;
}

/** Where sessions are kept. One contract for every store: `tokenRepositoryContract` of `keyturn/testing` is its test. */
export abstract class TokenRepository extends SessionStore {
  /** Milliseconds within which every method has answered or thrown; a request plans its steps by it. */
  abstract readonly commandTimeout: number;

  /** Reads one session as it is, past its end or not. */
  abstract find(sub: string, sid: string): Promise<Snapshot>;

  /**
   * The compare-and-advance. Exactly when the record exists, its secret hash is the command's, its `seq` is
   * `expectSeq`, no higher generation than the command's and no change of claims at `claimsAt` or later is noted, and
   * neither end is reached, it sets `seq` to `nextSeq`, `rotatedAt` to now, `attempt`, and the idle end (where `idleTtl`
   * is given) to at most the absolute end. Otherwise it writes nothing. It never removes.
   */
  abstract advance(command: AdvanceCommand): Promise<AdvanceResult>;

  /**
   * Moves the idle end to at least `idleTtl` from now, down to the whole second, and at most to the absolute end; never
   * back. Exactly when the record exists, no higher generation than the command's is noted and neither end is reached;
   * otherwise it writes nothing, so it brings no session back. What rotation goes by (`seq`, `rotatedAt`, `attempt`)
   * stays as it is.
   */
  abstract extend(command: ExtendCommand): Promise<ExtendResult>;

  /** All sessions of a subject that have not reached an end, earliest `createdAt` first. */
  abstract list(sub: string): Promise<{ readonly sessions: readonly SessionRecord[]; readonly now: number }>;

  /**
   * The latest sessions of a subject that have ended, the last one first, for those who ask why; a bounded number, each for
   * the `retention` of its end. Written by what ends sessions anyway. A store may remember none.
   */
  async history(_sub: string): Promise<readonly PastSession[]> {
    return [];
  }

  /**
   * Notes for `keep` milliseconds that the claims of a subject have changed. With `claims` they are those of all its
   * sessions from now on, also of one that was opened with claims read before. Works when the store is out of memory.
   * @param claims null: who needs them asks the host
   * @returns the time of the change, after any before it
   */
  abstract changeClaims(sub: string, claims: HostClaims | null, keep: number): Promise<number>;

  /**
   * Gives a session claims of its own. Exactly when the record exists and neither end is reached; otherwise it writes
   * nothing. What rotation goes by stays as it is.
   */
  abstract setSessionClaims(command: SessionClaimsCommand): Promise<SessionClaimsResult>;
}
