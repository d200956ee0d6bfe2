import { beforeAll, describe, expect, it } from 'vitest';
import { redisStore, type RedisStore } from 'nestjs-session-crypto/redis';
import { logInAtOnce, UNDER_A_LIMIT } from '../support/login-processes.js';
import { redisBeforeTests } from '../support/redis-before-tests.js';

const redis = redisBeforeTests();
let store: RedisStore;
beforeAll(async () => {
  store = redisStore({ client: redis.client });
  await store.open(() => undefined);
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
