import { Logger } from '@nestjs/common';
import type { Redis } from 'ioredis';
import { within } from '../../auth.deadline.js';
import { redisFaultKind } from './redis-errors.js';
import type { RedisClient } from './redis-connection-options.js';
import type { RedisFacts } from './redis-warnings.js';
import { redisWarnings } from './redis-warnings.js';

type Told = Readonly<Record<string, string | undefined>>;

const SETTINGS = ['maxmemory', 'maxmemory-policy', 'min-replicas-to-write', 'appendonly', 'appendfsync', 'save'];

/**
 * Logs once, as soon as Redis can be asked, which of its settings lose sessions. Only reads, never waits and never
 * throws: a server that does not answer within `timeout` milliseconds is asked again when it is ready the next time.
 */
export function warnOfRedisSettings(client: RedisClient, timeout: number): void {
  let isTold = false;
  const ask = async (): Promise<void> => {
    const facts = await redisFacts(client, timeout);
    if (facts.length === 0 || isTold) return;
    isTold = true;
    client.off('ready', ready);
    const logger = new Logger('Redis');
    for (const warning of redisWarnings(facts)) logger.warn(warning);
  };
  const ready = (): void => void ask();
  client.on('ready', ready);
  if (client.status === 'ready') ready();
}

/** What each server in use tells of itself within `timeout` milliseconds; those that do not answer are left out. */
export async function redisFacts(client: RedisClient, timeout: number): Promise<RedisFacts[]> {
  const answers = await Promise.all(serversOf(client).map((server) => factsOf(server, timeout)));
  return answers.filter((answer) => answer !== null);
}

/** By shape: the client may come from a host's own copy of ioredis. Behind Sentinel it is connected to the master. */
const serversOf = (client: RedisClient): readonly Redis[] => ('nodes' in client ? client.nodes('master') : [client]);

/** @returns null when the server does not answer in time */
async function factsOf(server: Redis, timeout: number): Promise<RedisFacts | null> {
  const asked = Promise.all([infoOf(server), settingsOf(server)]);
  const told = await within(timeout, asked, () => new Error('no answer in time')).catch(() => null);
  if (!told) return null;
  const { host, port, sentinels } = server.options;
  return { server: `${host}:${port}`, behindSentinel: Boolean(sentinels), ...factsFrom(...told) };
}

/** Managed services forbid or rename CONFIG; INFO tells most of it too. */
function factsFrom(info: Told, config: Told): Omit<RedisFacts, 'server' | 'behindSentinel'> {
  const asNumber = (text: string | undefined) => (text === undefined ? undefined : Number(text));
  const yes = (text: string | undefined, word: string) => (text === undefined ? undefined : text === word);
  // INFO counts the replicas that are good enough only where some are asked for.
  const asked = info.role === undefined ? undefined : Number('min_slaves_good_slaves' in info);
  return {
    version: info.redis_version,
    isReplica: yes(info.role, 'slave'),
    replicas: asNumber(info.connected_slaves),
    maxmemory: asNumber(config.maxmemory ?? info.maxmemory),
    maxmemoryPolicy: config['maxmemory-policy'] ?? info.maxmemory_policy,
    minReplicasToWrite: asNumber(config['min-replicas-to-write']) ?? asked,
    appendOnly: yes(config.appendonly, 'yes') ?? yes(info.aof_enabled, '1'),
    appendFsync: config.appendfsync,
    savesSnapshots: config.save === undefined ? undefined : config.save !== '',
  };
}

async function infoOf(server: Redis): Promise<Told> {
  const text = (await unlessRefused(server.info())) ?? '';
  return Object.fromEntries(text.split('\r\n').map((line) => line.split(/:(.*)/, 2)));
}

/** One by one, because Redis 6.2 takes a single name. */
async function settingsOf(server: Redis): Promise<Told> {
  const values = await Promise.all(
    SETTINGS.map(async (name) => {
      const reply = await unlessRefused(server.config('GET', name));
      return (reply as readonly string[] | undefined)?.[1];
    }),
  );
  return Object.fromEntries(SETTINGS.map((name, index) => [name, values[index]]));
}

/** What a command the user may not run, or that is not there, would have told: nothing. */
async function unlessRefused<T>(reply: Promise<T>): Promise<T | undefined> {
  try {
    return await reply;
  } catch (error) {
    if (['NOPERM', 'command', 'other'].includes(redisFaultKind(error))) return undefined;
    throw error;
  }
}
