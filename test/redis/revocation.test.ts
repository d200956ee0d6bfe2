import { afterAll, beforeAll, describe, it } from 'vitest';
import { redisRevocation } from 'nestjs-session-crypto/redis';
import { CLUSTER, runCluster, runRedis, SINGLE, type Connected } from '../support/redis-clients.js';
import { REVOCATION_CONTRACT } from '../support/revocation-contract.js';

describe('redisRevocation', () => {
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

  const PLACES = [
    ['a single server with redis 6', () => SINGLE['redis 6']!(single.port)],
    ['a single server with ioredis 6', () => SINGLE['ioredis 6']!(single.port)],
    ['a Cluster with redis 6', () => CLUSTER['redis 6']!(cluster.ports)],
    ['a Cluster with ioredis 6', () => CLUSTER['ioredis 6']!(cluster.ports)],
  ] as const;

  describe.each(PLACES)('on %s', (_, connect) => {
    let connected: Connected;
    beforeAll(async () => {
      connected = await connect();
    });
    afterAll(() => void connected.close());

    it.each(REVOCATION_CONTRACT)('%s', async (_title, run) => {
      const source = redisRevocation({ client: connected.client });
      await source.store.open?.(() => undefined);
      await run(source);
    });
  });
});
