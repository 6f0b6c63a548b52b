import { AuthError } from '../../auth.errors.js';
import { SessionFormatError } from './session-format.error.js';

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
  MASTERDOWN: 'The Redis master is down.',
  TRYAGAIN: 'The Redis cluster is moving this slot.',
  MOVED: 'This Redis server is part of a cluster: connect with the option cluster.',
  WRONGTYPE: 'Another program uses our keys in Redis: choose another keyPrefix.',
  FORMAT:
    'Redis holds a session in a format of a newer version of Keyturn; it is left as it is. Go back one release at a time.',
  timeout: 'Redis did not answer in time.',
  connection: 'There is no connection to Redis.',
  other: 'Redis answered with an error.',
} as const;

/** Redis 6.2 wraps the error of a command inside a script: `ERR Error running script …: @user_script:3: -OOM …`. */
const INSIDE_SCRIPT = /@user_script: ?\d+: -?([A-Z]+) /;
/** ioredis tells these by their sentences, the system by `code`. */
const CONNECTION_FAULTS =
  /^(Connection is closed|Stream isn't writeable|Cluster isn't ready|Cluster is ended|Failed to refresh slots cache|All sentinels are unreachable|Reached the max retries|Command aborted|Socket timeout|None of startup nodes|getaddrinfo |connect |read E|write E)/;
const TIMEOUTS = /^(Command timed out|Too many Cluster redirections)/;

/**
 * The store could not do what was asked; whether it did it all the same is not known. Answered as 503.
 * `message` is for whoever called; `kind` and `fault` are for metrics and logs.
 */
export class RedisUnavailableError extends AuthError {
  constructor(
    readonly kind: RedisFaultKind,
    cause: unknown,
  ) {
    super('store_unavailable', 'The session store is not available right now. Keep the tokens and try again.', {
      cause,
      fault: FAULTS[kind],
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
    const word = INSIDE_SCRIPT.exec(message)?.[1] ?? message.split(' ', 1)[0]!;
    return isFault(word) ? word : 'other';
  }
  if (TIMEOUTS.test(message)) return 'timeout';
  return code !== undefined || CONNECTION_FAULTS.test(message) ? 'connection' : 'other';
}

/** For logs: what is wrong, in a sentence without addresses and passwords. */
export const redisFault = (error: unknown): string => FAULTS[redisFaultKind(error)];

const isFault = (word: string): word is RedisFaultKind => Object.hasOwn(FAULTS, word);
