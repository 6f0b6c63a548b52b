import { Logger } from '@nestjs/common';
import type { ClusterOptions, RedisOptions } from 'ioredis';
import { Cluster, Redis } from 'ioredis';
import type { RedisServer, RedisSettings } from './redis-connection-options.js';
import { redisFault } from './redis-errors.js';
import type { RedisClient } from './redis-token.repository.js';

type OwnSettings = Pick<RedisSettings, 'ca' | 'commandTimeout'> & {
  readonly at: Exclude<RedisSettings['at'], { kind: 'client' }>;
};

/** How long a server that came back, or comes up late, may wait to be found. */
const LONGEST_RETRY_DELAY = 1_000;
const retryDelay = (times: number): number => Math.min(50 * 2 ** Math.min(times, 10), LONGEST_RETRY_DELAY);

/**
 * A client that never makes a caller wait for a server that is not there, and never stops looking for it.
 * It logs each outage once, and its end.
 */
export const createRedisClient = (settings: OwnSettings): RedisClient =>
  logOutages(connect(settings, 0), 'Refreshes and logins answer 503 until it is back.');

/**
 * A connection for reads that wait: one of its own, since what waits on a connection holds up all behind it. Outages
 * are told by the other.
 * @param longestWait milliseconds
 */
export function createBlockingClient(settings: RedisSettings, longestWait: number): RedisClient {
  const { at } = settings;
  const client = at.kind === 'client' ? (at.client as Redis).duplicate() : connect({ ...settings, at }, longestWait);
  return client.on('error', () => undefined);
}

function connect(settings: OwnSettings, longestWait: number): RedisClient {
  const { at } = settings;
  const [first] = at.servers as [RedisServer];
  const options = connectionOptions(settings, first, longestWait);
  return at.kind === 'cluster'
    ? new Cluster(at.servers.map(address), clusterOptions(options))
    : new Redis({ ...options, ...(at.kind === 'sentinels' ? sentinelOptions(at, first, options) : address(first)) });
}

/** ioredis' defaults wait 71 seconds for a server that is gone, and for ever for one that hangs (measured on 6.0.0). */
function connectionOptions(
  { ca, commandTimeout }: OwnSettings,
  { username, password, db, tls }: RedisServer,
  longestWait: number,
): RedisOptions {
  return {
    username,
    password,
    db,
    tls: tls ? { ca } : undefined,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    maxLoadingRetryTime: LONGEST_RETRY_DELAY,
    connectTimeout: commandTimeout + 500,
    // Runs only while an answer is owed; without it a client stays with a hung master after a failover.
    socketTimeout: longestWait + commandTimeout + 500,
    retryStrategy: retryDelay,
    // After a failover the old master answers, as a replica.
    reconnectOnError: (error) => error.message.startsWith('READONLY') || error.message.includes('-READONLY'),
  };
}

function sentinelOptions(
  at: Extract<OwnSettings['at'], { kind: 'sentinels' }>,
  first: RedisServer,
  { tls }: RedisOptions,
): RedisOptions {
  return {
    sentinels: at.servers.map(address),
    name: at.name,
    sentinelUsername: first.username,
    sentinelPassword: first.password,
    enableTLSForSentinelMode: first.tls,
    sentinelTLS: tls,
    sentinelCommandTimeout: LONGEST_RETRY_DELAY,
    sentinelRetryStrategy: retryDelay,
    failoverDetector: true,
  };
}

function clusterOptions({ retryStrategy: _, ...redisOptions }: RedisOptions): ClusterOptions {
  return {
    redisOptions,
    enableOfflineQueue: false,
    clusterRetryStrategy: retryDelay,
    slotsRefreshTimeout: LONGEST_RETRY_DELAY,
  };
}

const address = ({ host, port }: RedisServer) => ({ host, port });

/** One line when Redis is lost and one when it is back: a client reports each failed try, many a second. */
export function logOutages(client: RedisClient, consequence: string): RedisClient {
  const logger = new Logger('Redis');
  let isOut = false;
  client.on('error', (error: unknown) => {
    if (!isOut) logger.error(`${redisFault(error)} ${consequence}`);
    isOut = true;
  });
  client.on('ready', () => {
    if (isOut) logger.log('Redis is back.');
    isOut = false;
  });
  return client;
}
