import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { redisStore, type RedisStore } from 'nestjs-session-crypto/redis';
import { logInAtOnce } from '../support/login-processes.js';
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
  it('leave as many sessions as the limit allows, and refuse the others', { timeout: 120_000 }, async () => {
    expect(await logInAtOnce(store, 'ada', environment('refuse'))).toEqual({
      most: 5,
      left: 5,
      answers: { 201: 5, 409: 45 },
    });
  });

  it('never exceed the limit while each ends the oldest', { timeout: 120_000 }, async () => {
    expect(await logInAtOnce(store, 'bob', environment('endOldest'))).toEqual({
      most: 5,
      left: 5,
      answers: { 201: 50 },
    });
  });
});
