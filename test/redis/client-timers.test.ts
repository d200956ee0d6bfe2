import { AsyncLocalStorage } from 'node:async_hooks';
import { randomBytes } from 'node:crypto';
import { describe, expect, it, vi } from 'vitest';
import { findServer } from '../../lib/stores/redis/find-server.js';
import { redisStore } from 'nestjs-session-crypto/redis';
import { redisBeforeTests } from '../support/redis-before-tests.js';
import { runRedis, SINGLE } from '../support/redis-clients.js';

describe('the timers that a client begins for a command', () => {
  const redis = redisBeforeTests();

  it('are none: a command costs half as much without', async () => {
    const store = redisStore({ client: redis.client });
    await store.open(() => undefined);
    const timeout = vi.spyOn(AbortSignal, 'timeout');
    await store.load(randomBytes(32));
    expect(timeout).not.toHaveBeenCalled();
    timeout.mockRestore();
  });

  it('and the signals of commands keep no request in memory, and the answer belongs to its request', async () => {
    const server = findServer(redis.client);
    const request = new AsyncLocalStorage<string>();
    const seen: unknown[] = [];
    const { addEventListener } = AbortSignal.prototype;
    const spy = vi.spyOn(AbortSignal.prototype, 'addEventListener').mockImplementation(function (
      this: AbortSignal,
      ...args: unknown[]
    ) {
      seen.push(request.getStore());
      return Reflect.apply(addEventListener, this, args) as void;
    });
    const after = await request.run('a request', async () => {
      await server.ask('key', ['GET', 'key']);
      return request.getStore();
    });
    spy.mockRestore();
    expect(seen).toEqual([undefined]);
    expect(after).toBe('a request');
  });
});

describe('a command that finds no connection', () => {
  it.each(['redis 5', 'redis 6'])(
    'leaves the queue of the client of %s',
    { timeout: 30_000 },
    async (name) => {
      const redis = await runRedis();
      const { client, close } = await SINGLE[name]!(redis.port);
      await redis.stop();
      const server = findServer(client);
      await expect(server.ask('key', ['GET', 'key'])).rejects.toThrow(); // the one that finds out
      await expect(server.ask('key', ['GET', 'key'])).rejects.toThrow('The command was aborted');
      close();
    },
  );
});
