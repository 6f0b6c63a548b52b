/** Who plays: each has a lane of the timeline, and a path of its own at the demo. */
export const ACTORS = ['tab-a', 'tab-b', 'phone', 'thief'] as const;
export type ActorId = (typeof ACTORS)[number];

/** The row of the rotation rule that decided, as `decideRotation` gave it. */
export interface Decision {
  readonly kind: string;
  readonly [detail: string]: unknown;
}

/** What an exchange set off; never more than `AuthEvents` told. */
export interface ToldEvent {
  readonly type: string;
  readonly [detail: string]: unknown;
}

/** A request to the demo and its answer, as the demo's server saw both. */
export interface Exchange {
  /** What the demo's server calls the request. */
  readonly id: string;
  readonly actor: ActorId;
  /** By the clock of the world, milliseconds. */
  readonly at: number;
  readonly method: string;
  /** Below the actor's path, such as `/auth/refresh`. */
  readonly path: string;
  /** Those that matter: `authorization` and `idempotency-key`. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
  status: number;
  answer?: unknown;
  /** Served, and the connection was cut in the place of the answer. */
  isLost: boolean;
  decision?: Decision;
  readonly events: ToldEvent[];
}

/** A session as the store keeps it. Times in milliseconds. */
export interface KeptSession {
  readonly sid: string;
  readonly device?: string;
  readonly seq: number;
  readonly rotatedAt: number;
  readonly createdAt: number;
  readonly idleEnd: number;
  readonly absoluteEnd: number;
  readonly generation: number;
  /** What it takes in Redis: key, hash and all, without Redis' own overhead. */
  readonly bytes: number;
}

/** The policy of a world. Durations such as `30m`. */
export interface WorldPolicy {
  readonly accessTtl: string;
  readonly idleTtl: string;
  readonly absoluteTtl: string;
  readonly grace: string;
}

/** The state of a world, as the page gets it. */
export interface WorldState {
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly clock: number;
  readonly policy: WorldPolicy;
  /** All of them so far, oldest first, from the number that was asked for. */
  readonly exchanges: readonly Exchange[];
  readonly sessions: readonly KeptSession[];
}

/** What a policy means, by `policyReport()`, in words for the page. */
export interface PolicyFigures {
  readonly rows: readonly (readonly [name: string, value: string])[];
  readonly findings: readonly {
    readonly level: 'dangerous' | 'inconvenient';
    readonly option: string;
    readonly message: string;
  }[];
}
