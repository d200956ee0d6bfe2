import { SessionStoreError } from '../../errors/session-store.error.js';
import type { AuditFinding } from '../audit-finding.interface.js';
import { within } from '../time-limit.js';
import type { RedisServer, Send } from './client.interface.js';
import { faultOfClient } from './find-server.js';
import { reasonOf } from './reply-error.js';
import type { ScriptRunner } from './script-runner.js';

/** The oldest version whose commands suffice: ZADD with GT. */
const OLDEST = '6.2';

type Facts = Readonly<Record<string, string>>;

/** Asks every primary for its version, role and settings, and resolves to what the operator should know. Rejects with a
 *  SessionConfigError if one cannot keep sessions, and with a SessionStoreError if one cannot now: a replica may be promoted. `key`
 *  is any key of the store. */
export async function inspectServer(
  server: RedisServer,
  runner: ScriptRunner<'time'>,
  key: string,
): Promise<readonly AuditFinding[]> {
  if (!server.isOpen())
    throw faultOfClient('is not connected: await client.connect() before the application starts');
  await checkScripts(server, runner, key); // before the rest, since it waits until a client knows the primaries of its Cluster
  const facts = await within(runner.end(), factsOfAll(server)).catch((error: unknown) => {
    throw new SessionStoreError('open', reasonOf(error));
  });
  for (const one of facts) checkFacts(one);
  return facts.some((one) => !Object.keys(one).length)
    ? [HIDDEN]
    : [...evictionFindings(facts), ...persistenceFindings(facts)];
}

const factsOfAll = async (server: RedisServer): Promise<Facts[]> =>
  Promise.all((await server.primaries()).map(factsOf));

/** Returns the lines `name:value` of INFO, and what CONFIG says of snapshots; nothing where a hosted service forbids them. */
async function factsOf(send: Send): Promise<Facts> {
  const text = await send(['INFO']).then(String, (error: unknown) => {
    if (['NOPERM', 'ERR'].includes(reasonOf(error))) return '';
    throw error;
  });
  const facts = Object.fromEntries(
    [...text.matchAll(/^(\w+):(.*?)\r?$/gm)].map(([, name, value]) => [name, value]),
  );
  const snapshots = text && (await send(['CONFIG', 'GET', 'save']).catch(() => undefined));
  return snapshots ? { ...facts, save: saveOf(snapshots) } : facts;
}

/** A list of name and value, or a map with RESP 3. */
const saveOf = (reply: unknown): string =>
  String(Array.isArray(reply) ? reply[1] : Object.values(reply as object)[0]);

function checkFacts({ redis_version: version, role }: Facts): void {
  if (version !== undefined && !isAtLeast(version, OLDEST))
    throw faultOfClient(`the server is Redis ${version}; needed is ${OLDEST} or later, or Valkey`);
  if (role === 'slave') throw new SessionStoreError('open', 'READONLY');
}

function isAtLeast(version: string, oldest: string): boolean {
  const [[major = 0, minor = 0], [needed = 0, neededMinor = 0]] = [version, oldest].map((one) =>
    one.split('.').map(Number),
  ) as [number[], number[]];
  return major > needed || (major === needed && minor >= neededMinor);
}

/** Keys by which a server is known to have a part of a Cluster: each is in another slot. */
const KEYS = 32;

async function checkScripts(
  { isCluster }: RedisServer,
  runner: ScriptRunner<'time'>,
  key: string,
): Promise<void> {
  try {
    await runner.run('time', key);
    if (!isCluster) await Promise.all(Array.from({ length: KEYS }, (_, i) => runner.run('time', key + i)));
  } catch (error) {
    const { reason } = error as SessionStoreError;
    if (reason === 'MOVED') throw faultOfClient(PART);
    if (!['NOPERM', 'ERR', 'NOAUTH'].includes(reason)) throw error;
    throw faultOfClient(
      `the server refuses EVALSHA, EVAL or a key (${reason}), and every step of this store is a script; allow them for this user, or use another server`,
      reason,
    );
  }
}

const PART =
  'is a client of one server, and the server has a part of a Cluster; make the client by createCluster() of the package redis, or by new Cluster() of ioredis';

/** What every finding about a server has in common. */
const ABOUT = { path: 'store', source: 'Redis: Key eviction; Redis persistence' };

const HIDDEN: AuditFinding = {
  ...ABOUT,
  level: 'info',
  code: 'redis-settings-hidden',
  value: 'INFO is refused',
  message: 'the server tells neither its maxmemory-policy nor its persistence',
  recommended: 'maxmemory-policy noeviction, and appendonly yes',
  remedy: 'ask whoever runs the server',
};

function evictionFindings(all: readonly Facts[]): AuditFinding[] {
  const one = all.find(({ maxmemory_policy: policy }) => policy !== undefined && policy !== 'noeviction');
  if (!one) return [];
  const policy = one['maxmemory_policy']!;
  return [
    {
      ...ABOUT,
      level: Number(one['maxmemory']) ? 'danger' : 'warning',
      code: 'redis-eviction',
      value: `maxmemory-policy ${policy}`,
      message:
        'a server that is full removes sessions, and also the marks of ended ones and the lists by which a subject is logged out',
      recommended: 'maxmemory-policy noeviction',
      remedy: 'set maxmemory-policy noeviction, and give caches a server of their own',
    },
  ];
}

function persistenceFindings(all: readonly Facts[]): AuditFinding[] {
  const one = all.find(({ aof_enabled: log }) => log === '0');
  if (!one) return [];
  const hasSnapshots = one['save'] !== '';
  return [
    {
      ...ABOUT,
      level: hasSnapshots ? 'info' : 'warning',
      code: 'redis-persistence',
      value: hasSnapshots ? 'snapshots only' : 'none',
      message: hasSnapshots
        ? 'a restart loses all changes since the last snapshot, logouts included'
        : 'a restart ends all sessions',
      recommended: 'appendonly yes',
      remedy: 'set appendonly yes',
    },
  ];
}
