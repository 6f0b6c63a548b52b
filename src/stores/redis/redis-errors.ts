import { AuthError } from '../../auth.errors.js';
import { SessionFormatError } from './session-details.js';

/** What is wrong with Redis, by the first word of its reply (`OOM`, `READONLY`, …) or by what did not come. */
export type RedisFaultKind = keyof typeof FAULTS;

/** Server replies have no `code`: the first word of the message tells. Measured on 7.0.15. */
const FAULTS = {
  OOM: 'Redis is out of memory (maxmemory).',
  READONLY: 'This Redis server is a replica and takes no writes.',
  MISCONF: 'Redis refuses writes because it cannot save its data to disk.',
  NOREPLICAS: 'Redis refuses writes because too few replicas follow it.',
  NOAUTH: 'Redis asks for a password and none was given.',
  WRONGPASS: 'Redis refuses the user name or password.',
  NOPERM: 'The Redis user may not run a command or touch a key that is needed.',
  LOADING: 'Redis is loading its data.',
  BUSY: 'Redis is busy with a script of someone else.',
  UNKILLABLE: 'Redis is busy with a script that cannot be stopped.',
  CLUSTERDOWN: 'The Redis cluster is down.',
  UNBLOCKED: 'Redis ended a read that waited: it has become a replica, or somebody asked for it.',
  MASTERDOWN: 'The Redis master is down.',
  TRYAGAIN: 'The Redis cluster is moving this slot.',
  MOVED: 'This Redis server is part of a cluster: connect with the option cluster.',
  WRONGTYPE: 'Another program uses our keys in Redis: choose another keyPrefix.',
  FORMAT:
    'Redis holds a session in a format of a newer version of Keyturn; it is left as it is. Go back one release at a time.',
  command: 'Redis does not know a command that is needed: it is renamed there, or this is another or an older server.',
  timeout: 'Redis did not answer in time.',
  dns: 'The name of the Redis server is not known: it has no address (DNS).',
  refused: 'Nothing listens at the address of Redis.',
  unreachable: 'The address of Redis cannot be reached.',
  ca: 'The certificate of Redis is signed by an authority that is not known here: give it by the option ca (REDIS_CA_FILE).',
  certificate: 'The certificate of Redis is not valid: it is for another name, or its time is over or not yet come.',
  tls: 'Redis does not speak TLS at this port: write redis:// instead of rediss://, or name the TLS port.',
  handshake:
    'Redis refuses the TLS handshake: it asks for a client certificate, which Keyturn has none of (set tls-auth-clients no), or for another version of TLS.',
  hangup:
    'Redis ends each new connection without an answer: if the port wants TLS, write rediss:// instead of redis://.',
  database: 'Redis has no database of this number: check the number at the end of its URL.',
  master: 'The Sentinels know no master of this name: check sentinelName (REDIS_SENTINEL_NAME).',
  connection: 'There is no connection to Redis.',
  other: 'Redis answered with an error.',
} as const;

/** Redis 6.2 wraps the error of a command inside a script: `ERR Error running script …: @user_script:3: -OOM …`. */
const INSIDE_SCRIPT = /@user_script: ?\d+: -?([A-Z]+) /;
/** ioredis tells these by their sentences, the system by `code`. */
const CONNECTION_FAULTS =
  /^(Connection is closed|Stream isn't writeable|Cluster isn't ready|Cluster is ended|Failed to refresh slots cache|All sentinels are unreachable|Reached the max retries|Command aborted|None of startup nodes|getaddrinfo |connect |read E|write E)/;
/** Looked for in code and message, since what is said of a Sentinel has the reason inside another sentence. */
const REASONS: readonly (readonly [pattern: RegExp, kind: RedisFaultKind])[] = [
  [/^(Command timed out|Too many Cluster redirections)|Socket timeout/, 'timeout'],
  [/\bWRONGPASS\b/, 'WRONGPASS'],
  [/\bNOAUTH\b/, 'NOAUTH'],
  [/\bNOPERM\b/, 'NOPERM'],
  [/got an invalid reply: null/, 'master'],
  [/ENOTFOUND|EAI_AGAIN/, 'dns'],
  [/ECONNREFUSED/, 'refused'],
  [/EHOSTUNREACH|ENETUNREACH|EHOSTDOWN|ETIMEDOUT/, 'unreachable'],
  [/SELF_SIGNED_CERT|UNABLE_TO_(VERIFY|GET_ISSUER)|self-signed certificate|unable to (verify|get .*issuer)/, 'ca'],
  [/ERR_TLS_CERT_ALTNAME|CERT_|certificate('s altnames| has expired| is not yet valid)/, 'certificate'],
  // An alert is said in TLS.
  [/ERR_SSL\w*_ALERT_|SSL alert number/, 'handshake'],
  [/ERR_SSL|wrong version number|before secure TLS connection/, 'tls'],
];

/**
 * The store could not do what was asked; whether it did it all the same is not known. Answered as 503.
 * `message` is for the caller; `kind` and `fault` are for metrics and logs.
 */
export class RedisUnavailableError extends AuthError {
  /** @param fault what is wrong, for logs; by default the sentence of the kind */
  constructor(
    readonly kind: RedisFaultKind,
    cause: unknown,
    fault: string = FAULTS[kind],
  ) {
    super('store_unavailable', 'The session store is not available right now. Keep the tokens and try again.', {
      cause,
      fault,
      retryAfter: 1,
    });
  }
}

/** Which fault an error of the Redis client is. By shape, not by class: Jest gives Node's own errors another `Error`. */
export function redisFaultKind(error: unknown): RedisFaultKind {
  if (error instanceof SessionFormatError) return 'FORMAT';
  const { name, message, code } = (error ?? {}) as { name?: unknown; message?: unknown; code?: unknown };
  if (typeof message !== 'string') return 'other';
  if (name === 'ReplyError') {
    // Inside a script it is said without the word.
    if (message.includes('user executing the script can')) return 'NOPERM';
    if (/^ERR .*unknown (redis )?command/i.test(message)) return 'command';
    const word = INSIDE_SCRIPT.exec(message)?.[1] ?? message.split(' ', 1)[0]!;
    return isFault(word) ? word : 'other';
  }
  const told = typeof code === 'string' ? `${code} ${message}` : message;
  const reason = REASONS.find(([pattern]) => pattern.test(told));
  if (reason) return reason[1];
  return code !== undefined || CONNECTION_FAULTS.test(message) ? 'connection' : 'other';
}

/**
 * For logs: what is wrong, and where. Of the error only its code is told, since its text may hold what a client sent.
 * @param where `host:port`, or several
 */
export function redisFault(kind: RedisFaultKind, where: string, error?: unknown): string {
  const { name, message, code } = (error ?? {}) as { name?: unknown; message?: unknown; code?: unknown };
  const word = name === 'ReplyError' && typeof message === 'string' ? message.split(' ', 1)[0] : code;
  const detail = typeof word === 'string' && word !== '' ? `${where}, ${word}` : where;
  return `${FAULTS[kind].replace(/\.$/, '')} (${detail}).`;
}

const isFault = (word: string): word is RedisFaultKind => Object.hasOwn(FAULTS, word);
