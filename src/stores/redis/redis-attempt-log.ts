import { AttemptLog, type Noted, type NotedAttempt } from '../../limits/attempt-log.js';
import type { Limit } from '../../limits/limit.js';
import type { RedisClient, RedisSettings } from './redis-connection-options.js';
import { settleInTime } from './redis-deadline.js';
import { NOW } from './redis-script-pieces.js';
import { runScript, scriptOf, type RedisScript } from './redis-script.js';

// The rule is `waitFor` of limits/limit.ts. Memory: some 9 bytes for each attempt of the window.
export const NOTE_ATTEMPT = scriptOf(`${NOW}
local attempts, window, kept, apart = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local first = tonumber(redis.call('LINDEX', key, 0))
while first and first <= now - window do
  redis.call('LPOP', key)
  first = tonumber(redis.call('LINDEX', key, 0))
end
local used = redis.call('LLEN', key)
local wait = 0
if used >= attempts - kept then
  wait = tonumber(redis.call('LINDEX', key, kept - attempts)) + window - now
  if kept > 0 then
    local room = used < attempts and now or tonumber(redis.call('LINDEX', key, -attempts)) + window
    local last = tonumber(redis.call('LINDEX', key, -1))
    wait = math.min(wait, math.max(0, room - now, last + apart - now))
  end
end
if wait > 0 then return {0, wait} end
redis.call('RPUSH', key, string.format('%.0f', now))
redis.call('PEXPIRE', key, window)
return {now, 0}
`);

/** Attempts in Redis, counted exactly over all instances: one list of times for each key, which expires. */
export class RedisAttemptLog extends AttemptLog {
  constructor(
    private readonly client: RedisClient,
    private readonly settings: Pick<RedisSettings, 'keyPrefix' | 'commandTimeout'>,
    private readonly script: RedisScript = NOTE_ATTEMPT,
  ) {
    super();
  }

  /** A resend after a lost answer counts twice, which is on the safe side. */
  override note(key: string, { attempts, window, kept, apart }: Limit): Promise<Noted> {
    const run = () => runScript(this.client, this.script, this.keyOf(key), [attempts, window, kept, apart]);
    return settleInTime(this.client, run, this.settings.commandTimeout, (reply) => {
      const [at, wait] = (reply as [number, number]).map(Number) as [number, number];
      return wait > 0 ? { wait } : { at };
    });
  }

  override forget(key: string, { at }: NotedAttempt): Promise<void> {
    const removed = () => this.client.lrem(this.keyOf(key), -1, String(at));
    return settleInTime(this.client, removed, this.settings.commandTimeout, () => undefined);
  }

  private readonly keyOf = (key: string): string => `${this.settings.keyPrefix}limit:${key}`;
}
