import { BROWSER_IDLE } from '../../sessions/session.js';
import { FIRST_FORMAT, IN_BROWSER, LAST_FORMAT } from './session-codec.js';

// Pieces of Lua. Each script takes just those it needs: a function not made saves some of its ten microseconds.
export const NOW = `
local key = KEYS[1]
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
`;
export const NOTED = `
local function noted(value)
  if not value then return 0 end
  local generation, expires = struct.unpack('>I7I6', value)
  return expires > now and generation or 0
end
`;
export const REASON = `
local function reason(value)
  return value and struct.unpack('>I6', value) > now and value:sub(7) or false
end
`;
// Never lowers: the key must outlive whatever in it lives longest.
export const KEEP_UNTIL = `
local function keepUntil(moment)
  if now + redis.call('PTTL', key) < moment then redis.call('PEXPIREAT', key, moment) end
end
`;
// Before the first write to a session, and before any statement about it.
export const checkFormat = (session: string): string => `
local format = math.floor(${session}:byte(1) / 16)
if format < ${FIRST_FORMAT} or format > ${LAST_FORMAT} then
  return redis.error_reply('FORMAT a session was stored in a format of another version')
end`;
// What ends with its browser is idle after a day at the latest.
export const IDLE_TTL = `
local function idleTtl(head, ttl)
  return math.floor(head / ${IN_BROWSER}) % 2 == 1 and math.min(ttl, ${BROWSER_IDLE}) or tonumber(ttl)
end
`;
// Only sessions of the later format have claims of their own.
export const OWN_CLAIMS = `
local function own(session, sid)
  return session:byte(1) >= ${LAST_FORMAT * 16} and redis.call('HGET', key, sid .. 'c')
end
`;
export const CHANGED = `
local function changed(value)
  if not value then return 0 end
  local at, expires = struct.unpack('>I6I6', value)
  return expires > now and at or 0
end
`;

// The reason is asked for only where there is no session: half a microsecond less for each refresh.
export const LOOK = `${NOW}${NOTED}${OWN_CLAIMS}
local found = redis.call('HMGET', key, ARGV[1], ARGV[1] .. 'd', 'g', 'c')
local session, generation = found[1], noted(found[3])
if not session then
  ${REASON}
  return {now, generation, false, false, reason(redis.call('HGET', key, ARGV[1] .. 'x')), false, found[4], 0}
end
`;
