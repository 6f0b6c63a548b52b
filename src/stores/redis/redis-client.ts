import type { ClusterOptions, RedisOptions } from 'ioredis';
import { within } from '../../auth.deadline.js';
import { AuthConfigError } from '../../auth.errors.js';
import type { RedisClient, RedisServer, RedisSettings } from './redis-connection-options.js';
import { mendAsking } from './redis-sockets.js';
import { retryDelay, RedisWatch, watchOf, type RedisWatchOptions } from './redis-watch.js';

type OwnSettings = Pick<RedisSettings, 'ca' | 'commandTimeout'> & {
  readonly at: Exclude<RedisSettings['at'], { kind: 'client' }>;
};

/** Milliseconds a look at where Redis is, or whether it has loaded its data, may take before the next is tried. */
const LONGEST_LOOK = 1_000;

/**
 * A client that never makes a caller wait for a server that is not there, and never stops looking for it.
 * It logs the reasons of each outage, and its end. It connects when it is asked first, or by {@link connectRedisClient}.
 * Close it by {@link closeRedisClient}. ioredis is loaded here and no sooner, so that an application that keeps its
 * sessions in memory does not load it.
 */
export const prepareRedisClient = (settings: OwnSettings): Promise<RedisClient> =>
  prepare(settings, 0, 'Refreshes and logins answer 503 until it is back.');

/** The same, which connects at once. */
export async function createRedisClient(settings: OwnSettings): Promise<RedisClient> {
  const client = await prepareRedisClient(settings);
  void connectRedisClient(client);
  return client;
}

/** Ends with the first try, however that ends. */
export const connectRedisClient = async (client: RedisClient): Promise<void> => watchOf(client)?.firstTry.begin();

/**
 * A connection for reads that wait: one of its own, since what waits on a connection holds up all behind it. It is made
 * for the first of them.
 * @param longestWait milliseconds
 * @param consequence what an outage means, for the log; undefined: outages are logged by another connection
 */
export async function createBlockingClient(
  settings: RedisSettings,
  longestWait: number,
  consequence?: string,
): Promise<RedisClient> {
  const { at } = settings;
  if (at.kind !== 'client') return prepare({ ...settings, at }, longestWait, consequence);
  const client =
    at.client instanceof Object && 'nodes' in at.client
      ? at.client.duplicate([], { lazyConnect: true })
      : at.client.duplicate({ lazyConnect: true });
  return watched(client, { where: whereIs(client), consequence });
}

/** A client of the host's, which stays as it is but for what would end the host's process. */
export function hostClient(client: RedisClient): RedisClient {
  if ('nodes' in client) {
    client.nodes().forEach(mendAsking);
    client.on('+node', mendAsking);
  }
  return client;
}

/**
 * Waits for a connection, where nothing can be done without one. A try that fails is no end: the next one may do.
 * @returns null if there is a connection, else why there is none, in words
 */
export async function whyUnreached(client: RedisClient, patience: number): Promise<string | null> {
  if (client.status === 'ready') return null;
  const ready = new Promise<void>((resolve) => void client.once('ready', () => resolve()));
  const isReady = await within(patience, ready, () => new Error('not reached')).then(
    () => true,
    () => false,
  );
  return isReady ? null : (watchOf(client)?.trouble?.fault ?? 'Redis did not answer in time.');
}

/** Our own close: a client that ends in any other way is brought back. */
export function closeRedisClient(client: RedisClient): void {
  const watch = watchOf(client);
  if (watch) watch.close();
  else client.disconnect();
}

/** Caught also for bundlers of hosts without Redis, which leave out only what is caught. */
function withoutIoredis(cause: unknown): never {
  throw new AuthConfigError('ioredis cannot be loaded; the Redis store needs it: npm install ioredis', { cause });
}

async function prepare(settings: OwnSettings, longestWait: number, consequence?: string): Promise<RedisClient> {
  const { Cluster, Redis } = await import('ioredis').catch(withoutIoredis);
  const { at } = settings;
  const [first] = at.servers as [RedisServer];
  const options = connectionOptions(settings, first, longestWait);
  const where = at.servers.map(({ host, port }) => `${host}:${port}`).join(', ');
  if (at.kind === 'cluster') {
    const client = new Cluster(at.servers.map(address), { ...clusterOptions(options), lazyConnect: true });
    const probe = () =>
      new Redis({ ...options, ...address(first), enableReadyCheck: false, retryStrategy: null, lazyConnect: true });
    return watched(client, { where: `cluster ${where}`, consequence, probe });
  }
  const place = at.kind === 'sentinels' ? sentinelOptions(at, first, options) : address(first);
  const client = new Redis({ ...options, ...place, lazyConnect: true });
  return watched(client, { where: at.kind === 'sentinels' ? `Sentinels ${where}` : where, consequence });
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
    // Else Redis from 7.2 on logs two commands that a user of our own may not send, at each connection.
    disableClientInfo: true,
    maxRetriesPerRequest: 0,
    maxLoadingRetryTime: LONGEST_LOOK,
    // A hung server does not close its end; the new master must not wait for that.
    disconnectTimeout: 200,
    connectTimeout: commandTimeout + 500,
    // Runs only while an answer is awaited; without it a client stays with a hung master after a failover.
    // A silent connection gets LAST_CHANCE (redis-sockets.ts) above that.
    socketTimeout: longestWait + commandTimeout,
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
    sentinelCommandTimeout: LONGEST_LOOK,
    sentinelRetryStrategy: retryDelay,
    sentinelReconnectStrategy: () => LONGEST_LOOK,
    failoverDetector: true,
  };
}

function clusterOptions({ retryStrategy: _, ...redisOptions }: RedisOptions): ClusterOptions {
  return {
    redisOptions,
    enableOfflineQueue: false,
    clusterRetryStrategy: retryDelay,
    // Names stay names: ioredis looks them up before it connects, and certificates name hosts, not their addresses.
    dnsLookup: (name, done) => done(null, name),
    slotsRefreshTimeout: LONGEST_LOOK,
  };
}

const address = ({ host, port }: RedisServer) => ({ host, port });

/** With a path, ioredis names a host as well, to which it does not connect. */
function whereIs({ options }: RedisClient): string {
  const { path, host, port } = options as RedisOptions;
  return path ?? (host ? `${host}:${port}` : 'the given client');
}

/** Before it connects: the first try may fail already. */
function watched<Client extends RedisClient>(client: Client, options: RedisWatchOptions): Client {
  void new RedisWatch(client, options);
  return client;
}
