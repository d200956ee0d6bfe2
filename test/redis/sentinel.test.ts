import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Redis } from 'ioredis6';
import { createSentinel } from 'redis6';
import { afterEach, describe, expect, it } from 'vitest';
import { redisStore } from 'nestjs-session-crypto/redis';
import { temporaryFolder } from '../support/cleanup.js';
import { freePort, runRedis, type Connected, type RunningRedis } from '../support/redis-clients.js';

const NAME = 'sessions';
/** Milliseconds after which a failover counts as failed. */
const PATIENCE = 25_000;

interface Watched {
  readonly primary: RunningRedis;
  /** The port of the Sentinel. */
  readonly port: number;
}

const running: { stop(): unknown }[] = [];
afterEach(async () => {
  for (const one of running.splice(0).toReversed()) await one.stop();
});

/** A primary, its replica, and a Sentinel that watches them. */
async function start(): Promise<Watched> {
  const primary = await runRedis();
  const replica = await runRedis('--replicaof', '127.0.0.1', `${primary.port}`);
  running.push(primary, replica);
  const look = new Redis(replica.port, '127.0.0.1');
  while (!/master_link_status:up/.test(await look.info('replication'))) await look.ping();
  look.disconnect();
  const port = await freePort();
  const file = join(await temporaryFolder(), 'sentinel.conf');
  const lines = [
    `port ${port}`,
    'bind 127.0.0.1',
    `sentinel monitor ${NAME} 127.0.0.1 ${primary.port} 1`,
    `sentinel down-after-milliseconds ${NAME} 500`,
    `sentinel failover-timeout ${NAME} 3000`,
  ];
  await writeFile(file, lines.join('\n'));
  const sentinel = spawn('redis-server', [file, '--sentinel'], { stdio: ['ignore', 'pipe', 'inherit'] });
  running.push({
    async stop() {
      sentinel.kill('SIGKILL');
      if (sentinel.exitCode === null && sentinel.signalCode === null) await once(sentinel, 'exit');
    },
  });
  for await (const chunk of sentinel.stdout) if (String(chunk).includes('+slave')) break; // it knows the replica
  sentinel.stdout.resume();
  return { primary, port };
}

const CLIENTS: Readonly<Record<string, (port: number) => Promise<Connected>>> = {
  async redis(port) {
    const client = createSentinel({ name: NAME, sentinelRootNodes: [{ host: '127.0.0.1', port }] });
    client.on('error', () => undefined);
    await client.connect();
    return { client, close: () => client.destroy() };
  },
  async ioredis(port) {
    const client = new Redis({ name: NAME, sentinels: [{ host: '127.0.0.1', port }] });
    client.on('error', () => undefined);
    return { client, close: () => client.disconnect() };
  },
};

/** What ends the time of a primary. */
const ENDS: Readonly<Record<string, (watched: Watched) => Promise<void>>> = {
  'is killed': ({ primary }) => primary.stop(),
  async 'is made a replica by the Sentinel'({ primary, port }) {
    const [sentinel, old] = [port, primary.port].map((one) => new Redis(one, '127.0.0.1'));
    for (const one of [sentinel, old]) one!.on('error', () => undefined);
    while ((await sentinel!.call('SENTINEL', 'FAILOVER', NAME).catch(String)) !== 'OK'); // it looks at the replica first
    while ((await old!.role())[0] === 'master');
    for (const one of [sentinel, old]) one!.disconnect();
  },
};

describe.each(Object.entries(CLIENTS))('redisStore() with a Sentinel and the package %s', (_, connect) => {
  it.each(Object.entries(ENDS))('goes on with the replica when the primary %s', async (_way, end) => {
    const watched = await start();
    const { primary, port } = watched;
    const { client, close } = await connect(port);
    running.push({ stop: close });
    const store = redisStore({ client });
    await store.open(() => undefined, { timeout: 3000 });
    const now = new Date();
    const row = {
      key: randomBytes(32),
      sealed: randomBytes(100),
      subject: 'ada',
      createdAt: now,
      lastSeenAt: now,
      deadline: new Date(now.getTime() + 3_600_000),
    };
    await store.create(row);
    const direct = new Redis(primary.port, '127.0.0.1');
    await direct.set('mark', 1); // WAIT asks for the writes of its own connection, and for all before them
    expect(await direct.wait(1, 5000)).toBe(1);
    direct.disconnect();
    await end(watched);
    const latest = performance.now() + PATIENCE;
    let saved: unknown;
    while (saved !== 'saved' && performance.now() < latest)
      saved = await store.replace({ ...row, sealed: randomBytes(100) }, 1).catch((error: unknown) => error);
    expect(saved).toBe('saved');
    expect(await store.load(row.key)).toMatchObject({ version: 2, state: 'live' });
    expect(await store.list('ada')).toHaveLength(1);
  });
});
