import { Inject, Injectable, Optional } from '@nestjs/common';
import { REDIS_READER, watchOf, type RedisClient, type RedisTrouble, REDIS_CLIENT } from '../../internal.js';

/** The connections to Redis, where there are any: what is wrong with them, and whether they can come back. */
@Injectable()
export class RedisConnections {
  constructor(
    @Optional() @Inject(REDIS_CLIENT) private readonly client: RedisClient | null = null,
    @Optional() @Inject(REDIS_READER) private readonly reader: RedisClient | null = null,
  ) {}

  /** Whether a client has ended and new ones could not be created: only a new process helps. */
  get areLost(): boolean {
    return [this.client, this.reader].some((client) => watchOf(client)?.isLost);
  }

  /** Why a part of the service has no connection; null where it has one. */
  troubleOf(part: 'store' | 'feed'): RedisTrouble | null {
    return watchOf(part === 'store' ? this.client : this.reader)?.trouble ?? null;
  }
}
