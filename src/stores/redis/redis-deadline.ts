import { within } from '../../auth.deadline.js';
import { redisFaultKind, RedisUnavailableError } from './redis-errors.js';
import type { RedisClient } from './redis-connection-options.js';
import { watchOf } from './redis-watch.js';

/**
 * The one deadline of every call. ioredis' own `commandTimeout` bounds a single try: a cluster client, or a client
 * handed in by a host, would try again behind it.
 *
 * @param client who was asked: it knows why there is no connection
 * @throws RedisUnavailableError when Redis refuses or does not answer in time
 */
export function settleInTime<R, T>(
  client: RedisClient,
  reply: Promise<R>,
  commandTimeout: number,
  read: (reply: R) => T,
): Promise<T> {
  return within(commandTimeout, reply.then(read), () => new Error('Command timed out')).catch((error: unknown) => {
    throw unavailable(client, error);
  });
}

/** The error of a command says at most that there is no connection. */
function unavailable(client: RedisClient, error: unknown): RedisUnavailableError {
  const kind = redisFaultKind(error);
  const trouble = kind === 'connection' || kind === 'timeout' ? watchOf(client)?.trouble : undefined;
  return new RedisUnavailableError(trouble?.kind ?? kind, error, trouble?.fault);
}
