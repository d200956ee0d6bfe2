import { afterAll, beforeAll } from 'vitest';
import { runRedis, SINGLE, type Connected, type RunningRedis } from './redis-clients.js';

/** Starts a Redis with a client of it before the tests of a file or a suite, and stops both after them. */
export function redisBeforeTests(kind = 'redis 6'): { readonly port: number; readonly client: object } {
  let server: RunningRedis;
  let connected: Connected;
  beforeAll(async () => {
    server = await runRedis();
    connected = await SINGLE[kind]!(server.port);
  });
  afterAll(async () => {
    await connected.close();
    await server.stop();
  });
  return {
    get port() {
      return server.port;
    },
    get client() {
      return connected.client;
    },
  };
}
