import type { Cluster, Redis } from 'ioredis';
import { AuthConfigError } from '../../auth.errors.js';
import { duration, list, special, text } from '../../options/option-kinds.js';
import type { OptionsOf } from '../../options/option.js';
import { checkOptions, refuseUnknown } from '../../options/option-table.js';

/** An ioredis client: one server (also behind Sentinel) or a cluster. */
export type RedisClient = Redis | Cluster;

const SERVERS = 'redis://[user:password@]host[:port][/database], or rediss:// with TLS';

/** The options of the Redis modules. Exactly one of `url`, `client`, `sentinels` and `cluster` says where Redis is. */
export const REDIS_OPTIONS = {
  /** One server, `redis://[user:password@]host[:port][/database]`, or `rediss://` with TLS. */
  url: text({
    env: 'REDIS_URL',
    secret: true,
    kind: 'URL',
    range: SERVERS,
    without: 'sessions in memory',
    about: 'One Redis server',
  }),
  /** An ioredis client of the host's; it stays open when the module is closed. */
  client: special<RedisClient, RedisClient | undefined>({
    kind: 'ioredis client',
    without: 'none',
    about: "A client of the host's own; it stays open when the module is closed",
    check: ioredisClient,
  }),
  /** The Sentinels. Credentials and TLS of the first are used for the Sentinels and the servers they watch. */
  sentinels: list({
    env: 'REDIS_SENTINELS',
    secret: true,
    range: 'host:port or URLs',
    without: 'none',
    about: 'The Sentinels, in place of one server',
  }),
  /** The name under which the Sentinels know the master. */
  sentinelName: text({
    env: 'REDIS_SENTINEL_NAME',
    without: 'none',
    about: 'The name under which the Sentinels know the master',
  }),
  /** Some nodes of a cluster. Credentials and TLS of the first are used for all. */
  cluster: list({
    env: 'REDIS_CLUSTER',
    secret: true,
    range: 'host:port or URLs',
    without: 'none',
    about: 'Some nodes of a cluster, in place of one server',
  }),
  /** PEM text of the authority that signed the servers' certificates, for `rediss://`. Default: those of Node. */
  ca: text({
    env: 'REDIS_CA_FILE',
    inFile: true,
    kind: 'PEM',
    without: 'the authorities of Node',
    about: "The authority that signed Redis' certificate",
  }),
  /** In front of every key. Default `kt:`. */
  keyPrefix: text({
    env: 'REDIS_KEY_PREFIX',
    fallback: 'kt:',
    about: 'What every key begins with',
    problem: (given) => (/[{}]/.test(given) ? 'must hold no braces: they decide the cluster slot' : undefined),
  }),
  /** Within it every call answers or throws `store_unavailable`: 50 ms to 5 s. Default `500ms`. */
  commandTimeout: duration({
    env: 'REDIS_COMMAND_TIMEOUT',
    fallback: '500ms',
    min: '50ms',
    max: '5s',
    about: 'How long a command may take; after it the answer is 503',
  }),
};

/**
 * Where Redis is: exactly one of `url`, `client`, `sentinels` and `cluster`. Servers are named by URLs,
 * `redis://[user:password@]host[:port]`, `rediss://` with TLS, or just `host:port`.
 */
export interface RedisTokenRepositoryOptions extends OptionsOf<typeof REDIS_OPTIONS> {}

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

/** By shape: the client may come from a host's own copy of ioredis. */
function ioredisClient(given: RedisClient | undefined, option: string): RedisClient | undefined {
  if (given === undefined) return given;
  const { status, defineCommand, duplicate } = (given ?? {}) as Partial<Redis>;
  const shape = [status, defineCommand, duplicate].map((member) => typeof member).join();
  if (shape === 'string,function,function') return given;
  throw AuthConfigError.of(
    option,
    "must be a client of ioredis (Redis or Cluster), which the scripts and the feed need; of another library's give the url in place of it",
  );
}

const WAYS = ['url', 'client', 'sentinels', 'cluster'] as const;

