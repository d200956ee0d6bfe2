import { describe } from 'vitest';
import { redisStore } from 'nestjs-session-crypto/redis';
import { redisBeforeTests } from '../support/redis-before-tests.js';
import { storedStories } from '../unit/cli/cookie/support/stored-stories.js';

describe('session-crypto cookie, of sessions in Redis', () => {
  const redis = redisBeforeTests();
  storedStories('redis', () => ({ store: redisStore({ client: redis.client }) }));
});
