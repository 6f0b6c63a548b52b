import { AuthConfigError } from '../../auth.errors.js';
import { formatDuration, parseDuration } from '../../options/durations.js';
import { refuseUnknown } from '../../options/option-checks.js';
import type { RedisClient } from './redis-token.repository.js';

/**
 * Where Redis is: exactly one of `url`, `client`, `sentinels` and `cluster`. Servers are named by URLs,
 * `redis://[user:password@]host[:port]`, `rediss://` with TLS, or just `host:port`.
 */
export interface RedisTokenRepositoryOptions {
  /** One server; its path may name a database (`/2`). */
  readonly url?: string;
  /** An ioredis client of the host's; it stays open when the module is closed. */
  readonly client?: RedisClient;
  /** The Sentinels. Credentials and TLS of the first hold for the Sentinels and the servers they watch. */
  readonly sentinels?: readonly string[];
  /** The name under which the Sentinels know the master. */
  readonly sentinelName?: string;
  /** Some nodes of a cluster. Credentials and TLS of the first hold for all. */
  readonly cluster?: readonly string[];
  /** PEM text of the authority that signed the servers' certificates, for `rediss://`. Default: those of Node. */
  readonly ca?: string;
  /** In front of every key. Default `kt:`. */
  readonly keyPrefix?: string;
  /** Within it every call answers or throws `store_unavailable`: 50 ms to 5 s. Default `500ms`. */
  readonly commandTimeout?: string;
}

export interface RedisServer {
  readonly host: string;
  readonly port: number;
  readonly username?: string;
  readonly password?: string;
  readonly db: number;
  readonly tls: boolean;
}

/** {@link RedisTokenRepositoryOptions} after all checks. */
export interface RedisSettings {
  readonly at:
    | { readonly kind: 'client'; readonly client: RedisClient }
    | { readonly kind: 'server' | 'cluster'; readonly servers: readonly RedisServer[] }
    | { readonly kind: 'sentinels'; readonly servers: readonly RedisServer[]; readonly name: string };
  readonly ca?: string;
  readonly keyPrefix: string;
  readonly commandTimeout: number;
}

const WAYS = ['url', 'client', 'sentinels', 'cluster'] as const;
const KNOWN = [...WAYS, 'sentinelName', 'ca', 'keyPrefix', 'commandTimeout'];
const [MIN_TIMEOUT, MAX_TIMEOUT] = [50, 5_000];

/** @throws AuthConfigError that names the option; never prints a URL, which may hold a password */
export function redisSettings(options: RedisTokenRepositoryOptions): RedisSettings {
  refuseUnknown(options, KNOWN, 'option of the Redis module');
  const { ca, keyPrefix = 'kt:' } = options;
  const at = whereabouts(options);
  if (/[{}]/.test(keyPrefix)) throw new AuthConfigError('keyPrefix must hold no braces: they decide the cluster slot');
  if (ca !== undefined && (at.kind === 'client' || !at.servers[0]!.tls)) {
    throw new AuthConfigError('ca has no effect without TLS: write rediss:// in the URL, or leave ca out');
  }
  return { at, ca, keyPrefix, commandTimeout: commandTimeout(options.commandTimeout) };
}

function whereabouts({
  url,
  client,
  sentinels,
  sentinelName,
  cluster,
}: RedisTokenRepositoryOptions): RedisSettings['at'] {
  const given = WAYS.filter((way) => ({ url, client, sentinels, cluster })[way] !== undefined);
  if (given.length !== 1) {
    throw new AuthConfigError(`Redis needs exactly one of ${WAYS.join(', ')}; given: ${given.join(', ') || 'none'}`);
  }
  if ((sentinels === undefined) !== (sentinelName === undefined)) {
    throw new AuthConfigError('sentinels and sentinelName are given together or not at all');
  }
  if (client) return { kind: 'client', client };
  if (url !== undefined) return { kind: 'server', servers: [parseServer(url, 'url', 6379)] };
  if (sentinels)
    return { kind: 'sentinels', servers: parseServers(sentinels, 'sentinels', 26379), name: sentinelName! };
  return { kind: 'cluster', servers: parseServers(cluster!, 'cluster', 6379) };
}

function parseServers(entries: readonly string[], option: string, port: number): RedisServer[] {
  if (!Array.isArray(entries) || entries.length === 0)
    throw new AuthConfigError(`${option} must list at least one server`);
  return entries.map((entry) => parseServer(entry, option, port));
}

function parseServer(text: string, option: string, defaultPort: number): RedisServer {
  const withScheme = /^[a-z]+:\/\//i.test(text) ? text : `redis://${text}`;
  const url = URL.canParse(withScheme) ? new URL(withScheme) : null;
  const db = url && /^\/?(\d{0,4})$/.exec(url.pathname)?.[1];
  if (!url?.hostname || !/^rediss?:$/.test(url.protocol) || url.search || url.hash || db === undefined || db === null) {
    throw new AuthConfigError(
      `${option} must name a server as redis://[user:password@]host[:port][/database] or rediss://…`,
    );
  }
  if (option === 'cluster' && Number(db) > 0) throw new AuthConfigError('cluster has no databases: leave the path out');
  return {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: Number(url.port) || defaultPort,
    username: decodeURIComponent(url.username) || undefined,
    password: decodeURIComponent(url.password) || undefined,
    db: Number(db),
    tls: url.protocol === 'rediss:',
  };
}

function commandTimeout(given = '500ms'): number {
  const value = parseDuration(given, 'commandTimeout');
  if (value < MIN_TIMEOUT || value > MAX_TIMEOUT) {
    const range = `${formatDuration(MIN_TIMEOUT)} to ${formatDuration(MAX_TIMEOUT)}`;
    throw new AuthConfigError(`commandTimeout is '${given}'; it must be from ${range}`);
  }
  return value;
}
