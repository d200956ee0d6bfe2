import { afterAll, beforeAll, describe } from 'vitest';
import { lockStories } from '../support/lock-stories.js';
import { runRedis, type RunningRedis } from '../support/redis-clients.js';

describe('@SessionLock() of two processes with sessions in Redis', () => {
  let redis: RunningRedis;
  beforeAll(async () => {
    redis = await runRedis();
  });
  afterAll(() => redis.stop());

  lockStories(() => ({ REDIS_PORT: `${redis.port}` }));
});
