import { within } from '../../auth.deadline.js';
import { redisFaultKind, RedisUnavailableError } from './redis-errors.js';
import type { RedisClient } from './redis-connection-options.js';
import { watchOf } from './redis-watch.js';

/**
 * The one deadline of every call. ioredis' own `commandTimeout` bounds a single try: a cluster client, or a client
 * handed in by a host, would try again behind it. A client of our own connects for the first call, which waits for that.
 *
 * @param client who is asked: it knows why there is no connection
 * @throws RedisUnavailableError when Redis refuses or does not answer in time
 */
export function settleInTime<R, T>(
  client: RedisClient,
  ask: () => Promise<R>,
  commandTimeout: number,
  read: (reply: R) => T,
): Promise<T> {
  let isAwaited = true;
  const first = client.status === 'ready' ? undefined : watchOf(client)?.firstTry.begin();
  // What was given up is not done later.
  const reply = first ? first.then(() => (isAwaited ? ask() : Promise.reject(timedOut()))) : ask();
  return within(commandTimeout, reply.then(read), timedOut).catch((error: unknown) => {
    isAwaited = false;
    throw unavailable(client, error);
  });
}

const timedOut = (): Error => new Error('Command timed out');

/** The error of a command says at most that there is no connection. */
function unavailable(client: RedisClient, error: unknown): RedisUnavailableError {
  const kind = redisFaultKind(error);
  const trouble = kind === 'connection' || kind === 'timeout' ? watchOf(client)?.trouble : undefined;
  return new RedisUnavailableError(trouble?.kind ?? kind, error, trouble?.fault);
}
