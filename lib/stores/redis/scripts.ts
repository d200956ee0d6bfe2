import { createHash } from 'node:crypto';
import { onPrimary } from './prove-primary.js';

/** What every script begins with. Each is one step on one key, so it runs on a Cluster too. Each replies `{ status, now, … }`,
 *  and a write does nothing after the moment ARGV[1] of the server's clock, when whoever sent it has given up.
 *
 *  `recent` holds the ends of the envelopes that the last writes have stored. Each has a random nonce, so a write that arrives
 *  a second time, because a client sent it again on a new connection, is recognised and not refused. The last
 *  64 are kept: others may write often before the client is connected again. */
const BEGIN = `
local key = KEYS[1]
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
`;

/** What bodies may call. A script has only those that its body calls, since each costs time in every run. */
const HELPERS: Readonly<Record<string, string>> = {
  late: `local function late() return now >= tonumber(ARGV[1]) end\n`,
  mark: `local function mark(sealed, recent) return string.sub(string.sub(sealed, -8) .. (recent or ''), 1, 512) end\n`,
  repeated: `local function repeated(sealed, recent) return recent and string.find(recent, string.sub(sealed, -8), 1, true) end\n`,
  locked: `local function locked(token, holder, limit) return holder and (tonumber(limit) or 0) > now and holder ~= token end\n`,
  row: `local function row(...)
  local fields = redis.pcall('HMGET', key, ...)
  if fields.err then fields = {} for i = 1, select('#', ...) do fields[i] = false end end
  return fields
end\n`,
};

const helpersOf = (body: string): string =>
  Object.entries(HELPERS)
    .filter(([name]) => body.includes(`${name}(`))
    .map(([, helper]) => helper)
    .join('');

/** The bodies of the scripts. Redis looks for room (`maxmemory`) before the first write of a script alone, and only if that write can grow.
 *  So what adds a row or an entry begins with such a write, and what ends a row with one that frees: a full server takes no login, and
 *  each logout. One may set `proven` only behind a `redis.call` that writes in any case, see {@link onPrimary}.
 *
 *  The fields of a row are those of SessionRow, and: `indexed`, until when the subject's index has an entry for it; `hidden`,
 *  the old row of a move that is not done yet, and `base`, its version; `next`, the row that an old one was moved to, and
 *  `due`, its deadline once that row is shown; `lock` and `limit`, who changes the row alone, and until when. */
