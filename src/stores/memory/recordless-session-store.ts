import type { SessionEndReason } from '../../sessions/session.js';
import { SessionStore, type OpenCommand, type OpenResult } from '../../sessions/token.repository.js';
import { newRecord } from './session-in-memory.js';

/** What there is to go by without a store: the revocations that are known. */
export interface RecordlessSources {
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** The same, asked anew; fails where what dates the revocations does not answer. */
  readonly time: () => Promise<number>;
  /** The subject's generation, as far as it is remembered; 0 if none is. */
  readonly generationOf: (sub: string) => number;
}

/**
 * In the place of a store where the strategy has none: a session is its access token. To open one writes nothing; what
 * ends one is its entry in the feed. Only tokens that live can be revoked, and the feed remembers for that long.
 */
export class RecordlessSessionStore extends SessionStore {
  constructor(private readonly sources: RecordlessSources) {
    super();
  }

  async open(command: OpenCommand): Promise<OpenResult> {
    const noted = this.sources.generationOf(command.sub);
    if (command.generation !== null && command.generation < noted) return { outcome: 'outdated' };
    const now = this.sources.now();
    return { outcome: 'opened', record: newRecord(command, command.generation ?? noted, now), now, replaced: false };
  }

  /** Nothing is there to be removed. */
  async end(_sub: string, _sids: readonly string[], _reason: SessionEndReason): Promise<readonly string[]> {
    return [];
  }

  /** Nothing is there to be removed. */
  async endBelow(): Promise<readonly string[]> {
    return [];
  }

  /** The entry in the feed raises it. */
  async raiseGeneration(sub: string, target: number): Promise<number> {
    return Math.max(this.sources.generationOf(sub), target);
  }

  async generationOf(sub: string): Promise<number> {
    return this.sources.generationOf(sub);
  }

  async time(): Promise<number> {
    return this.sources.time();
  }
}
