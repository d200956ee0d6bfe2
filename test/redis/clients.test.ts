import { afterAll, beforeAll, expect, it } from 'vitest';
import { Cluster as Cluster5, Redis as Redis5 } from 'ioredis';
import { Cluster as Cluster6, Redis as Redis6 } from 'ioredis6';
import * as redis5 from 'redis';
import * as redis6 from 'redis6';
import { redisStore, type RedisStore } from 'nestjs-session-crypto/redis';
import { freshRow } from '../../lib/testing/store-contract/rows.js';
import { runCluster, runRedis, type RunningRedis } from '../support/redis-clients.js';

let single: RunningRedis;
let cluster: Awaited<ReturnType<typeof runCluster>>;
beforeAll(async () => {
  [single, cluster] = [await runRedis(), await runCluster()];
});
afterAll(async () => {
  await Promise.all([single.stop(), cluster.stop()]);
});

const IOREDIS = [
  ['5', Redis5 as unknown as typeof Redis6, Cluster5 as unknown as typeof Cluster6],
  ['6', Redis6, Cluster6],
] as const;

const NODE_REDIS = [
  ['5', redis5 as unknown as typeof redis6],
  ['6', redis6],
] as const;

const url = (port: number) => `redis://127.0.0.1:${port}`;

const clusterOf = (Cluster: typeof Cluster6, options: object = {}) =>
  new Cluster([{ host: '127.0.0.1', port: cluster.port }], options);

async function opened(client: object, prefix: string): Promise<RedisStore> {
  const store = redisStore({ client, prefix });
  await store.open(() => undefined);
  return store;
}

/** Returns the number of rows that the store counts, and the number of those that it reads. */
async function totals(store: RedisStore): Promise<[number, number]> {
  let read = 0;
  for await (const _row of store.scanAll()) read++;
  return [await store.count(), read];
}

/** Stores rows of a subject, and returns what the store knows of them. */
async function roundTrip(store: RedisStore, number: number) {
  const rows = Array.from({ length: number }, () => freshRow(store, { subject: 'ada' }));
  await Promise.all(rows.map((row) => store.create(row)));
  const found = [(await store.list('ada')).length, ...(await totals(store))];
  return [...found, await store.destroySubject('ada', rows[0]!.deadline, undefined)];
}

it.each(IOREDIS)('ioredis %s may pipeline commands by itself', async (version, Redis, Cluster) => {
  const options = { enableAutoPipelining: true, stringNumbers: true };
  for (const client of [new Redis({ port: single.port, ...options }), clusterOf(Cluster, options)]) {
    expect(await roundTrip(await opened(client, `pipelined${version}:`), 10)).toEqual([10, 10, 10, 10]);
    client.disconnect();
  }
});

it.each(IOREDIS)(
  'the rows behind keyPrefix of ioredis %s are counted and read',
  async (version, Redis, Cluster) => {
    const options = { keyPrefix: 'app*[x]:' };
    for (const client of [new Redis({ port: single.port, ...options }), clusterOf(Cluster, options)]) {
      expect(await roundTrip(await opened(client, `behind${version}:`), 10)).toEqual([10, 10, 10, 10]);
      client.disconnect();
    }
  },
);

it.each(NODE_REDIS)('a Cluster of redis %s is looked at as a whole', async (version, redis) => {
  const rootNodes = cluster.ports.map((port) => ({ url: url(port) }));
  const [lazy, eager] = [redis.createCluster({ rootNodes, minimizeConnections: true }), clusterOf(Cluster6)];
  await lazy.connect();
  const [store, writer] = [await opened(lazy, `lazy${version}:`), await opened(eager, `lazy${version}:`)];
  for (let i = 0; i < 30; i++) await writer.create(freshRow(writer));
  expect(store.audit().map(({ code }) => code)).toEqual(['redis-persistence']);
  expect(await totals(store)).toEqual([30, 30]);
  lazy.destroy();
  eager.disconnect();
});

it.each(IOREDIS)(
  'a Cluster of ioredis %s that still connects is inspected',
  async (version, _Redis, Cluster) => {
    const client = clusterOf(Cluster);
    const store = await opened(client, `early${version}:`);
    expect(store.audit().map(({ code }) => code)).toEqual(['redis-persistence']);
    client.disconnect();
  },
);

it.each(NODE_REDIS)('a pool of redis %s works, but not with WAIT', async (version, redis) => {
  const client = redis.createClientPool({ url: url(single.port) }, { minimum: 3, maximum: 3 });
  await client.connect();
  expect(await roundTrip(await opened(client, `pool${version}:`), 10)).toEqual([10, 10, 10, 10]);
  expect(() => redisStore({ client, wait: { replicas: 1, timeout: 9 } })).toThrow(
    'store.wait: needs WAIT on',
  );
  client.destroy();
});
