import { scriptsOf } from './scripts.js';

/** The bodies of the scripts of `redisKeyStore`. A ring is one hash: a field for each key, whose value is the row as JSON. Each
 *  script is one step on one key, so it runs on a Cluster too. Doing one twice does nothing the second time. */
const BODIES = {
  time: `return { 'saved', now, key }`,
  loadKeys: `return { 'saved', now, unpack(redis.call('HVALS', key)) }`,
  /** ARGV: until, id, row. */
  insertKey: `if late() then return { 'late', now } end
    return { redis.call('HSETNX', key, ARGV[2], ARGV[3]) == 1 and 'saved' or 'conflict', now }`,
  /** ARGV: until, id, the version that the row must have, row. */
  updateKey: `local row = redis.call('HGET', key, ARGV[2])
    if not row or cjson.decode(row).version ~= tonumber(ARGV[3]) then return { 'conflict', now } end
    if late() then return { 'late', now } end
    redis.call('HSET', key, ARGV[2], ARGV[4])
    return { 'saved', now }`,
  /** ARGV: until, id, the version that the row must have. */
  removeKey: `local row = redis.call('HGET', key, ARGV[2])
    if not row or cjson.decode(row).version ~= tonumber(ARGV[3]) then return { 'conflict', now } end
    if late() then return { 'late', now } end
    redis.call('HDEL', key, ARGV[2])
    return { 'saved', now }`,
} as const;

export type KeyScriptName = keyof typeof BODIES;

const WRITES = ['insertKey', 'updateKey', 'removeKey'] as const;

export const KEY_SCRIPTS = scriptsOf<KeyScriptName>(BODIES, ['time', 'loadKeys'], WRITES);
