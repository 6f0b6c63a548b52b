import { type RedisTokenRepositoryOptions } from '../../index.js';
import {
  closeRedisClient,
  createRedisClient,
  IS_REPLICA,
  redisFacts,
  redisFindings,
  type RedisClient,
  type RedisFacts,
  redisSettings,
  whyUnreached,
} from '../../internal.js';
import { aboutCommands } from './redis-commands.js';
import { findingsOf, inWords, medianTime, type Finding } from './finding.js';

const finding = findingsOf('Redis');
/** A refresh is one round trip, and a person waits for it. */
const SLOW = 20;
/** The service corrects the difference; what compares two logs does not. */
const CLOCKS_DIFFER = 1_000;
const ROUNDS = 11;

/** What is asked of each server. */
const ABOUT: Readonly<Record<string, (facts: RedisFacts) => string>> = {
  version: ({ version }) => version ?? 'not told',
  policy: ({ maxmemoryPolicy, maxmemory }) => `${maxmemoryPolicy}, maxmemory ${maxmemory === 0 ? 'none' : maxmemory}`,
  persistence: ({ appendOnly, savesSnapshots }) =>
    appendOnly ? 'append-only file' : savesSnapshots ? 'snapshots' : 'not told',
  fsync: ({ appendFsync }) => `appendfsync ${appendFsync ?? 'not told'}`,
  replicas: ({ replicas, minReplicasToWrite }) =>
    `${replicas ?? 0} follow it, min-replicas-to-write ${minReplicasToWrite ?? 0}`,
  rights: () => 'INFO and CONFIG GET are allowed',
};

/**
 * Looks at the Redis of the settings, with a client as the service has it. Reads only.
 * @param now this machine's clock, milliseconds
 */
export async function checkRedis(
  options: RedisTokenRepositoryOptions | undefined,
  now: () => number,
): Promise<Finding[]> {
  if (options === undefined) {
    return [finding('reach', 'warn', 'No REDIS_URL: what a session needs is in memory, and gone after a restart.')];
  }
  const settings = redisSettings(options);
  const { at } = settings;
  if (at.kind === 'client') return [];
  const client = await createRedisClient({ ...settings, at });
  try {
    const fault = await whyUnreached(client, 2 * settings.commandTimeout + 500);
    if (fault !== null) return [finding('reach', 'bad', fault)];
    const facts = await redisFacts(client, settings.commandTimeout);
    return [
      finding('reach', 'ok', facts.map(({ server }) => server).join(', ')),
      ...facts.flatMap(aboutServer),
      ...(facts.some(({ isReplica }) => isReplica) ? [] : [await aboutCommands(client, settings.keyPrefix)]),
      ...(await aboutTime(client, now)),
    ];
  } finally {
    closeRedisClient(client);
  }
}

function aboutServer(facts: RedisFacts): Finding[] {
  if (facts.isReplica) return [finding('replicas', 'bad', IS_REPLICA)];
  const found = redisFindings(facts);
  // Of what it does not tell this user nothing can be said.
  const told = found.rights === null ? Object.entries(found) : Object.entries({ rights: found.rights });
  return told.map(([name, sentence]) => {
    const fatal = name === 'version';
    return finding(name, sentence === null ? 'ok' : fatal ? 'bad' : 'warn', sentence ?? ABOUT[name]!(facts));
  });
}

async function aboutTime(client: RedisClient, now: () => number): Promise<Finding[]> {
  const median = await medianTime(ROUNDS, () => client.time());
  const [seconds, microseconds] = (await client.time()) as unknown as [string, string];
  const ahead = Math.round(Number(seconds) * 1000 + Number(microseconds) / 1000 - now());
  const clock =
    Math.abs(ahead) > CLOCKS_DIFFER
      ? finding(
          'clock',
          'warn',
          `Redis is ${Math.abs(ahead)} ms ${ahead > 0 ? 'ahead of' : 'behind'} this machine. Keyturn goes by the clock of Redis, other verifiers go by theirs: repair NTP.`,
        )
      : finding('clock', 'ok', `${Math.abs(ahead)} ms apart`);
  const latency =
    median > SLOW
      ? finding(
          'latency',
          'warn',
          `A round trip takes ${inWords(median)}, and each refresh waits for one. Bring Redis nearer.`,
        )
      : finding('latency', 'ok', `${inWords(median)} for a round trip`);
  return [clock, latency];
}
