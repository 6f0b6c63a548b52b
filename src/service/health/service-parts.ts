import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { AUTH_POLICY, AuthError, GenerationStore, Revocations, type AuthPolicy } from '../../index.js';
import { within } from '../../internal.js';
import { Database } from '../database/database.js';
import { Readiness } from './readiness.js';
import { RedisConnections } from './redis-connections.js';

export type PartState = 'up' | 'down';

/** Which parts of the service answered; `store` is absent where no sessions are kept. */
export interface PartStates {
  readonly store?: PartState;
  readonly users: PartState;
  readonly feed: PartState;
}

/** What each part of the service answered. */
export interface AskedParts {
  readonly allUp: boolean;
  readonly parts: PartStates;
  /** Why a part is down, in words for an operator. */
  readonly faults: Readonly<Partial<Record<keyof PartStates, string>>>;
}

/** What the service cannot do without. The service is ready once all of them were up. */
@Injectable()
export class ServiceParts implements OnApplicationBootstrap {
  constructor(
    @Inject(AUTH_POLICY) private readonly policy: AuthPolicy,
    @Inject(GenerationStore) private readonly store: GenerationStore,
    @Inject(Database) private readonly database: Database,
    @Inject(Revocations) private readonly revocations: Revocations,
    @Inject(RedisConnections) private readonly redis: RedisConnections,
    @Inject(Readiness) private readonly readiness: Readiness,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    await this.ask();
  }

  /**
   * Asks each part whether it answers.
   * @param patience milliseconds for each; without, as long as a part takes for its own refusal
   */
  async ask(patience?: number): Promise<AskedParts> {
    // Without sessions to keep there is no store, and Redis, if any, is the feed.
    const [store, users] = await Promise.all([
      this.policy.keepsSessions ? faultOf(this.store.time(), patience) : undefined,
      faultOf(this.database.ping(), patience),
    ]);
    const feed = this.revocations.isStale() ? (this.redis.troubleOf('feed')?.fault ?? STALE) : null;
    const found = Object.entries({ store, users, feed }).filter(([, fault]) => fault !== undefined);
    const faults = Object.fromEntries(found.filter(([, fault]) => fault !== null)) as AskedParts['faults'];
    const parts = Object.fromEntries(
      found.map(([part, fault]) => [part, fault === null ? 'up' : 'down']),
    ) as unknown as PartStates;
    const allUp = Object.keys(faults).length === 0;
    if (allUp) this.readiness.allUp();
    return { allUp, parts, faults };
  }
}

const STALE = 'The knowledge of revocations is older than REVOCATION_MAX_STALENESS.';

/** Why something cannot be done, in words for an operator; null if it can. */
async function faultOf(asked: Promise<unknown>, patience?: number): Promise<string | null> {
  try {
    await (patience === undefined ? asked : within(patience, asked, () => noAnswer(patience)));
    return null;
  } catch (error) {
    if (error instanceof AuthError) return error.fault ?? error.code;
    throw error;
  }
}

const noAnswer = (patience: number): AuthError =>
  new AuthError('store_unavailable', 'A part did not answer.', {
    fault: `There was no answer within ${patience / 1000} s.`,
  });
