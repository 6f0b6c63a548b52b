import { BROWSER_IDLE } from '../../sessions/session.js';
import { ENDS_REMEMBERED } from '../../sessions/session-history.js';
import { FIRST_FORMAT, FIXED_PART, IN_BROWSER, LAST_FORMAT } from './session-codec.js';

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

/**
 * Remembers a session that is being ended, see history-codec.ts; in the place of the oldest where there is no other. One
 * past an end is said to have ended then. Needs `now` and `keepUntil`, and a write before it: then it may fail and the rest
 * be done.
 */
export const REMEMBER = `
local slotNames, endedAt = {}, nil
for slot = 1, ${ENDS_REMEMBERED} do slotNames[slot] = 'h' .. string.char(96 + slot) end
local function remember(sid, session, details, letter, note, retention)
  local format = math.floor(session:byte(1) / 16)
  if retention <= 0 or format < ${FIRST_FORMAT} or format > ${LAST_FORMAT} then return end
  local _, seq, rotated, _, _, created, idle, absolute = struct.unpack('${FIXED_PART}', session)
  local at, over = math.floor(now / 1000), math.min(idle, absolute)
  if now >= over * 1000 then
    at, letter, note = over, 'e', (absolute <= idle and 'A' or 'I') .. string.rep('\\0', 6)
  end
  if not endedAt then
    endedAt = {}
    local kept = redis.call('HMGET', key, unpack(slotNames))
    for slot = 1, #slotNames do
      local till, ended = 0, 0
      if kept[slot] then till, ended = struct.unpack('>I4I4', kept[slot]) end
      endedAt[slot] = till * 1000 > now and ended or 0
    end
  end
  local slot = 1
  for other = 2, #slotNames do
    if endedAt[other] < endedAt[slot] then slot = other end
  end
  endedAt[slot] = at
  local past = struct.pack('>I4I4', math.floor((now + retention) / 1000), at) .. letter .. note:sub(1, 7) .. sid
    .. struct.pack('>I4I4I4', math.floor(created / 1000), math.floor(rotated / 1000), seq) .. note:sub(8)
  redis.pcall('HSET', key, slotNames[slot], past)
  local beside = 'H' .. string.char(96 + slot)
  if details and #details <= 64 then redis.pcall('HSET', key, beside, details) else redis.call('HDEL', key, beside) end
  keepUntil(now + retention)
end
`;
