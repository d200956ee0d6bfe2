import { scriptsOf } from '../../stores/redis/scripts.js';

/** Each script has the key of a session. php-redis keeps its lock under the same key with `_LOCK` (redis_session.c). With `_NSC_ENDED`
 *  we note that we have ended the session, and for how many milliseconds: a page of PHP without a lock may write it again afterwards.
 *  Whoever meets such a session removes it with its lock, as `finish` does, and notes the end for the whole time anew, since that page
 *  may come again. A server that refuses this, such as a new replica, still replies that there is no session. No id contains `_`. */
const NAMES = `
local lock = key .. '_LOCK'
local ended = key .. '_NSC_ENDED'
local function bytes() return redis.pcall('GETRANGE', key, 0, 67174399) end
local function longest(...) return string.format('%.0f', math.max(redis.call('PTTL', ended), ...)) end
local function isThere()
  if redis.call('EXISTS', key) == 0 then return false end
  local kept = redis.call('GET', ended)
  if not kept then return true end
  redis.pcall('PEXPIRE', ended, longest(kept, redis.call('PTTL', key)))
  redis.pcall('DEL', key, lock)
  return false
end
`;

const BODIES = {
  /** Replies with the bytes and the milliseconds that are left. */
  read: `if not isThere() then return { 'gone', now } end
    local found = bytes()
    if type(found) == 'table' then return { 'gone', now } end
    return { 'live', now, found, redis.call('PTTL', key) }`,
  /** ARGV: until, holder, milliseconds. Locks a session that is there, and reads it. */
  lock: `local found = bytes()
    if not isThere() or type(found) == 'table' then return { 'gone', now } end
    local holder = redis.call('GET', lock)
    if holder and holder ~= ARGV[2] then return { 'locked', now } end
    if late() then return { 'late', now } end
    redis.call('SET', lock, ARGV[2], 'PX', ARGV[3])
    return { 'live', now, found, redis.call('PTTL', key) }`,
  /** ARGV: until, holder. */
  unlock: `if redis.call('GET', lock) == ARGV[2] then redis.call('DEL', lock) end
    return { 'saved', now }`,
  /** ARGV: until, milliseconds, holder, before, bytes. Unlocks too: php-redis waits for a lock for 20 ms by default. */
  write: `local found = bytes()
    if found == ARGV[5] and redis.call('EXISTS', lock) == 0 then return { 'saved', now } end
    if redis.call('GET', lock) ~= ARGV[3] then return { 'unlocked', now } end
    if not isThere() or found ~= ARGV[4] then return { 'changed', now } end
    if late() then return { 'late', now } end
    redis.call('SET', key, ARGV[5], 'PX', ARGV[2])
    redis.call('DEL', lock)
    return { 'saved', now }`,
  /** ARGV: until, milliseconds, bytes. */
  create: `if redis.call('EXISTS', key, ended) > 0 then return { bytes() == ARGV[3] and 'saved' or 'duplicate', now } end
    if late() then return { 'late', now } end
    redis.call('SET', key, ARGV[3], 'PX', ARGV[2])
    return { 'saved', now }`,
  /** ARGV: until, milliseconds. */
  touch: `if late() then return { 'late', now } end
    if isThere() then redis.call('PEXPIRE', key, ARGV[2]) end
    return { 'saved', now }`,
  /** ARGV: until, milliseconds for which the end is noted. Takes the lock away from a page of PHP, which then writes nothing. */
  finish: `if late() then return { 'late', now } end
    local found = isThere()
    redis.call('DEL', key, lock)
    local kept = longest(ARGV[2])
    redis.call('SET', ended, kept, 'PX', kept)
    return { found and 'saved' or 'gone', now }`,
  time: `return { 'saved', now }`,
} as const;

export type PhpRedisScript = keyof typeof BODIES;

export const PHP_REDIS_SCRIPTS = scriptsOf<PhpRedisScript>(
  BODIES,
  ['time'],
  ['read', 'lock', 'unlock', 'write', 'create', 'touch', 'finish'],
  NAMES,
);
