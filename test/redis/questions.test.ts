import { afterAll, beforeAll, describe } from 'vitest';
import { redisStore } from 'nestjs-session-crypto/redis';
import { runRedis, SINGLE, type Connected, type RunningRedis } from '../support/redis-clients.js';
import { twelveQuestions } from '../support/twelve-questions.js';

describe('the twelve questions of docs/operations.md, of sessions in a real Redis', () => {
  let server: RunningRedis;
  let connected: Connected;
  let closed: Connected;
  beforeAll(async () => {
    server = await runRedis();
    connected = await SINGLE['redis 6']!(server.port);
    closed = await SINGLE['ioredis 6']!(server.port);
    closed.close();
  });
  afterAll(async () => {
    connected.close();
    await server.stop();
  });

  twelveQuestions(
    async () => () => redisStore({ client: connected.client }),
    () => redisStore({ client: closed.client }),
  );
});
