import { redisFaultKind, RedisUnavailableError } from './redis-errors.js';

/**
 * The one deadline of every call. ioredis' own `commandTimeout` bounds a single try: a cluster client, or a client
 * handed in by a host, would try again behind it.
 *
 * @throws RedisUnavailableError when Redis refuses or does not answer in time
 */
export async function settleInTime<R, T>(reply: Promise<R>, commandTimeout: number, read: (reply: R) => T): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('Command timed out')), commandTimeout);
  });
  try {
    return read(await Promise.race([reply, deadline]));
  } catch (error) {
    throw new RedisUnavailableError(redisFaultKind(error), error);
  } finally {
    clearTimeout(timer);
  }
}
