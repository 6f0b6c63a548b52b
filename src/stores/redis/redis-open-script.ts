import { NOW, NOTED, REASON, KEEP_UNTIL, checkFormat, IDLE_TTL, OWN_CLAIMS, REMEMBER } from './redis-script-pieces.js';
import { FIXED_PART, HAS_GENERATION } from './session-codec.js';

/** sid, template, details, generation, idleTtl, absoluteTtl, maxSessions, own claims, replaced, retention -> outcome, now, session | sids, details, own claims, change, whether replaced */
export const open = `${NOW}${NOTED}${REASON}${KEEP_UNTIL}${IDLE_TTL}${OWN_CLAIMS}${REMEMBER}
local sid, template, details, ownClaims = ARGV[1], ARGV[2], ARGV[3], ARGV[8]
local head, _, _, attempt, secret, _, _, _, at = struct.unpack('${FIXED_PART}', template)
local fields = redis.call('HGETALL', key)
local live, over, past, generation, change, stored, replaced = {}, {}, {}, 0, false, false, 0
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
      if field ~= sid then
        over[#over + 1] = field
        past[#past + 1] = {field, value}
      end
      if field ~= sid or details == '' then over[#over + 1] = field .. 'd' end
      if field ~= sid or ownClaims == '' then over[#over + 1] = field .. 'c' end
    elseif field == sid then
      if storedSecret ~= secret then return {'taken', now} end
      stored = value
    elseif field == ARGV[9] then
      replaced = 1
      past[#past + 1] = {field, value}
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
if stored then return {'opened', now, stored, redis.call('HGET', key, sid .. 'd'), own(stored, sid), change, 0} end

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
for _, one in ipairs(past) do
  local note = 'n' .. string.rep('\\0', 6)
  remember(one[1], one[2], redis.call('HGET', key, one[1] .. 'd'), 'p', note, tonumber(ARGV[10]))
end
if replaced == 1 then redis.call('HDEL', key, ARGV[9], ARGV[9] .. 'd', ARGV[9] .. 'c') end
for _, field in ipairs(over) do redis.call('HDEL', key, field) end
keepUntil(absolute * 1000)
return {'opened', now, session, details ~= '' and details, ownClaims ~= '' and ownClaims, change, replaced}
`;
