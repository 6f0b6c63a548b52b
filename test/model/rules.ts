import { decideRotation } from '../../src/sessions/rotation.js';
import { advance } from './store.js';
import type { Advance } from './store.js';
import type { Session, StoredRecord, World } from './world.js';

// Looked up once: inside Jest's sandbox each look-up of a global costs more than the step it serves.
const { max, min } = Math;

/** What is there in a run, and how often it may happen. Times in ticks of one second. */
export interface Scenario {
  readonly name: string;
  readonly grace: number;
  readonly idle: number;
  readonly absolute: number;
  readonly lastTick: number;
  readonly slides: boolean;
  /** Whether the subject's generation is also kept in a users table, which no rollback of the store touches. */
  readonly loadSubject: boolean;
  /** Whether clients send an `Idempotency-Key`. */
  readonly keyed: boolean;
  /** For how long such a key gets a lost successor; without keys the attempts are the service's own, and have no end. */
  readonly attemptTtl: number;
  readonly tabs: 1 | 2;
  /** How often a token may be copied from the honest client. */
  readonly steals: number;
  /** Store commands that are lost, delayed, doubled, or answer to nobody. */
  readonly faults: number;
  /** Answers that never reach their client. */
  readonly losses: number;
  readonly rollback: boolean;
  readonly revoke: boolean;
  readonly passwordChange: boolean;
  /** Whether the user may be deleted from the users table. */
  readonly deletion: boolean;
  readonly logins: boolean;
  /** `sliding.extendSession`: how often activity may move the idle end. */
  readonly extensions: number;
  /** How often the instance, with what it remembers, may be replaced. */
  readonly restarts: number;
  /** How often the store's clock may step back by two seconds: a new master's counts after a failover. */
  readonly clockSteps: number;
}

/**
 * The rules under test. `decide` is the function that ships; around it stands the order of steps, as the protocol has
 * it, so that a fault of the order can be put back in too. A mutant differs in one or two of these.
 */
export interface Rules {
  readonly decide: typeof decideRotation;
  /** The store's compare-and-advance, see `TokenRepository.advance`. */
  readonly advance: (world: World, command: Advance, scenario: Scenario) => boolean;
  /** `TokenRepository.raiseGeneration`. */
  readonly raise: (noted: number, target: number) => number;
  /** What a login is opened with. */
  readonly openGeneration: (read: number, now: number) => number;
  /** What says whether a token is outdated. */
  readonly tokenGeneration: (session: Session, iat: number) => number;
  /** What a replay writes: nothing. */
  readonly onReplay: (record: StoredRecord, now: number) => void;
  /** Since when the record counts as rotated. */
  readonly rotatedAt: (record: StoredRecord) => number;
  /** `exp` of a refresh token. */
  readonly tokenExp: (world: World, sid: number) => number;
  /** `exp` of an access token. */
  readonly accessExp: (now: number, session: Session) => number;
  readonly advanceIsAtomic: boolean;
  readonly extensionIsAtomic: boolean;
  readonly subjectLoadedFirst: boolean;
  readonly generationReadFirst: boolean;
  readonly endsOnReuse: boolean;
  /** Whether a password change removes only the sessions of older generations. */
  readonly newSessionsSpared: boolean;
  /** Whether all attempts of unknown outcome count as a token's own, not only the last. */
  readonly everyAttemptRemembered: boolean;
  /** Whether the revocation list is asked once more between the store's step and the answer. */
  readonly listAskedAgain: boolean;
}

/** Longer than any session here, so that the cap is what counts. */
const ACCESS_TTL = 9;

export const intended: Rules = {
  decide: decideRotation,
  advance,
  raise: max,
  openGeneration: (read) => read,
  tokenGeneration: (session) => session.generation,
  onReplay: () => undefined,
  rotatedAt: (record) => record.rotatedAt,
  tokenExp: (world, sid) => world.sessionOf(sid).absoluteEnd,
  accessExp: (now, session) => min(now + ACCESS_TTL, session.absoluteEnd),
  advanceIsAtomic: true,
  extensionIsAtomic: true,
  subjectLoadedFirst: true,
  generationReadFirst: true,
  endsOnReuse: true,
  newSessionsSpared: true,
  everyAttemptRemembered: true,
  listAskedAgain: true,
};
