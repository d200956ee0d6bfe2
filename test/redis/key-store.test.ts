import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SessionConfigError } from 'nestjs-session-crypto';
import { redisKeyStore } from 'nestjs-session-crypto/redis';
import { keyStoreContract } from 'nestjs-session-crypto/testing';
import { CLUSTER, runCluster, runRedis, SINGLE, type Connected } from '../support/redis-clients.js';

const PLACES = [
  ...Object.entries(SINGLE).map(([name, make]) => [`a single server with ${name}`, 'single', make] as const),
  ...Object.entries(CLUSTER).map(([name, make]) => [`a Cluster with ${name}`, 'cluster', make] as const),
];

describe('redisKeyStore', () => {
  let single: Awaited<ReturnType<typeof runRedis>>;
  let cluster: Awaited<ReturnType<typeof runCluster>>;
  beforeAll(async () => {
    single = await runRedis();
    cluster = await runCluster();
  });
  afterAll(async () => {
    await single.stop();
    await cluster.stop();
  });

  describe.each(PLACES)('on %s', (_, kind, make) => {
    let connected: Connected;
    beforeAll(async () => {
      connected = await (make as (where: unknown) => Promise<Connected>)(
        kind === 'single' ? single.port : cluster.ports,
      );
    });
    afterAll(() => void connected.close());

    it.each(keyStoreContract.map(({ title, run }) => [title, run] as const))('%s', async (_title, run) => {
      const store = redisKeyStore({ client: connected.client });
      await store.open(() => undefined);
      await run(store);
    });
  });

  describe('on a single server', () => {
    let connected: Connected;
    beforeAll(async () => {
      connected = await SINGLE['redis 6']!(single.port);
    });
    afterAll(() => void connected.close());

    it('keeps a ring without a time to live, and refuses a row that is none', async () => {
      const store = redisKeyStore({ client: connected.client, prefix: 'keys:' });
      await store.open(() => undefined);
      const client = connected.client as { sendCommand(args: string[]): Promise<unknown> };
      await client.sendCommand(['HSET', 'keys:one', '1', '{"id":1}']);
      expect(await client.sendCommand(['TTL', 'keys:one'])).toBe(-1);
      await expect(store.load('one')).rejects.toMatchObject({ reason: 'malformed' });
      await client.sendCommand(['HSET', 'keys:one', '1', 'no JSON']);
      await expect(store.load('one')).rejects.toMatchObject({ reason: 'malformed' });
    });

    it('warns of a server that may forget keys', async () => {
      const store = redisKeyStore({ client: connected.client });
      const client = connected.client as { sendCommand(args: string[]): Promise<unknown> };
      await client.sendCommand(['CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lru']);
      await store.open(() => undefined);
      expect(store.warnings().join()).toContain('maxmemory-policy allkeys-lru: keys can be lost');
      await client.sendCommand(['CONFIG', 'SET', 'maxmemory-policy', 'noeviction']);
    });

    it.each([
      [{}, 'crypto.ring.store.client: is undefined'],
      [{ client: 'redis://here' }, 'crypto.ring.store.client: is a string'],
      [{ clinet: 1 }, 'is "client" meant?'],
    ])('refuses %j', (options, said) => {
      expect(() => redisKeyStore(options as never)).toThrow(SessionConfigError);
      expect(() => redisKeyStore(options as never)).toThrow(said);
    });
  });
});
