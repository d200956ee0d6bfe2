/** Returns a write that changes nothing, also where there is no such key, of the type that a body reads. */
function writeOf(body: string): string {
  if (/'GET(RANGE)?'/.test(body)) return `'SETRANGE', key, 0, ''`;
  return body.includes(`'Z`) ? `'ZREM', key, ''` : `'HDEL', key, ''`;
}

/** Returns a body that replies READONLY on a replica, also where it only reads: what a server knows that was demoted is old. Redis
 *  itself refuses nothing but writes. The code is that of Redis, by which clients know that they must connect anew.
 *
 *  Redis 6.2 would tell its replicas and its log of each write, also of one that changes nothing, so the proof is kept from them.
 *
 *  A body that has written needs no proof, and sets `proven`: on a replica its write has failed.
 *
 *  The proof comes last, since Redis looks for room (`maxmemory`) before the first write of a script alone. Its other faults say
 *  nothing of the role: a server that is full, or cannot save, may be read. Redis 6.2 puts `-` before the code. */
export const onPrimary = (body: string): string => `
local proven = false
local function step() ${body} end
local reply = step()
if proven then return reply end
pcall(redis.set_repl, redis.REPL_NONE)
local proof = redis.pcall(${writeOf(body)})
if type(proof) == 'table' and string.find(proof.err, '^-?READONLY') then
  return redis.error_reply('READONLY The server is a replica')
end
return reply
`;

/** The arguments of a command that a server replies READONLY to if it is a replica. It has no key, so any server of a Cluster runs it; the
 *  server looks for its role before it looks whether it has that key. */
export const proofAt = (key: string): string[] => [
  'EVAL',
  `local key = ARGV[1] ${onPrimary('return 1')}`,
  '0',
  key,
];
