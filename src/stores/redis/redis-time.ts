import type { RedisClient } from './redis-connection-options.js';
import { settleInTime } from './redis-deadline.js';

/**
 * The time by the clock of Redis, milliseconds since the epoch.
 * @throws RedisUnavailableError when Redis refuses or does not answer in time
 */
export const redisTime = (client: RedisClient, commandTimeout: number): Promise<number> =>
  settleInTime(
    client,
    () => client.time(),
    commandTimeout,
    ([seconds, microseconds]) => Number(seconds) * 1000 + Math.floor(Number(microseconds) / 1000),
  );
