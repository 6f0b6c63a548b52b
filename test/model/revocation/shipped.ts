import { lostRevocations, repairsOf } from '../../../src/revocation/healing.js';
import { retentionOf } from '../../../src/revocation/retention.js';
import type { PublishedRevocation } from '../../../src/revocation/revocation-feed.js';
import { RevocationList } from '../../../src/revocation/revocation-list.js';
import { GENERATION, SESSION, type Entry } from './world.js';

/** The functions that ship; a mutant of the sources takes the place of one. */
export interface Shipped {
  readonly RevocationList: typeof RevocationList;
  readonly lostRevocations: typeof lostRevocations;
  readonly repairsOf: typeof repairsOf;
  readonly retentionOf: typeof retentionOf;
}

export const shipped: Shipped = { RevocationList, lostRevocations, repairsOf, retentionOf };

/** What stands around them, as the protocol has it; a mutant differs in one. */
export interface Rules extends Shipped {
  /** After a break: the whole window, not on from the last position. */
  readonly readsWholeWindow: boolean;
  /** Lost entries are given back together with what they did to the sessions. */
  readonly repeatsEffects: boolean;
  /** An instance whose knowledge is older than `MAX_STALENESS` renews nothing. */
  readonly mindsStaleness: boolean;
  /** A raised generation ends only what was opened below it. */
  readonly sparesNewSessions: boolean;
}

export const intended: Rules = {
  ...shipped,
  readsWholeWindow: true,
  repeatsEffects: true,
  mindsStaleness: true,
  sparesNewSessions: true,
};

/** Ticks. */
export const ACCESS_TTL = 5;
export const MAX_STALENESS = 1;

export const retention = ({ retentionOf: of }: Shipped): number =>
  of({
    clients: new Map([['default', { accessTtl: ACCESS_TTL * 1000 }]]),
    revocation: { maxStaleness: MAX_STALENESS * 1000 },
    clockTolerance: 0,
  }) / 1000;

/** In the terms of the shipped functions. */
export const revocationOf = ({ kind, at, keepFor }: Entry): PublishedRevocation => {
  const published = { reason: 'session_revoked', at: at * 1000, keepFor: keepFor * 1000 } as const;
  return kind === SESSION
    ? { kind: 'session', sub: 'ann', sid: 'first', ...published }
    : { kind: 'generation', sub: 'ann', generation: 1, ...published };
};

export const kindOf = ({ kind }: { readonly kind: string }): number => (kind === 'session' ? SESSION : GENERATION);