const BODIES = {
  load: `local one = row('state', 'version', 'sealed', 'hidden')
    return { tonumber(one[2]) and one[1] or false, now, one[2], one[3], one[4] }`,
  /** ARGV: until, deadline, hidden or '', the version of the hidden old row, then the row's fields and values; the first is
   *  `sealed`. A move that is tried again replaces the row of the try before, and never the other way round. */
  create: `local one = row('state', 'hidden', 'recent', 'base')
    local sealed = ARGV[6]
    if one[1] and repeated(sealed, one[3]) then return { 'saved', now } end
    local again = one[2] and one[2] == ARGV[3] and tonumber(one[4]) <= tonumber(ARGV[4])
    if one[1] and not again then return { 'duplicate', now } end
    if late() then return { 'late', now } end
    if one[1] then redis.call('DEL', key) end
    redis.call('HSET', key, 'state', 'live', 'version', 1, 'recent', mark(sealed), unpack(ARGV, 5))
    if ARGV[3] ~= '' then redis.call('HSET', key, 'hidden', ARGV[3], 'base', ARGV[4]) end
    redis.call('PEXPIREAT', key, ARGV[2])
    proven = true
    return { 'saved', now }`,
  /** ARGV: until, deadline, version, what to add to it, lock or '', subject or '', how long the index has an entry, sealed,
   *  seen. A touch, which adds 0, puts no clock back. */
  replace: `local one = row('state', 'version', 'recent', 'lock', 'limit', 'subject', 'indexed', 'hidden', 'seen')
    if one[1] ~= 'live' then return { 'gone', now } end
    if one[2] ~= ARGV[3] then return { repeated(ARGV[8], one[3]) and 'saved' or 'conflict', now } end
    if locked(ARGV[5], one[4], one[5]) then return { ARGV[4] == '0' and 'locked' or 'conflict', now } end
    if ARGV[4] == '0' and (tonumber(one[9]) or 0) > tonumber(ARGV[9]) then return { 'conflict', now } end
    local same = (one[6] or '') == ARGV[6]
    local indexed = math.max(same and tonumber(one[7] or 0) or 0, tonumber(ARGV[7]))
    if ARGV[6] ~= '' and indexed < tonumber(ARGV[2]) then return { 'unindexed', now } end
    if late() then return { 'late', now } end
    redis.call('HSET', key, 'sealed', ARGV[8], 'seen', ARGV[9], 'recent', mark(ARGV[8], one[3]), 'version', one[2] + ARGV[4])
    if ARGV[6] ~= '' then redis.call('HSET', key, 'subject', ARGV[6], 'indexed', string.format('%.0f', indexed)) end
    if ARGV[6] == '' and one[6] then redis.call('HDEL', key, 'subject', 'indexed') end
    if one[4] or one[8] then redis.call('HDEL', key, 'hidden', 'lock', 'limit') end
    redis.call('PEXPIREAT', key, ARGV[2])
    proven = true
    return { 'saved', now }`,
  /** ARGV: until, until when the row stays while the new row may be hidden, version, lock or '', the key of the new row, state,
   *  sealed, deadline. */
  bury: `local one = row('state', 'version', 'lock', 'limit', 'next', 'subject')
    if one[1] and one[1] ~= 'live' and one[5] == ARGV[5] then return { 'saved', now } end
    if one[1] ~= 'live' then return { 'gone', now } end
    if one[2] ~= ARGV[3] or locked(ARGV[4], one[3], one[4]) then return { 'conflict', now } end
    if late() then return { 'late', now } end
    redis.call('HDEL', key, 'hidden', 'lock', 'limit')
    redis.call('HSET', key, 'state', ARGV[6], 'sealed', ARGV[7], 'next', ARGV[5], 'due', ARGV[8], 'version', one[2] + 1)
    redis.call('PEXPIREAT', key, ARGV[2])
    proven = true
    return { 'saved', now, one[6] }`,
  /** ARGV: until, deadline, and the subject that the row must have, or ''. */
  destroy: `local one = row('state', 'version', 'subject')
    if one[1] ~= 'live' or (ARGV[3] ~= '' and one[3] ~= ARGV[3]) then return { 'gone', now } end
    if late() then return { 'late', now } end
    redis.call('HDEL', key, 'hidden', 'lock', 'limit')
    redis.call('HSET', key, 'state', 'ended', 'sealed', '', 'version', (tonumber(one[2]) or 0) + 1)
    redis.call('PEXPIREAT', key, ARGV[2])
    proven = true
    return { 'saved', now, one[3] }`,
  /** ARGV: until, the old row's key. */
  reveal: `if row('hidden')[1] == ARGV[2] then redis.call('HDEL', key, 'hidden') end
    return { 'saved', now }`,
  /** ARGV: until, the key of the new row, which is shown. The tombstone stays as long as it should by itself. */
  fade: `local one = row('next', 'due')
    if one[1] == ARGV[2] and one[2] then redis.call('PEXPIREAT', key, one[2]) end
    return { 'saved', now }`,
  /** ARGV: until, the old row's key, the end of the envelope. Leaves the row of a later try. */
  discard: `local one = row('hidden', 'recent')
    if one[1] == ARGV[2] and one[2] == ARGV[3] then redis.call('DEL', key) end
    return { 'saved', now }`,
  /** ARGV: until, which is also the end of the lock, and its holder. */
  lock: `local one = row('state', 'version', 'sealed', 'lock', 'limit')
    if one[1] ~= 'live' then return { 'gone', now } end
    if locked(ARGV[2], one[4], one[5]) then return { 'locked', now } end
    if late() then return { 'late', now } end
    redis.call('HSET', key, 'lock', ARGV[2], 'limit', ARGV[1])
    return { 'live', now, one[2], one[3] }`,
  /** ARGV: until, holder. */
  unlock: `if row('lock')[1] == ARGV[2] then redis.call('HDEL', key, 'lock', 'limit') end
    return { 'saved', now }`,
  /** ARGV: until, holder, milliseconds. The key is that of a session's lock, and not of a row. */
  acquire: `local holder = redis.call('GET', key)
    if holder and holder ~= ARGV[2] then return { 'locked', now } end
    if late() then return { 'late', now } end
    redis.call('SET', key, ARGV[2], 'PX', ARGV[3])
    return { 'saved', now }`,
  /** ARGV: until, holder, milliseconds. */
  renew: `if redis.call('GET', key) ~= ARGV[2] then return { 'gone', now } end
    if late() then return { 'late', now } end
    redis.call('PEXPIRE', key, ARGV[3])
    return { 'saved', now }`,
  /** ARGV: until, holder. */
  release: `if redis.call('GET', key) == ARGV[2] then redis.call('DEL', key) end
    return { 'saved', now }`,
  /** What `describe` tells, and the row's version and bytes. */
  find: `local one = row('state', 'hidden', 'subject', 'created', 'seen', 'next', 'version', 'sealed')
    return { one[1], now, one[2], one[3], one[4], one[5], one[6], now + redis.call('PTTL', key), one[7], one[8] }`,
  describe: `local one = row('state', 'hidden', 'subject', 'created', 'seen', 'next')
    return { one[1], now, one[2], one[3], one[4], one[5], one[6], now + redis.call('PTTL', key) }`,
  /** ARGV: until, the key of a row, how long its entry stays. Removes entries whose time is over. */
  enter: `redis.call('ZADD', key, 'GT', ARGV[3], ARGV[2])
    redis.call('PEXPIREAT', key, redis.call('ZREVRANGE', key, 0, 0, 'WITHSCORES')[2])
    redis.call('ZREMRANGEBYSCORE', key, '-inf', now)
    return { 'saved', now }`,
  names: `return { 'saved', now, redis.call('ZRANGE', key, 0, -1) }`,
  time: `return { 'saved', now, key }`,
  /** ARGV: until. A write of a key that nobody reads, and that is gone in a second: a replica, a full server and one that cannot
   *  save refuse it. */
  ping: `if late() then return { 'late', now } end
    redis.call('SET', key, '', 'PX', 1000)
    return { 'saved', now }`,
} as const;

