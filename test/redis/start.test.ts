import { inspect } from 'node:util';
import { Redis } from 'ioredis6';
import { createClient, createSentinel } from 'redis6';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SessionConfigError } from 'nestjs-session-crypto';
import { redisStore, type RedisStoreOptions } from 'nestjs-session-crypto/redis';
import { runRedis, SINGLE, type Connected, type RunningRedis } from '../support/redis-clients.js';
import { freshRow } from '../../lib/testing/store-contract/rows.js';

let server: RunningRedis;
let connected: Connected;
beforeAll(async () => {
  server = await runRedis('--appendonly', 'yes');
  connected = await SINGLE['redis 6']!(server.port);
});
afterAll(async () => {
  connected.close();
  await server.stop();
});

async function startOf(options: unknown): Promise<string> {
  try {
    await redisStore(options as RedisStoreOptions).open(() => undefined);
  } catch (error) {
    expect(error).toBeInstanceOf(SessionConfigError);
    return (error as Error).message;
  }
  return 'no fault';
}

/** Runs a server for one test, with a client. */
async function onServer<T>(
  settings: string[],
  work: (client: object, running: RunningRedis) => Promise<T>,
): Promise<T> {
  const running = await runRedis(...settings);
  const one = await SINGLE['redis 6']!(running.port);
  try {
    return await work(one.client, running);
  } finally {
    one.close();
    await running.stop();
  }
}

describe('the start with redisStore', () => {
  it.each([
    [undefined, 'redisStore(): got undefined'],
    [{}, 'store.client: is undefined; allowed is a client of the package redis or ioredis'],
    [{ client: 'redis://127.0.0.1' }, 'createClient({ url }).connect()'],
    [{ client: { url: 'redis://127.0.0.1' } }, 'createClient({ url }).connect()'],
    [{ client: {}, prefx: 'a' }, 'redisStore().prefx: is unknown'],
    [{ client: {}, prefix: '{a}' }, 'store.prefix: has a brace'],
    [{ client: {}, prefix: 7 }, 'store.prefix: is a number'],
    [
      { client: {}, wait: { replicas: 0, timeout: 5 } },
      'store.wait.replicas: is 0; allowed is a whole number from 1',
    ],
    [{ client: {}, wait: { replicas: 1, timout: 5 } }, 'redisStore().wait.timout: is unknown'],
  ])('refuses %o: %s', async (options, message) => {
    expect(await startOf(options)).toContain(message);
  });

  it('refuses a client that is not connected, and one that was closed', async () => {
    expect(await startOf({ client: createClient() })).toContain('is not connected: await client.connect()');
    const closed = new Redis(server.port, '127.0.0.1');
    closed.disconnect();
    await new Promise((resolve) => closed.once('end', resolve));
    expect(await startOf({ client: closed })).toContain('is not connected');
  });

  it('refuses WAIT where it may go over another connection than the write', async () => {
    const wait = { replicas: 1, timeout: 100 };
    const sentinel = createSentinel({ name: 'x', sentinelRootNodes: [{ host: '127.0.0.1', port: 1 }] });
    expect(await startOf({ client: sentinel, wait })).toContain(
      'store.wait: needs WAIT on the connection of the write',
    );
    const resending = new Redis({ lazyConnect: true });
    expect(await startOf({ client: resending, wait })).toContain('autoResendUnfulfilledCommands: false');
  });

  it('is refused by a replica, also where INFO is forbidden: it may be promoted', async () => {
    const replica = ['--replicaof', `127.0.0.1 ${server.port}`];
    const hidden = ['--user', 'default', 'on', 'nopass', '~*', '+@all', '-info', '-config'];
    for (const settings of [replica, [...replica, ...hidden]])
      await onServer(settings, async (client) => {
        const opened = redisStore({ client }).open(() => undefined, { timeout: 200 });
        await expect(opened).rejects.toMatchObject({ code: 'ERR_SESSION_STORE', reason: 'READONLY' });
      });
  });

  it('refuses a server without scripts for this user', async () => {
    const settings = ['--user', 'default', 'on', 'nopass', '~*', '+@all', '-eval', '-evalsha'];
    await onServer(settings, async (client) => {
      expect(await startOf({ client })).toContain('refuses EVALSHA, EVAL or a key (NOPERM)');
    });
  });

  it('tells of eviction and of missing persistence, in the log and in the audit', async () => {
    const settings = [
      '--maxmemory',
      '100mb',
      '--maxmemory-policy',
      'allkeys-lru',
      '--save',
      '',
      '--appendonly',
      'no',
    ];
    await onServer(settings, async (client) => {
      const store = redisStore({ client });
      await store.open(() => undefined);
      expect(store.audit().map(({ code, level }) => [code, level])).toEqual([
        ['redis-eviction', 'danger'],
        ['redis-persistence', 'warning'],
      ]);
      expect(store.warnings()[0]).toContain('maxmemory-policy allkeys-lru');
    });
  });

  it('has nothing to tell of a server that keeps what it has', async () => {
    const store = redisStore({ client: connected.client });
    await store.open(() => undefined);
    expect([store.audit(), store.warnings()]).toEqual([[], []]);
  });

  it('works where INFO is forbidden, and says that it knows nothing then', async () => {
    await onServer(
      ['--user', 'default', 'on', 'nopass', '~*', '+@all', '-info', '-config'],
      async (client) => {
        const store = redisStore({ client });
        await store.open(() => undefined);
        expect(store.audit().map(({ code }) => code)).toEqual(['redis-settings-hidden']);
      },
    );
  });

  it('shows no password of the client', () => {
    const client = createClient({ password: 'hunter2' });
    expect(inspect(redisStore({ client }), { depth: 9 })).not.toContain('hunter2');
  });
});

describe('wait of redisStore', () => {
  it('lets a write fail that too few replicas have, and succeed when they have it', async () => {
    const primary = await runRedis();
    const one = await SINGLE['redis 6']!(primary.port);
    const store = redisStore({ client: one.client, wait: { replicas: 1, timeout: 200 } });
    await store.open(() => undefined);
    await expect(store.create(freshRow(store))).rejects.toMatchObject({ reason: 'WAIT' });
    const replica = await runRedis('--replicaof', `127.0.0.1 ${primary.port}`);
    const info = one.client as { sendCommand(args: string[]): Promise<unknown> };
    // It is online before it has acknowledged anything.
    while (!/state=online,offset=[1-9]/.test(String(await info.sendCommand(['INFO', 'replication']))));
    const row = freshRow(store, { subject: 'ada' });
    await store.create(row);
    expect(await store.replace(row, 1)).toBe('saved');
    one.close();
    await Promise.all([primary.stop(), replica.stop()]);
  });
});
