import { quote, type Diagnostics } from '../ini/diagnostics.js';
import type { Entry } from '../ini/entry.interface.js';
import { validOnlyIn } from '../ini/ini-scanner.js';
import type { RedisEntries } from '../ini/read-php-ini.js';
import type { PhpRedisStoreOptions } from '../redis/php-redis-options.js';

/** What settings and client say of sessions in Redis. */
export type SharedRedis = Pick<PhpRedisStoreOptions, 'client' | 'prefix' | 'phpLocks'>;

/** Addresses are separated by blanks and commas (PS_OPEN_FUNC, redis_session.c). */
const BETWEEN = /[\s,]+/;
const ADDRESS = /^(?:(?:tcp|tls|ssl):\/\/[^\s?#@/]+|unix:\/\/[^\s?#@]+|[^\s?#@/:]+:\d+)(?:\?([^#]*))?$/;
const EXAMPLE = 'session.save_path = "tcp://127.0.0.1:6379"';

/** Returns what the settings of php-redis stand for. Adds a fault for several servers and for compressed sessions, and a finding for what
 *  weakens the sharing. No message shows the path, since it may hold a password. */
export function readSharedRedis(
  { savePath, locking, lockExpire, compression, partly }: RedisEntries,
  client: object,
  diagnostics: Diagnostics,
): SharedRedis {
  const phpLocks = Boolean(Number.parseInt(locking?.text ?? '')); // php-redis reads a number, so "On" in quotes is off
  if (!phpLocks) diagnostics.addFinding(placeOf(locking, 'redis.session.locking_enabled'), UNLOCKED);
  else if (!Number(lockExpire?.text))
    diagnostics.addFinding(placeOf(lockExpire, 'redis.session.lock_expire'), UNASKED);
  if (compression) refuseCompression(compression, diagnostics);
  for (const entry of partly) reportPartly(entry, diagnostics);
  const query = new URLSearchParams(queryOf(savePath, diagnostics));
  const prefix = query.getAll('prefix').at(-1); // of a name that comes twice, PHP takes the last
  if (prefix?.includes('\0'))
    diagnostics.addFault(
      placeOf(savePath, 'session.save_path'),
      'session.save_path has a prefix with a zero byte; allowed: any other text',
    );
  const database = Number(query.getAll('database').at(-1) ?? 0);
  if (database)
    diagnostics.addFinding(
      placeOf(savePath, 'session.save_path'),
      `session.save_path names the database ${database}; let the client use it too`,
    );
  return { client, phpLocks, ...(prefix !== undefined && { prefix }) };
}

/** Adds a fault for a client that nothing would use. */
export function refuseClient(diagnostics: Diagnostics): void {
  const rest = 'is only for session.save_handler = redis with sharedUnsealed: true; remove it, or write both';
  diagnostics.addFault({ at: 'redisClient', order: Infinity }, `redisClient ${rest}`);
}

/** Reports a setting of one host or path: one host that compresses is enough to make sessions unreadable. */
function reportPartly(entry: Entry, diagnostics: Diagnostics): void {
  const { name, place, section } = entry;
  if (name === 'redis.session.compression') refuseCompression(entry, diagnostics);
  else diagnostics.addFinding(place, `${name} ${validOnlyIn(section!)}`);
}

/** Adds a fault for a compression: its bytes would count as those of another serializer, so that every visitor would be anonymous.
 *  php-redis compresses nothing for `none` and for an empty text (session_compression_type, redis_session.c). */
function refuseCompression({ name, text, shown, problem, place }: Entry, diagnostics: Diagnostics): void {
  if (problem) return diagnostics.addFault(place, `${name} ${problem}`);
  if (/^(?:none)?$/i.test(text)) return;
  const why = `is ${quote(shown)}, and compressed sessions cannot be read here; allowed: none, or nothing`;
  diagnostics.addFault(
    place,
    `${name} ${why}; write ${name} = none in every php.ini that uses the server; users then begin new sessions`,
  );
}

/** Returns the query of the address. */
function queryOf(savePath: Entry | undefined, diagnostics: Diagnostics): string {
  const place = placeOf(savePath, 'session.save_path');
  const servers = savePath?.text.split(BETWEEN).filter(Boolean) ?? [];
  const [, query = ''] = ADDRESS.exec(servers[0] ?? '') ?? [];
  const refuse = (why: string) => diagnostics.addFault(place, `session.save_path ${why}; write ${EXAMPLE}`);
  if (!servers.length) refuse('is not set, so php-redis has no server');
  else if (servers.length > 1)
    refuse(
      `has ${servers.length} servers, over which php-redis spreads the sessions by their ids and weights; allowed: one`,
    );
  else if (!ADDRESS.test(servers[0]!))
    refuse('has an address that php-redis does not read; allowed: tcp://HOST:PORT?prefix=…');
  return query;
}

const placeOf = (entry: Entry | undefined, name: string) => entry?.place ?? { at: name, order: Infinity };

const UNASKED =
  'redis.session.lock_expire is not set, so a page of PHP writes a session back that has ended here meanwhile, and PHP sees it again; write for example redis.session.lock_expire = 60, more than max_execution_time';
const UNLOCKED =
  'redis.session.locking_enabled is not on, so a page of PHP overwrites what this application has changed meanwhile; write redis.session.locking_enabled = 1';
