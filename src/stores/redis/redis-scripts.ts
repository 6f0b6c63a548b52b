import { BROWSER_IDLE } from '../../sessions/session.js';
import { scriptOf, type RedisScript } from './redis-script.js';
import { FIRST_FORMAT, FIXED_PART, HAS_GENERATION, IN_BROWSER, LAST_FORMAT } from './session-codec.js';
import { LETTER_STRENGTHS } from './session-hash.js';

/*
 * One hash per subject, so that a subject's sessions are one key: one look-up, one slot, one expiry. A second key
 * would make every script fail while a cluster moves the slot (TRYAGAIN until the last key has moved).
 *
 *   <sid>      16 bytes   the packed session
 *   <sid> d    17 bytes   its details, if any
 *   <sid> c    17 bytes   its own claims, if any, see claims-codec.ts
 *   <sid> x    17 bytes   tombstone: until when (ms), reason
 *   g          1 byte     noted generation: generation, until when (ms)
 *   c          1 byte     the last change of the subject's claims, see claims-codec.ts
 *
 * No `#!lua` line: with it Redis 7 refuses a script whole when memory is out, and 6.2 does not know it. Without it
 * Redis refuses just the first write that needs memory; after any other write (here an HDEL) it lets all pass.
 * That is used on purpose in `end` and `raiseGeneration`, and avoided elsewhere by writing with HSET first.
 * Nothing is rolled back, so every check comes before the first write.
 */

// Pieces of Lua. Each script takes just those it needs: a function not made saves some of its ten microseconds.
const NOW = `
local key = KEYS[1]
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
`;
const NOTED = `
local function noted(value)
  if not value then return 0 end
  local generation, expires = struct.unpack('>I7I6', value)
  return expires > now and generation or 0
end
`;
const REASON = `
local function reason(value)
  return value and struct.unpack('>I6', value) > now and value:sub(7) or false
end
`;
// Never lowers: the key must outlive whatever in it lives longest.
const KEEP_UNTIL = `
local function keepUntil(moment)
  if now + redis.call('PTTL', key) < moment then redis.call('PEXPIREAT', key, moment) end
end
`;
// Before the first write to a session, and before any statement about it.
const checkFormat = (session: string): string => `
local format = math.floor(${session}:byte(1) / 16)
if format < ${FIRST_FORMAT} or format > ${LAST_FORMAT} then
  return redis.error_reply('FORMAT a session was stored in a format of another version')
end`;
// What ends with its browser is idle after a day at the latest.
const IDLE_TTL = `
local function idleTtl(head, ttl)
  return math.floor(head / ${IN_BROWSER}) % 2 == 1 and math.min(ttl, ${BROWSER_IDLE}) or tonumber(ttl)
end
`;
// Only sessions of the later format have claims of their own.
const OWN_CLAIMS = `
local function own(session, sid)
  return session:byte(1) >= ${LAST_FORMAT * 16} and redis.call('HGET', key, sid .. 'c')
end
`;
const CHANGED = `
local function changed(value)
  if not value then return 0 end
  local at, expires = struct.unpack('>I6I6', value)
  return expires > now and at or 0
end
`;

/** sid, template, details, generation, idleTtl, absoluteTtl, maxSessions, own claims -> outcome, now, session | sids, details, own claims, change */
const open = `${NOW}${NOTED}${REASON}${KEEP_UNTIL}${IDLE_TTL}${OWN_CLAIMS}
local sid, template, details, ownClaims = ARGV[1], ARGV[2], ARGV[3], ARGV[8]
local head, _, _, attempt, secret, _, _, _, at = struct.unpack('${FIXED_PART}', template)
local fields = redis.call('HGETALL', key)
local live, over, generation, change, stored = {}, {}, 0, false, false
for i = 1, #fields, 2 do
  local field, value = fields[i], fields[i + 1]
  if field == 'g' then
    generation = noted(value)
  elseif field == 'c' then
    change = value
    local _, expires = struct.unpack('>I6I6', value)
    if expires <= now then over[#over + 1] = field end
  elseif #field == 16 then
    ${checkFormat('value')}
    local _, _, _, _, storedSecret, created, idle, absolute = struct.unpack('${FIXED_PART}', value)
    if now >= idle * 1000 or now >= absolute * 1000 then
      if field ~= sid then over[#over + 1] = field end
      if field ~= sid or details == '' then over[#over + 1] = field .. 'd' end
      if field ~= sid or ownClaims == '' then over[#over + 1] = field .. 'c' end
    elseif field == sid then
      if storedSecret ~= secret then return {'taken', now} end
      stored = value
    else
      live[#live + 1] = {created, field}
    end
  elseif field:sub(17) == 'x' and not reason(value) then
    over[#over + 1] = field
  elseif field:sub(17) == 'c' and redis.call('HEXISTS', key, field:sub(1, 16)) == 0 then
    -- Left behind by the release before, which does not know the field.
    over[#over + 1] = field
  end
end
if stored then return {'opened', now, stored, redis.call('HGET', key, sid .. 'd'), own(stored, sid), change} end

if ARGV[4] ~= '' then
  if tonumber(ARGV[4]) < generation then return {'outdated', now} end
  generation = tonumber(ARGV[4])
end

local surplus = #live + 1 - tonumber(ARGV[7])
if surplus > 0 then
  table.sort(live, function(a, b) return a[1] < b[1] or a[1] == b[1] and a[2] < b[2] end)
  local oldest = {}
  for i = 1, math.min(surplus, #live) do oldest[i] = live[i][2] end
  return {'full', now, oldest}
end

local absolute = math.floor((now + ARGV[6]) / 1000)
local idle = math.min(math.floor((now + idleTtl(head, ARGV[5])) / 1000), absolute)
local tail = template:sub(at)
if generation > 0 then
  head = head + ${HAS_GENERATION}
  tail = struct.pack('>I7', generation) .. tail
end
local session = struct.pack('${FIXED_PART}', head, 0, now, attempt, secret, now, idle, absolute) .. tail
local written = {sid, session}
if details ~= '' then
  written[3], written[4] = sid .. 'd', details
end
if ownClaims ~= '' then
  ownClaims = struct.pack('>I6', 0) .. ownClaims
  written[#written + 1], written[#written + 2] = sid .. 'c', ownClaims
end
redis.call('HSET', key, unpack(written))
for _, field in ipairs(over) do redis.call('HDEL', key, field) end
keepUntil(absolute * 1000)
return {'opened', now, session, details ~= '' and details, ownClaims ~= '' and ownClaims, change}
`;

