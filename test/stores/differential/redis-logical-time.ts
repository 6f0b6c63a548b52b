import type { Redis } from 'ioredis';
import { scriptOf } from '../../../src/stores/redis/redis-script.js';
import { REDIS_SCRIPTS, type RedisScripts } from '../../../src/stores/redis/redis-scripts.js';
import { subjectKey } from '../../../src/stores/redis/session-hash.js';

const CLOCK = 'clock';
/** What the scripts ask of the real clock, and the same asked of ours. Microseconds, as TIME has them, are integers. */
const ASKED_OF_OURS: readonly (readonly [real: string, ours: string])[] = [
  [`redis.call('TIME')`, `{0, redis.call('GET', '${CLOCK}') * 1000}`],
  [`redis.call('PTTL', key)`, `redis.call('PEXPIRETIME', key) - now`],
];
/** Redis keeps a key through the very millisecond of its expiry. */
const SET_CLOCK = `
redis.call('SET', '${CLOCK}', ARGV[1])
for _, key in ipairs(KEYS) do
  local expiry = redis.call('PEXPIRETIME', key)
  if expiry >= 0 and expiry < tonumber(ARGV[1]) then redis.call('DEL', key) end
end`;

/**
 * The scripts on a clock that stands still until it is set, so that a history runs to the same millisecond each time.
 * Setting back what is stored, as `redis-time-travel.ts` does, leaves the real clock running: one step in some thousands
 * then meets an end from the other side.
 */
export function scriptsOnLogicalTime(): RedisScripts {
  const onOurs = Object.entries(REDIS_SCRIPTS).map(([name, { lua }]) => {
    const changed = ASKED_OF_OURS.reduce((script, [real, ours]) => script.replace(real, ours), lua);
    if (!changed.includes(CLOCK) || /TIME'\)|PTTL/.test(changed))
      throw new Error(`${name} asks for the time in a new way`);
    return [name, scriptOf(changed)];
  });
  return Object.fromEntries(onOurs) as RedisScripts;
}

/** The time from now on; what has expired by then is gone, as if Redis had seen to it. */
export async function setLogicalTime(
  client: Redis,
  prefix: string,
  subs: readonly string[],
  now: number,
): Promise<void> {
  const keys = subs.map((sub) => subjectKey(prefix, sub));
  await client.eval(SET_CLOCK, keys.length, ...keys, now);
}
