/** One setting of the standalone service, as the environment gives it. */
export interface Setting {
  readonly name: string;
  /** What holds when it is not set, as `.env.example` shows it. */
  readonly fallback: string;
  /** One line: unit, range, meaning. */
  readonly about: string;
  /** Can be given as `NAME_FILE` as well, the path of a file. */
  readonly secret?: true;
}

/** Every setting of the service; `.env.example` is tested against this list. */
export const SETTINGS: readonly Setting[] = [
  { name: 'PORT', fallback: '3000', about: 'port to listen on, 0 to 65535; 0 takes a free one' },
  {
    name: 'METRICS_PORT',
    fallback: 'on PORT, for this machine only',
    about: 'port of /metrics for Prometheus, 1 to 65535, other than PORT',
  },
  {
    name: 'SHUTDOWN_DELAY',
    fallback: '0s',
    about: 'how long requests are taken after a SIGTERM, while readiness says 503: 0s to 5m',
  },
  { name: 'DATA_DIR', fallback: './data', about: 'folder of the embedded database and the generated keys' },
  {
    name: 'DATABASE_URL',
    fallback: 'embedded in DATA_DIR',
    about: 'postgres://user:password@host:port/database, with ?sslmode=verify-full for TLS',
    secret: true,
  },
  {
    name: 'MIGRATE_ON_START',
    fallback: 'true',
    about: 'true or false: whether a start brings the schema of DATABASE_URL up to date, or waits for keyturn migrate',
  },
  {
    name: 'AUTH_ISSUER',
    fallback: 'http://localhost:PORT',
    about: 'iss of every token: the public URL of the service; must be set in production',
  },
  { name: 'AUTH_AUDIENCE', fallback: 'the issuer', about: 'aud of access tokens; one or more, separated by commas' },
  {
    name: 'AUTH_KEYS',
    fallback: 'generated into DATA_DIR',
    about: 'private JWKS as JSON; each key has a "purpose", access or refresh',
    secret: true,
  },
  {
    name: 'AUTH_ALGORITHM',
    fallback: 'ES256',
    about: 'ES256, RS256, PS256 or HS256: what access tokens are signed with',
  },
  {
    name: 'AUTH_STRATEGY',
    fallback: 'refresh-sliding',
    about: 'access, access-sliding (one token, no store), refresh or refresh-sliding (refresh tokens that turn)',
  },
  { name: 'ACCESS_TTL', fallback: '30m', about: 'life of an access token: 10s to SESSION_ABSOLUTE' },
  {
    name: 'SESSION_IDLE',
    fallback: '14d',
    about: 'a session unused for this long ends: 10s to SESSION_ABSOLUTE, which it is in strategy refresh',
  },
  {
    name: 'SESSION_ABSOLUTE',
    fallback: '90d',
    about: 'a session ends after this, however busy: 1m to 400d; 30d in strategy refresh',
  },
  {
    name: 'REFRESH_GRACE',
    fallback: '30s',
    about: 'how long a spent refresh token yields its successor: 0s (strict) to 60s',
  },
  {
    name: 'ON_REUSE',
    fallback: 'session',
    about: "session or subject: what a reused refresh token ends, its session or all the user's",
  },
  { name: 'MAX_SESSIONS', fallback: '20', about: 'sessions per user: 1 to 1000' },
  { name: 'WHEN_FULL', fallback: 'end-oldest', about: 'end-oldest or refuse: what a login does when there is no room' },
  {
    name: 'ENDED_RETENTION',
    fallback: '7d',
    about: "how long the reason of a session's end is kept for its owner: 0s to 30d",
  },
  {
    name: 'SLIDING_ON',
    fallback: 'marked',
    about: 'marked or all: which guarded routes renew access tokens; the service itself marks none',
  },
  {
    name: 'SLIDING_RENEW_AFTER',
    fallback: '0.5',
    about: "share of an access token's life after which it is renewed: 0 to 0.95",
  },
  {
    name: 'SLIDING_EXTEND_SESSION',
    fallback: 'false',
    about: "true or false: whether a renewal also moves the session's idle end, by one write to the store",
  },
  {
    name: 'SLIDING_LIMIT',
    fallback: '2h',
    about: 'how long after a refresh access tokens may be renewed: 0s to SESSION_IDLE',
  },
  { name: 'CLOCK_TOLERANCE', fallback: '5s', about: 'how far clocks may differ: 0s to 60s' },
  {
    name: 'REVOCATION_MAX_STALENESS',
    fallback: '10s',
    about: 'how old the knowledge of revocations may be: 1s to 5m',
  },
  {
    name: 'REVOCATION_WHEN_STALE',
    fallback: 'accept',
    about: 'accept, check (ask the store) or reject (503): what guarded routes do beyond that',
  },
  { name: 'TOKEN_CACHE_MAX', fallback: '10000', about: 'verified access tokens kept in memory; 0 switches it off' },
  {
    name: 'AUTH_CLIENTS',
    fallback: 'one client default, transport body',
    about:
      'JSON by client_id: {"web":{"transport":"cookie","accessTtl":"10m"}}; transport, accessTtl, idleTtl, absoluteTtl',
  },
  {
    name: 'COOKIE_SAME_SITE',
    fallback: 'strict',
    about: 'strict, lax or none: SameSite of the cookies of clients with transport cookie',
  },
  { name: 'COOKIE_DOMAIN', fallback: 'none', about: 'domain whose hosts all get the cookies, such as shop.example' },
  {
    name: 'ALLOWED_ORIGINS',
    fallback: 'none',
    about: 'origins of pages that may call from elsewhere, such as https://shop.example, separated by commas',
  },
  { name: 'ROUTES_PATH', fallback: 'auth', about: 'path of the routes, without slashes around it' },
  {
    name: 'REDIS_URL',
    fallback: 'sessions in memory',
    about: 'redis://[user:password@]host:port[/db], rediss:// with TLS',
    secret: true,
  },
  {
    name: 'REDIS_SENTINELS',
    fallback: 'none',
    about: 'host:port of the Sentinels, separated by commas; instead of REDIS_URL',
    secret: true,
  },
  { name: 'REDIS_SENTINEL_NAME', fallback: 'none', about: 'the name under which the Sentinels know the master' },
  {
    name: 'REDIS_CLUSTER',
    fallback: 'none',
    about: 'host:port of some nodes of a cluster, separated by commas; instead of REDIS_URL',
    secret: true,
  },
  {
    name: 'REDIS_CA_FILE',
    fallback: 'the authorities of Node',
    about: "PEM file of the authority behind Redis' certificate",
  },
  { name: 'REDIS_KEY_PREFIX', fallback: 'kt:', about: 'in front of every key' },
  { name: 'REDIS_COMMAND_TIMEOUT', fallback: '500ms', about: 'how long a command may take: 50ms to 5s' },
  { name: 'REGISTRATION', fallback: 'open', about: 'open or closed: who may register; closed in production' },
  { name: 'PASSWORD_MIN_LENGTH', fallback: '8', about: 'characters: 8 to 128' },
  { name: 'HASH_CONCURRENCY', fallback: 'cores - 1', about: 'passwords hashed at once: 1 to 64' },
  { name: 'DOCS', fallback: 'on', about: 'on or off: the OpenAPI page at /docs; off in production' },
  {
    name: 'TRUST_PROXY',
    fallback: 'none',
    about: 'addresses or CIDR ranges of proxies whose X-Forwarded-For counts, separated by commas',
  },
  {
    name: 'DEVICE_ADDRESS',
    fallback: 'full',
    about: "full, truncated (to /24, /48) or none: how much of a client's address is kept with its session and logged",
  },
  {
    name: 'ALLOW_IN_PRODUCTION',
    fallback: 'none',
    about:
      'what NODE_ENV=production allows all the same: embedded-database, memory-sessions, generated-keys, open-registration; commas between',
  },
  { name: 'LOG_LEVEL', fallback: 'log', about: 'fatal, error, warn, log, debug or verbose' },
  { name: 'LOG_FORMAT', fallback: 'text', about: 'text or json; json in production' },
];
