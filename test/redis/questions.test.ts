import { beforeAll, describe } from 'vitest';
import { redisStore } from 'nestjs-session-crypto/redis';
import { redisBeforeTests } from '../support/redis-before-tests.js';
import { SINGLE, type Connected } from '../support/redis-clients.js';
import { twelveQuestions } from '../support/twelve-questions.js';

describe('the twelve questions of docs/operations.md, of sessions in a real Redis', () => {
  const redis = redisBeforeTests();
  let closed: Connected;
  beforeAll(async () => {
    closed = await SINGLE['ioredis 6']!(redis.port);
    closed.close();
  });

  twelveQuestions(
    async () => () => redisStore({ client: redis.client }),
    () => redisStore({ client: closed.client }),
  );
});
