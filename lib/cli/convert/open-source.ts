import { loadPeer } from '../../peers/load-peer.js';
import { findServer } from '../../stores/redis/find-server.js';
import { CommandError } from '../command.error.js';
import { UsageError } from '../usage.error.js';
import { RedisSource, redisFault } from './redis-source.js';
import type { SessionSource, SourceFlags } from './session-source.interface.js';
import { sqlFault } from './sql-fault.js';
import { SqlSource, type SqlClient } from './sql-source.js';

type Environment = Readonly<Record<string, string | undefined>>;

/** Connects to the old sessions. The address comes from an environment variable, so that no list of processes and no history of a
 *  shell shows a password. Rejects with a CommandError that says what was seen. */
export async function openSource(
  flags: SourceFlags,
  now: () => number,
  environment: Environment = process.env,
): Promise<SessionSource> {
  const isRedis = flags.from === 'connect-redis';
  const misplaced = (isRedis ? ['table', 'schema'] : ['prefix']).find((name) => name in flags);
  if (misplaced) throw new UsageError(`--${misplaced} is not for ${flags.from}; leave it out`);
  const { urlEnv = isRedis ? 'REDIS_URL' : 'DATABASE_URL' } = flags;
  if (!/^[A-Za-z_]\w*$/.test(urlEnv))
    throw new UsageError(
      '--url-env needs the name of a variable, such as OLD_REDIS_URL, and not an address; it is not repeated here, since it may hold a password',
    );
  const url = environment[urlEnv];
  if (!url)
    throw new UsageError(
      `the environment variable ${urlEnv} is not set; put the address of the old sessions into it, or name another one by --url-env`,
    );
  if (!URL.canParse(url))
    throw new UsageError(
      `the environment variable ${urlEnv} holds no address such as ${EXAMPLE[`${isRedis}`]}`,
    );
  return isRedis ? openRedis(url, flags, now) : openSql(url, flags);
}

const EXAMPLE = { true: 'redis://host:6379/0', false: 'postgres://user@host:5432/database' };

async function openSql(url: string, flags: SourceFlags): Promise<SessionSource> {
  const pg = await loadPeer<{ default: { Client: new (options: object) => PgClient } }>('pg', '--from');
  const client = new pg.default.Client({ connectionString: url, application_name: 'session-crypto convert' });
  client.on('error', () => undefined); // the statement that runs, or the next one, rejects
  try {
    await client.connect();
    return await SqlSource.open(client, flags);
  } catch (error) {
    await client.end().catch(() => undefined); // the first error is reported
    throw error instanceof CommandError ? error : sqlFault(error, 'the old table');
  }
}

interface PgClient extends SqlClient {
  connect(): Promise<void>;
  on(event: 'error', listener: () => void): void;
}

async function openRedis(url: string, { prefix }: SourceFlags, now: () => number): Promise<SessionSource> {
  const { client, connect, end } = await redisClient(url);
  client.on('error', () => undefined); // the command that runs rejects
  try {
    await connect();
    const server = findServer(client);
    const database = databaseOf(new URL(url));
    return await RedisSource.open(server, { database, now, end, ...(prefix !== undefined && { prefix }) });
  } catch (error) {
    await end().catch(() => undefined); // the first error is reported
    throw error instanceof CommandError ? error : redisFault(error, `${prefix ?? 'sess:'}*`);
  }
}

/** The address of the server, and the number of the database in it: no server of Redis has a name that outlives a restart. */
function databaseOf({ hostname, port, pathname }: URL): string {
  const number = pathname.replace(/^\/0*(?=\d)|^\/$/, '') || '0';
  return `${hostname.toLowerCase()}:${port || '6379'}/${number}`;
}

interface OpenedRedis {
  readonly client: { on(event: 'error', listener: () => void): unknown };
  connect(): Promise<unknown>;
  end(): Promise<unknown>;
}

/** Uses the client that the application has. Neither connects again: the command says at once what is wrong. */
async function redisClient(url: string): Promise<OpenedRedis> {
  const found = await import('redis').catch(() => undefined);
  if (found) {
    const client = found.createClient({ url, socket: { reconnectStrategy: false } });
    return { client, connect: () => client.connect(), end: async () => client.destroy() };
  }
  const { Redis } = await loadPeer<typeof import('ioredis')>('ioredis', '--from');
  const client = new Redis(url, { lazyConnect: true, retryStrategy: () => null, maxRetriesPerRequest: 0 });
  return { client, connect: () => client.connect(), end: async () => client.disconnect() };
}
