import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { redisStore, type RedisStore } from 'nestjs-session-crypto/redis';
import { logInAtOnce, UNDER_A_LIMIT } from '../support/login-processes.js';
import { runRedis, SINGLE, type Connected, type RunningRedis } from '../support/redis-clients.js';

let redis: RunningRedis;
let connected: Connected;
let store: RedisStore;

beforeAll(async () => {
  redis = await runRedis();
  connected = await SINGLE['redis 6']!(redis.port);
  store = redisStore({ client: connected.client });
  await store.open(() => undefined);
});
afterAll(async () => {
  connected.close();
  await redis.stop();
});

const environment = (whenFull: string) => ({
  REDIS_PORT: `${redis.port}`,
  LIMIT: '5',
  WHEN_FULL: whenFull,
});

describe('fifty logins of one subject at once on two processes', () => {
  it.each(UNDER_A_LIMIT)('never exceed the limit by %s', { timeout: 120_000 }, async (whenFull, outcome) => {
    expect(await logInAtOnce(store, `ada-${whenFull}`, environment(whenFull))).toEqual(outcome);
  });
});
