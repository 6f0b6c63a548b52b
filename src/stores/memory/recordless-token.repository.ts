import { AuthConfigError } from '../../auth.errors.js';
import type { SessionEndReason, SessionRecord } from '../../sessions/session.js';
import { newRecord } from './session-in-memory.js';
import type {
  AdvanceResult,
  ExtendResult,
  OpenCommand,
  OpenResult,
  SessionClaimsResult,
  Snapshot,
} from '../../sessions/token.repository.js';
import { TokenRepository } from '../../sessions/token.repository.js';

/** What there is to go by without a store: the revocations that are heard. */
export interface RecordlessSources {
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** The same, asked anew; fails where what dates the revocations does not answer. */
  readonly time: () => Promise<number>;
  /** The subject's generation, as far as it is remembered; 0 if none is. */
  readonly generationOf: (sub: string) => number;
}

const nothingKept = (): AuthConfigError =>
  new AuthConfigError('strategy access and access-sliding keep no sessions: there is none to find, list or refresh');

/**
 * In the place of a store where the strategy has none: a session is its access token. To open one writes nothing; what
 * ends one is its entry in the feed. Only tokens that live can be called back, and for so long the feed remembers.
 */
export class RecordlessTokenRepository extends TokenRepository {
  readonly commandTimeout = 500;

  constructor(private readonly sources: RecordlessSources) {
    super();
  }

  async open(command: OpenCommand): Promise<OpenResult> {
    const noted = this.sources.generationOf(command.sub);
    if (command.generation !== null && command.generation < noted) return { outcome: 'outdated' };
    const now = this.sources.now();
    return { outcome: 'opened', record: newRecord(command, command.generation ?? noted, now), now };
  }

  /** @throws AuthConfigError always */
  async find(): Promise<Snapshot> {
    throw nothingKept();
  }

  /** @throws AuthConfigError always */
  async advance(): Promise<AdvanceResult> {
    throw nothingKept();
  }

  /** @throws AuthConfigError always */
  async extend(): Promise<ExtendResult> {
    throw nothingKept();
  }

  /** Nothing is there to be removed. */
  async end(_sub: string, _sids: readonly string[], _reason: SessionEndReason): Promise<readonly string[]> {
    return [];
  }

  /** Nothing is there to be removed. */
  async endBelow(): Promise<readonly string[]> {
    return [];
  }

  /** @throws AuthConfigError always */
  async list(): Promise<{ readonly sessions: readonly SessionRecord[]; readonly now: number }> {
    throw nothingKept();
  }

  /** The entry in the feed raises it. */
  async raiseGeneration(sub: string, target: number): Promise<number> {
    return Math.max(this.sources.generationOf(sub), target);
  }

  /** The entry in the feed changes them. */
  async changeClaims(): Promise<number> {
    return this.sources.time();
  }

  /** @throws AuthConfigError always */
  async setSessionClaims(): Promise<SessionClaimsResult> {
    throw nothingKept();
  }

  async generationOf(sub: string): Promise<number> {
    return this.sources.generationOf(sub);
  }

  async time(): Promise<number> {
    return this.sources.time();
  }
}
