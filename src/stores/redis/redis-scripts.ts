import { scriptOf, type RedisScript } from './redis-script.js';
import { open } from './redis-open-script.js';
import {
  NOW,
  NOTED,
  REASON,
  KEEP_UNTIL,
  checkFormat,
  IDLE_TTL,
  CHANGED,
  LOOK,
  REMEMBER,
} from './redis-script-pieces.js';
import { FIXED_PART, HAS_GENERATION, LAST_FORMAT } from './session-codec.js';
import { LETTER_STRENGTHS } from './session-hash.js';

/*
 * One hash per subject, so that a subject's sessions are one key: one look-up, one slot, one expiry. A second key
 * would make every script fail while a cluster moves the slot (TRYAGAIN until the last key has moved).
 *
 *   <sid>      16 bytes   the packed session
 *   <sid> d    17 bytes   its details, if any
 *   <sid> c    17 bytes   its own claims, if any, see claims-codec.ts
 *   <sid> x    17 bytes   tombstone: until when (ms), reason
 *   h <slot>, H <slot>    the latest sessions that have ended, see history-codec.ts
 *   g          1 byte     noted generation: generation, until when (ms)
 *   c          1 byte     the last change of the subject's claims, see claims-codec.ts
 *
 * No `#!lua` line: with it Redis 7 refuses a script whole when memory is out, and 6.2 does not know it. Without it
 * Redis refuses just the first write that needs memory; after any other write (here an HDEL) it lets all pass.
 * That is used on purpose in `end` and `raiseGeneration`, and avoided elsewhere by writing with HSET first.
 * Nothing is rolled back, so every check comes before the first write.
 */

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

/** reason, retention, note, sid… -> 1 or 0 for each sid */
const end = `${NOW}${REASON}${KEEP_UNTIL}${NOTE_ENDS}${REMEMBER}
local there, sids = {}, {}
for i = 4, #ARGV do
  sids[i - 3] = ARGV[i]
  local found = redis.call('HMGET', key, ARGV[i], ARGV[i] .. 'd')
  there[i - 3] = redis.call('HDEL', key, ARGV[i])
  redis.call('HDEL', key, ARGV[i] .. 'd', ARGV[i] .. 'c')
  if found[1] then remember(ARGV[i], found[1], found[2], ARGV[1], ARGV[3], tonumber(ARGV[2])) end
end
noteEnds(sids, ARGV[1], tonumber(ARGV[2]))
return there
`;

/** generation, reason, retention, note -> sid… */
const endBelow = `${NOW}${REASON}${KEEP_UNTIL}${NOTE_ENDS}${REMEMBER}
local fields, older, live = redis.call('HGETALL', key), {}, {}
for i = 1, #fields, 2 do
  local field, value = fields[i], fields[i + 1]
  -- One of a version to come is left alone: its generation is compared when it is used.
  if #field == 16 and value:byte(1) < ${(LAST_FORMAT + 1) * 16} then
    local head, _, _, _, _, _, idle, absolute, at = struct.unpack('${FIXED_PART}', value)
    local generation = math.floor(head / ${HAS_GENERATION}) % 2 == 1 and struct.unpack('>I7', value, at) or 0
    if generation < tonumber(ARGV[1]) then
      older[#older + 1] = {field, value}
      if now < idle * 1000 and now < absolute * 1000 then live[#live + 1] = field end
    end
  end
end
for _, one in ipairs(older) do
  local sid = one[1]
  local details = redis.call('HGET', key, sid .. 'd')
  redis.call('HDEL', key, sid, sid .. 'd', sid .. 'c')
  remember(sid, one[2], details, ARGV[2], ARGV[4], tonumber(ARGV[3]))
end
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
