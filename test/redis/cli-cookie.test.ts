import { afterAll, beforeAll, describe } from 'vitest';
import { redisStore } from 'nestjs-session-crypto/redis';
import { runRedis, SINGLE, type Connected, type RunningRedis } from '../support/redis-clients.js';
import { storedStories } from '../unit/cli/cookie/support/stored-stories.js';

let server: RunningRedis;
let connected: Connected;

describe('session-crypto cookie, of sessions in Redis', () => {
  beforeAll(async () => {
    server = await runRedis();
    connected = await SINGLE['redis 6']!(server.port);
  });
  afterAll(async () => {
    await connected.close();
    await server.stop();
  });
  storedStories('redis', () => ({ store: redisStore({ client: connected.client }) }));
});
