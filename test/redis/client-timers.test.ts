import { AsyncLocalStorage } from 'node:async_hooks';
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { redisStore } from 'nestjs-session-crypto/redis';
import { runRedis, SINGLE, type Connected, type RunningRedis } from '../support/redis-clients.js';

describe('the timers that a client begins for a command', () => {
  let redis: RunningRedis;
  let connected: Connected;
  beforeAll(async () => {
    redis = await runRedis();
    connected = await SINGLE['redis 6']!(redis.port);
  });
  afterAll(async () => {
    connected.close();
    await redis.stop();
  });

  it('keep no request in memory, and the answer belongs to its request', async () => {
    const store = redisStore({ client: connected.client });
    await store.open(() => undefined);
    const request = new AsyncLocalStorage<string>();
    const seen: unknown[] = [];
    const { timeout } = AbortSignal;
    const spy = vi.spyOn(AbortSignal, 'timeout').mockImplementation((milliseconds) => {
      seen.push(request.getStore());
      return timeout.call(AbortSignal, milliseconds);
    });
    const after = await request.run('a request', async () => {
      await store.load(randomBytes(32));
      return request.getStore();
    });
    spy.mockRestore();
    expect(seen.length).toBeGreaterThan(0);
    expect(new Set(seen)).toEqual(new Set([undefined]));
    expect(after).toBe('a request');
  });
});