// The reason is asked for only where there is no session: half a microsecond less for each refresh.
const LOOK = `${NOW}${NOTED}${OWN_CLAIMS}
local found = redis.call('HMGET', key, ARGV[1], ARGV[1] .. 'd', 'g', 'c')
local session, generation = found[1], noted(found[3])
if not session then
  ${REASON}
  return {now, generation, false, false, reason(redis.call('HGET', key, ARGV[1] .. 'x')), false, found[4], 0}
end
`;

/** sid -> now, generation, session, details, reason, own claims, change */
const find = `${LOOK}
return {now, generation, session, found[2], false, own(session, ARGV[1]), found[4]}
`;

/**
 * sid, secretHash, generation, expectSeq, nextSeq, attempt, idleTtl, healedIdleEnd, claimsAt
 * -> now, generation, session, details, reason, own claims, change, advanced
 */
const advance = `${LOOK}${CHANGED}${IDLE_TTL}
${checkFormat('session')}
local advanced = 0
local head, seq, _, _, secret, created, idle, absolute, at = struct.unpack('${FIXED_PART}', session)
if ARGV[8] ~= '' then idle = math.min(ARGV[8] / 1000, absolute) end
if secret == ARGV[2] and seq == tonumber(ARGV[4]) and generation <= tonumber(ARGV[3])
  and (ARGV[9] == '' or changed(found[4]) < tonumber(ARGV[9])) and now < idle * 1000 and now < absolute * 1000 then
  if ARGV[7] ~= '' then idle = math.min(math.floor((now + idleTtl(head, ARGV[7])) / 1000), absolute) end
  session = struct.pack('${FIXED_PART}', head, ARGV[5], now, ARGV[6], secret, created, idle, absolute) .. session:sub(at)
  redis.call('HSET', key, ARGV[1], session)
  advanced = 1
end
return {now, generation, session, found[2], false, own(session, ARGV[1]), found[4], advanced}
`;

/** sid, generation, idleTtl -> now, generation, session, details, reason, own claims, change, alive */
const extend = `${LOOK}${IDLE_TTL}
${checkFormat('session')}
local head, seq, rotated, attempt, secret, created, idle, absolute, at = struct.unpack('${FIXED_PART}', session)
if generation > tonumber(ARGV[2]) or now >= idle * 1000 or now >= absolute * 1000 then
  return {now, generation, session, found[2], false, own(session, ARGV[1]), found[4], 0}
end
local moved = math.min(math.floor((now + idleTtl(head, ARGV[3])) / 1000), absolute)
if moved > idle then
  local fixed = struct.pack('${FIXED_PART}', head, seq, rotated, attempt, secret, created, moved, absolute)
  session = fixed .. session:sub(at)
  redis.call('HSET', key, ARGV[1], session)
end
return {now, generation, session, found[2], false, own(session, ARGV[1]), found[4], 1}
`;

/** sid, claims -> now, generation, session, details, reason, own claims, change, at or 0 */
const setSessionClaims = `${LOOK}${CHANGED}
${checkFormat('session')}
local head, seq, rotated, attempt, secret, created, idle, absolute, next = struct.unpack('${FIXED_PART}', session)
local before = own(session, ARGV[1])
if now >= idle * 1000 or now >= absolute * 1000 then
  return {now, generation, session, found[2], false, before, found[4], 0}
end
local at = math.max(now, changed(found[4]) + 1)
if before then at = math.max(at, struct.unpack('>I6', before) + 1) end
local claims = struct.pack('>I6', at) .. ARGV[2]
head = head % 16 + ${LAST_FORMAT * 16}
session = struct.pack('${FIXED_PART}', head, seq, rotated, attempt, secret, created, idle, absolute) .. session:sub(next)
redis.call('HSET', key, ARGV[1], session, ARGV[1] .. 'c', claims)
return {now, generation, session, found[2], false, claims, found[4], at}
`;