export type ScriptName = keyof typeof BODIES;

/** Scripts that change nothing. */
const READS: readonly ScriptName[] = ['load', 'find', 'describe', 'names', 'time'];

/** Scripts that change nothing when they run a second time. */
const REPEATABLE: readonly ScriptName[] = [
  'enter',
  'reveal',
  'fade',
  'discard',
  'lock',
  'unlock',
  'acquire',
  'renew',
  'release',
];

export interface Script {
  readonly text: string;
  /** The SHA-1 by which Redis knows it once it is loaded. It protects nothing. */
  readonly sha: string;
  readonly isRead: boolean;
  /** True if a second run changes nothing. */
  readonly isRepeatable: boolean;
}

/** Returns scripts by name. `names` is what all bodies begin with, behind {@link BEGIN}. */
export function scriptsOf<N extends string>(
  bodies: Readonly<Record<N, string>>,
  reads: readonly N[],
  repeatable: readonly N[],
  names = '',
): Readonly<Record<N, Script>> {
  const all = Object.entries<string>(bodies).map(([name, body]) => {
    const text = BEGIN + helpersOf(names + body) + onPrimary(names + body);
    const isRead = reads.includes(name as N);
    const isRepeatable = isRead || repeatable.includes(name as N);
    return [name, { text, sha: createHash('sha1').update(text).digest('hex'), isRead, isRepeatable }];
  });
  return Object.fromEntries(all) as Readonly<Record<N, Script>>;
}

export const SCRIPTS = scriptsOf<ScriptName>(BODIES, READS, REPEATABLE);