/** @throws AuthConfigError that names the option; never prints a URL, which may hold a password */
export function redisSettings(options: RedisTokenRepositoryOptions): RedisSettings {
  if ((options as unknown) === undefined) {
    throw AuthConfigError.of('url', () => "Redis needs an address. Write forRoot({ url: 'redis://localhost:6379' })");
  }
  refuseUnknown(options, Object.keys(REDIS_OPTIONS), '', 'option of the Redis module');
  const { ca, keyPrefix, commandTimeout } = checkOptions(REDIS_OPTIONS, options);
  const at = whereabouts(options);
  if (ca !== undefined && (at.kind === 'client' || !at.servers[0]!.tls)) {
    throw AuthConfigError.of('ca', 'has no effect without TLS: write rediss:// in the URL, or leave it out');
  }
  return { at, ca, keyPrefix, commandTimeout };
}

function whereabouts(options: RedisTokenRepositoryOptions): RedisSettings['at'] {
  const { url, client, sentinels, sentinelName, cluster } = options;
  const given = WAYS.filter((way) => options[way] !== undefined);
  if (given.length !== 1) {
    throw AuthConfigError.of(given[1] ?? 'url', (nameOf) => {
      const names = (ways: readonly string[]): string => ways.map(nameOf).join(', ');
      return `Redis needs exactly one of ${names(WAYS)}; given: ${names(given) || 'none'}`;
    });
  }
  if (sentinels !== undefined && sentinelName === undefined) {
    throw AuthConfigError.of(
      'sentinelName',
      (nameOf) =>
        `${nameOf('sentinelName')} must be given with ${nameOf('sentinels')}: the name under which they know the master`,
    );
  }
  if (sentinels === undefined && sentinelName !== undefined) {
    throw AuthConfigError.of(
      'sentinelName',
      (nameOf) => `${nameOf('sentinelName')} has no effect without ${nameOf('sentinels')}; give both, or leave it out`,
    );
  }
  if (client) return { kind: 'client', client };
  if (url !== undefined) return { kind: 'server', servers: [parseServer(url, 'url', 6379)] };
  if (sentinels) {
    return { kind: 'sentinels', servers: parseServers(sentinels, 'sentinels', 26379), name: sentinelName! };
  }
  return { kind: 'cluster', servers: parseServers(cluster!, 'cluster', 6379) };
}

function parseServers(entries: readonly string[], option: string, port: number): RedisServer[] {
  if (entries.length === 0) throw AuthConfigError.of(option, 'must list at least one server');
  return entries.map((entry) => parseServer(entry, option, port));
}

function parseServer(named: string, option: string, defaultPort: number): RedisServer {
  const withScheme = /^[a-z]+:\/\//i.test(named) ? named : `redis://${named}`;
  const url = URL.canParse(withScheme) ? new URL(withScheme) : null;
  const db = url && /^\/?(\d{0,4})$/.exec(url.pathname)?.[1];
  const [username, password] = [decoded(url?.username), decoded(url?.password)];
  const isServer = url?.hostname && /^rediss?:$/.test(url.protocol) && !url.search && !url.hash;
  if (!isServer || db === undefined || username === undefined || password === undefined) {
    throw AuthConfigError.of(
      option,
      'must name a server as redis://[user:password@]host[:port][/database] or rediss://…; in user and password write ' +
        'other characters than letters and digits as %XX (RFC 3986)',
    );
  }
  if (option === 'cluster' && Number(db) > 0) {
    throw AuthConfigError.of(option, 'has no databases: leave the path out');
  }
  return {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: Number(url.port) || defaultPort,
    username: username || undefined,
    password: password || undefined,
    db: Number(db),
    tls: url.protocol === 'rediss:',
  };
}

/** @returns undefined for a `%` that begins no character, such as one of a password that was put in as it is */
function decoded(part = ''): string | undefined {
  try {
    return decodeURIComponent(part);
  } catch {
    return undefined;
  }
}
