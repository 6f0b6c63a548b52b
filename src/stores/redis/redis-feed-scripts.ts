import { scriptOf } from './redis-script.js';

/*
 * The stream of the feed. An entry has the field `e`, a revocation as JSON, and `at`, when it was published; or just `k`,
 * a mark: the retention in milliseconds that some instance needs (see `RetentionMarks`). The id of an entry is not its
 * time: after a failover the ids may be ahead of the clock.
 *
 * Only what can meet no token any more is trimmed, by what each entry says of itself, and the expiry only ever moves
 * away: an instance with short settings must not take from the others what they need.
 */

/**
 * Looks only at the oldest entries, some more than are added, and trims before the first that must stay. The trim comes
 * first and always: after one write Redis lets the others pass when its memory is out, and to revoke must work then too.
 */
const TRIM = `
local key, retention = KEYS[1], tonumber(ARGV[1])
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local function isOver(id, fields)
  local published = tonumber(fields[4]) or tonumber(id:match('^%d+'))
  if fields[1] == 'k' then return published + 2 * (tonumber(fields[2]) or 0) <= now end
  local isRead, revocation = pcall(cjson.decode, fields[2])
  if not isRead or type(revocation) ~= 'table' then revocation = {} end
  return (tonumber(revocation.at) or published) + (tonumber(revocation.keepFor) or retention) <= now
end
local oldest = 0
for _, entry in ipairs(redis.call('XRANGE', key, '-', '+', 'COUNT', #ARGV + 16)) do
  oldest = entry[1]
  if not isOver(entry[1], entry[2]) then break end
end
redis.call('XTRIM', key, 'MINID', oldest)
local function keepFor(milliseconds)
  if redis.call('PTTL', key) < milliseconds then redis.call('PEXPIRE', key, milliseconds) end
end
`;

/** retention, entry… -> the id of the last entry, empty for none; the time of publication, milliseconds */
const publish = `${TRIM}
local last = ''
for i = 2, #ARGV do last = redis.call('XADD', key, '*', 'e', ARGV[i], 'at', now) end
keepFor(retention)
return {last, now}
`;

/** retention -> the id of the entry; the time of publication, milliseconds */
const mark = `${TRIM}
local last = redis.call('XADD', key, '*', 'k', ARGV[1], 'at', now)
keepFor(2 * retention)
return {last, now}
`;

/** Every script works on the one stream. */
export const REDIS_FEED_SCRIPTS = { publish: scriptOf(publish), mark: scriptOf(mark) } as const;
