import { afterAll, beforeAll, describe, it } from 'vitest';
import { redisStore } from 'nestjs-session-crypto/redis';
import { storeContract } from 'nestjs-session-crypto/testing';
import { CLUSTER, runCluster, runRedis, SINGLE, type Connected } from '../support/redis-clients.js';

const PLACES = [
  ...Object.entries(SINGLE).map(([name, make]) => [`a single server with ${name}`, 'single', make] as const),
  ...Object.entries(CLUSTER).map(([name, make]) => [`a Cluster with ${name}`, 'cluster', make] as const),
];

describe('redisStore', () => {
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

    it.each(storeContract.map(({ title, run }) => [title, run] as const))('%s', async (_title, run) => {
      const store = redisStore({ client: connected.client });
      await store.open(() => undefined);
      await run(store);
    });
  });
});
