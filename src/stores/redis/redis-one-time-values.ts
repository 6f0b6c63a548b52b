import { createHash } from 'node:crypto';
import { OneTimeValues } from '../../sessions/one-time-values.js';
import { settleInTime } from './redis-deadline.js';
import type { RedisClient, RedisSettings } from './redis-connection-options.js';

/** Values that may be used once, for all instances on one Redis: a key each, which expires. */
export class RedisOneTimeValues extends OneTimeValues {
  constructor(
    private readonly client: RedisClient,
    private readonly settings: Pick<RedisSettings, 'keyPrefix' | 'commandTimeout'>,
  ) {
    super();
  }

  /** A resend of the command would find its own key, so a lost answer counts as used: the client makes a new value. */
  override use(value: string, keepFor: number): Promise<boolean> {
    // Values come from outside and may hold any character; a hash of one is a short and harmless key.
    const key = `${this.settings.keyPrefix}once:${createHash('sha256').update(value).digest('base64url')}`;
    const set = () => this.client.set(key, '', 'PX', Math.max(1, Math.ceil(keepFor)), 'NX');
    return settleInTime(this.client, set, this.settings.commandTimeout, (reply) => reply === 'OK');
  }
}
