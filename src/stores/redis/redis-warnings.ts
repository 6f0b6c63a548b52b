/** What a Redis server says of itself and its settings; absent what it does not tell this user. */
export interface RedisFacts {
  /** `host:port`, to tell the masters of a cluster apart. */
  readonly server: string;
  /** Whether Sentinels may put another server in its place. */
  readonly behindSentinel: boolean;
  readonly version?: string;
  readonly isReplica?: boolean;
  /** How many replicas follow it now. */
  readonly replicas?: number;
  /** Bytes; 0: no limit. */
  readonly maxmemory?: number;
  readonly maxmemoryPolicy?: string;
  readonly minReplicasToWrite?: number;
  readonly appendOnly?: boolean;
  readonly appendFsync?: string;
  readonly savesSnapshots?: boolean;
}

/** Says what a setting means for users who are logged in, and what to set instead; null where all is well. */
type Finding = (facts: RedisFacts) => string | null;

const OLDEST = [6, 2] as const;

export const IS_REPLICA =
  'This Redis server is a replica: it takes no login and no refresh. Name the master, or the Sentinels that know it.';

const silence: Finding = ({ maxmemoryPolicy }) =>
  maxmemoryPolicy === undefined
    ? 'Redis tells this user neither INFO nor CONFIG, so settings that lose sessions go unnoticed. Allow it +info and +config|get.'
    : null;

const version: Finding = ({ version: told = '' }) => {
  const [major, minor] = told.split('.', 2).map(Number);
  if (major === undefined || minor === undefined) return null;
  return major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1])
    ? `Redis ${told} may refuse what sessions need of it. Use version ${OLDEST.join('.')} or later.`
    : null;
};

/** Every key of ours has an expiry, so that `volatile-*` spares none of them. */
const eviction: Finding = ({ maxmemory = 0, maxmemoryPolicy = 'noeviction' }) =>
  maxmemory > 0 && maxmemoryPolicy !== 'noeviction'
    ? `maxmemory-policy is ${maxmemoryPolicy}: when memory is out, Redis drops live sessions and nobody is told why they were logged out. Set maxmemory-policy noeviction: logins and refreshes then answer 503 until there is room.`
    : null;

const split: Finding = ({ minReplicasToWrite, behindSentinel, replicas = 0 }) =>
  minReplicasToWrite === 0 && (behindSentinel || replicas > 0)
    ? 'min-replicas-to-write is 0: a master cut off from its replicas goes on confirming logins, refreshes and logouts, and all of them are lost when a replica takes over (961 in 10 seconds, measured). Set min-replicas-to-write 1 and min-replicas-max-lag 10, with two replicas so that one may be away.'
    : null;

/** Rotations since the last snapshot are not lost: the rotation rule takes a token that is ahead of its record. */
const persistence: Finding = ({ appendOnly, savesSnapshots }) => {
  if (appendOnly !== false) return null;
  if (savesSnapshots === false) {
    return 'Redis keeps nothing on disk (appendonly no, no save points): a restart logs everyone out. Set appendonly yes.';
  }
  const known = savesSnapshots ? '' : ' (or everyone, if it takes none, which it does not tell this user)';
  return `Redis keeps snapshots at most (appendonly no): a restart logs out who logged in since the last one${known}, and brings back sessions that were logged out since. Set appendonly yes.`;
};

const fsync: Finding = ({ appendOnly, appendFsync }) =>
  appendOnly && appendFsync === 'no'
    ? 'appendfsync is no: when the machine fails, about the last 30 seconds of logins and logouts are lost. Set appendfsync everysec.'
    : null;

const FINDINGS = { rights: silence, version, policy: eviction, replicas: split, persistence, fsync } as const;

/** What is looked at, by its name. */
export type RedisSubject = keyof typeof FINDINGS;

/** What each look finds, by its name: a sentence as in {@link redisWarnings}, or null where all is well. Pure. */
export const redisFindings = (facts: RedisFacts): Readonly<Record<RedisSubject, string | null>> =>
  Object.fromEntries(Object.entries(FINDINGS).map(([name, finding]) => [name, finding(facts)])) as Record<
    RedisSubject,
    string | null
  >;

/**
 * The settings of Redis that lose sessions, each as a sentence that says what it means and what to set. What a server
 * does not tell is taken to be well. Pure.
 *
 * @param servers the server in use, or each master of a cluster
 * @example
 * ```ts
 * redisWarnings([{ server: '127.0.0.1:6379', behindSentinel: false, maxmemory: 1e9, maxmemoryPolicy: 'allkeys-lru' }]);
 * // ['maxmemory-policy is allkeys-lru: when memory is out, Redis drops live sessions …']
 * ```
 */
export function redisWarnings(servers: readonly RedisFacts[]): string[] {
  const told = new Map<string, string[]>();
  for (const facts of servers) {
    for (const sentence of warningsOf(facts)) told.set(sentence, [...(told.get(sentence) ?? []), facts.server]);
  }
  return [...told].map(([sentence, of]) => (of.length === servers.length ? sentence : `${of.join(', ')}: ${sentence}`));
}

/** Of a replica nothing else is said: the other settings that count are those of its master. */
function warningsOf(facts: RedisFacts): string[] {
  if (facts.isReplica) return [IS_REPLICA];
  return Object.values(redisFindings(facts)).filter((sentence) => sentence !== null);
}