// Who logs in and out in a loop must not grow a hash that `open` reads whole: the reasons are dropped instead.
const MOST_FIELDS = 4096;

// A reason that is noted stays, unless the new one is stronger; one of a version to come stays as well.
const NOTE_ENDS = `
local strengths = {${Object.entries(LETTER_STRENGTHS)
  .map(([letter, strength]) => `${letter} = ${strength}`)
  .join(', ')}}
local function noteEnds(sids, letter, retention)
  if retention <= 0 or #sids == 0 or redis.call('HLEN', key) >= ${MOST_FIELDS} then return end
  local tombstone = struct.pack('>I6', now + retention) .. letter
  for _, sid in ipairs(sids) do
    local noted = reason(redis.call('HGET', key, sid .. 'x'))
    if not noted or (strengths[noted] or math.huge) < strengths[letter] then
      redis.pcall('HSET', key, sid .. 'x', tombstone)
    end
  end
  keepUntil(now + retention)
end
`;

/** reason, retention, sid… -> 1 or 0 for each sid */
const end = `${NOW}${REASON}${KEEP_UNTIL}${NOTE_ENDS}
local there, sids = {}, {}
for i = 3, #ARGV do
  sids[i - 2] = ARGV[i]
  there[i - 2] = redis.call('HDEL', key, ARGV[i])
  redis.call('HDEL', key, ARGV[i] .. 'd', ARGV[i] .. 'c')
end
noteEnds(sids, ARGV[1], tonumber(ARGV[2]))
return there
`;

/** generation, reason, retention -> sid… */
const endBelow = `${NOW}${REASON}${KEEP_UNTIL}${NOTE_ENDS}
local fields, older, live = redis.call('HGETALL', key), {}, {}
for i = 1, #fields, 2 do
  local field, value = fields[i], fields[i + 1]
  -- One of a version to come is left alone: its generation is compared when it is used.
  if #field == 16 and value:byte(1) < ${(LAST_FORMAT + 1) * 16} then
    local head, _, _, _, _, _, idle, absolute, at = struct.unpack('${FIXED_PART}', value)
    local generation = math.floor(head / ${HAS_GENERATION}) % 2 == 1 and struct.unpack('>I7', value, at) or 0
    if generation < tonumber(ARGV[1]) then
      older[#older + 1] = field
      if now < idle * 1000 and now < absolute * 1000 then live[#live + 1] = field end
    end
  end
end
for _, sid in ipairs(older) do redis.call('HDEL', key, sid, sid .. 'd', sid .. 'c') end
noteEnds(live, ARGV[2], tonumber(ARGV[3]))
return live
`;

/** -> now, field, value… */
const list = `${NOW}
return {now, redis.call('HGETALL', key)}
`;

/** target, keep -> generation */
const raiseGeneration = `${NOW}${NOTED}${KEEP_UNTIL}
local stored = redis.call('HGET', key, 'g')
local generation, expires = math.max(noted(stored), tonumber(ARGV[1])), now + ARGV[2]
if stored then
  local _, before = struct.unpack('>I7I6', stored)
  expires = math.max(expires, before)
end
redis.call('HDEL', key, '')
redis.call('HSET', key, 'g', struct.pack('>I7I6', generation, expires))
keepUntil(expires)
return generation
`;

/** keep, claims -> at */
const changeClaims = `${NOW}${KEEP_UNTIL}
local stored = redis.call('HGET', key, 'c')
local at, expires, claims = now, now + ARGV[1], ARGV[2]
if stored then
  local before, until_, rest = struct.unpack('>I6I6', stored)
  if until_ > now then
    at, expires = math.max(at, before + 1), math.max(expires, until_)
    if claims == '' then claims = stored:sub(rest) end
  end
end
-- After each change of a session's own claims as well: what was made from that one is dated one later.
for _, field in ipairs(redis.call('HKEYS', key)) do
  if field:sub(17) == 'c' then at = math.max(at, struct.unpack('>I6', redis.call('HGET', key, field)) + 1) end
end
redis.call('HDEL', key, '')
redis.call('HSET', key, 'c', struct.pack('>I6I6', at, expires) .. claims)
keepUntil(expires)
return at
`;

/** -> generation */
const generationOf = `${NOW}${NOTED}
return noted(redis.call('HGET', key, 'g'))
`;

/** Every script works on the one key of a subject. */
const SOURCES = {
  open,
  find,
  advance,
  extend,
  end,
  endBelow,
  list,
  raiseGeneration,
  changeClaims,
  setSessionClaims,
  generationOf,
} as const;

export type RedisScriptName = keyof typeof SOURCES;
export type RedisScripts = Readonly<Record<RedisScriptName, RedisScript>>;

export const REDIS_SCRIPTS = Object.fromEntries(
  Object.entries(SOURCES).map(([name, lua]) => [name, scriptOf(lua)]),
) as unknown as RedisScripts;
