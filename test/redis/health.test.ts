import { Redis } from 'ioredis6';
import { beforeEach, describe, expect, it } from 'vitest';
import { cookieStore, managedRing, type SessionCryptoOptions } from 'nestjs-session-crypto';
import { redisKeyStore, redisRevocation, redisStore } from 'nestjs-session-crypto/redis';
import { cleanUp } from '../support/cleanup.js';
import { runRedis, SINGLE, type RunningRedis } from '../support/redis-clients.js';
import { codes, PROBE, reportingProcess, until } from '../support/reporting-process.js';
import { SECRETS } from '../support/running-manager.js';

let server: RunningRedis;
let client: object;
let admin: Redis;

async function start(...settings: string[]): Promise<RunningRedis> {
  const running = await runRedis('--save', '', ...settings);
  cleanUp(() => running.stop());
  return running;
}

async function clientOf({ port }: RunningRedis, kind = 'redis 6'): Promise<object> {
  const connected = await SINGLE[kind]!(port);
  cleanUp(() => connected.close());
  return connected.client;
}

beforeEach(async () => {
  server = await start();
  client = await clientOf(server);
  admin = new Redis(server.port, '127.0.0.1');
  admin.on('error', () => undefined);
  cleanUp(() => admin.disconnect());
});

const processOf = (options: Partial<SessionCryptoOptions> = { store: redisStore({ client }) }) =>
  reportingProcess({ session: { commitTimeout: 2 }, ...options });

describe('health, on a real Redis', () => {
  it.each(['redis 6', 'ioredis 5'])(
    'says that the store answers and takes writes, through %s',
    async (kind) => {
      const { report } = await processOf({ store: redisStore({ client: await clientOf(server, kind) }) });
      const health = await report();
      expect(health).toMatchObject({
        status: 'up',
        store: { stores: [{ kind: 'redis', access: 'writes' }] },
      });
      expect(Math.abs(health.clock.offset!)).toBeLessThan(1);
      for (const name of await admin.keys('*')) expect(await admin.pttl(name)).toBeLessThanOrEqual(1000);
    },
  );

  it('answers a probe in time while the server is paused, is degraded, and is well again afterwards', async () => {
    const { report } = await processOf();
    await report();
    server.pause();
    const began = performance.now();
    const health = await report();
    const took = performance.now() - began;
    server.resume();
    expect([health.status, codes(health)]).toEqual(['degraded', ['store-slow']]);
    expect(took).toBeLessThan(PROBE);
    expect((await until(report, ({ status }) => status === 'up')).findings).toEqual([]);
  });

  it('is down while the server is stopped, once an operation has waited for commitTimeout', async () => {
    const { report } = await processOf();
    await report();
    await server.stop();
    const health = await until(report, ({ status }) => status === 'down');
    expect([health.status, codes(health)]).toEqual(['down', ['store-down']]);
  });

  it('is degraded while the server is full, and while it has too few replicas', async () => {
    const { report } = await processOf();
    await admin.config('SET', 'maxmemory', '1');
    const full = await report();
    await admin.config('SET', 'maxmemory', '0');
    await admin.config('SET', 'min-replicas-to-write', '1');
    const lonely = await report();
    expect([full.status, full.store.stores[0]!.code]).toEqual(['degraded', 'OOM']);
    expect([lonely.status, lonely.store.stores[0]!.code]).toEqual(['degraded', 'NOREPLICAS']);
  });

  it('asks the source of revocations', async () => {
    const { report } = await processOf({ store: cookieStore({ revocation: redisRevocation({ client }) }) });
    expect(await report()).toMatchObject({
      status: 'up',
      revocation: { sources: [{ kind: 'redis', access: 'writes', cached: 0 }] },
    });
  });

  it('lists the processes of a managed ring', async () => {
    const ring = () => managedRing({ store: redisKeyStore({ client }) });
    const begin = () => processOf({ store: cookieStore(), crypto: { secrets: SECRETS, ring: ring() } });
    const [one, two] = [await begin(), await begin()];
    const keysOf = ({ manager }: typeof one) => manager.base.crypto.native!.managed!;
    for (const process of [one, two, one]) await keysOf(process).followQuietly();
    const { ring: facts } = await one.report();
    expect(facts.processes.map(({ state }) => state)).toEqual(['agrees', 'agrees']);
    await two.manager.close();
    await keysOf(one).followQuietly();
    expect((await one.report()).ring.processes).toHaveLength(1);
  });
});
