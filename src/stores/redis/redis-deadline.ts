import { redisFaultKind, RedisUnavailableError } from './redis-errors.js';

/**
 * The one deadline of every call. ioredis' own `commandTimeout` bounds a single try: a cluster client, or a client
 * handed in by a host, would try again behind it.
 *
 * @throws RedisUnavailableError when Redis refuses or does not answer in time
 */
export function settleInTime<R, T>(reply: Promise<R>, commandTimeout: number, read: (reply: R) => T): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const fail = (error: unknown): void => reject(new RedisUnavailableError(redisFaultKind(error), error));
    const timer = setTimeout(() => fail(new Error('Command timed out')), commandTimeout);
    const settle = (value: R): void => {
      clearTimeout(timer);
      resolve(read(value));
    };
    reply.then(settle).catch((error: unknown) => {
      clearTimeout(timer);
      fail(error);
    });
  });
}
