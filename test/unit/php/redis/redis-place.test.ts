import { describe, expect, it } from 'vitest';
import type { PhpRedisScript } from '../../../../lib/php/redis/php-redis-scripts.js';
import { RedisPlace } from '../../../../lib/php/redis/redis-place.js';
import type { ScriptRunner } from '../../../../lib/stores/redis/script-runner.js';

/** A place whose Redis does all that it is asked, and the moment up to which it may do each step. */
function place() {
  const steps: Record<string, number | undefined> = {};
  const runner = {
    end: (until?: number) => until,
    run: async (name: string, _key: string, _args: unknown[], end?: number) => {
      steps[name] = end;
      return { status: name === 'lock' ? 'live' : 'saved', now: 0, rest: [Buffer.from('before'), 0] };
    },
  } as unknown as ScriptRunner<PhpRedisScript>;
  return { steps, redis: new RedisPlace({ runner, lifetime: 1000, endKept: 1000 }, '') };
}

describe('RedisPlace', () => {
  it('says to Redis when whoever waits gives up, with everything that it writes', async () => {
    const { redis, steps } = place();
    const later = performance.now() + 60_000;
    await redis.create('id', (file) => file.write(Buffer.from('new'), Buffer.alloc(0), 1));
    await redis.use('id', 'exclusive', later, (file) => file.write(Buffer.from('a'), Buffer.from('b'), 2));
    expect(steps).toMatchObject({ create: 1, write: 2 });
    await redis.use('id', 'exclusive', later, (file) => file.empty(3));
    expect(steps).toMatchObject({ finish: 3 });
    await redis.remove('id', 4);
    expect(steps).toMatchObject({ finish: 4 });
  });
});
