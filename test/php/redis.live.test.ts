import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Redis } from 'ioredis';
import { ADAPTER_NAMES } from '../support/adapters.js';
import { runRedis, SINGLE, type RunningRedis } from '../support/redis-clients.js';
import { live } from './support/live.js';
import { outputOf } from './support/php.js';
import { RedisSides, type RedisSidesPlan } from './support/redis-sides.js';
import { startOf, type Browser } from './support/two-sides.js';

const TIMES = 100;
/** Begins on a signal, and counts how often the other side has changed the number in between. */
const counting = (id: string) => `
  fgets(STDIN); $seen = 0; $last = null;
  for ($i = 0; $i < ${TIMES}; $i++) {
    ${startOf(id)}
    $n = $_SESSION['n']; if ($last !== null && $n !== $last) $seen++;
    $_SESSION['n'] = $last = $n + 1;
    session_write_close();
    usleep(random_int(0, 5000));
  }
  echo json_encode($seen);`;
const holding = (id: string) => `
  ${startOf(id)} $_SESSION['php'] = 1; fwrite(STDOUT, 'held'); fgets(STDIN); @session_write_close();`;

let redis: RunningRedis;
let look: Redis;
let sides: RedisSides;
let browser: Browser;

async function start(plan: Omit<RedisSidesPlan, 'port'>): Promise<void> {
  sides = await RedisSides.start({ ...plan, port: redis.port });
  browser = sides.browser();
}

describe.skipIf(!live)('PHP with save_handler = redis', () => {
  beforeAll(async () => {
    redis = await runRedis();
    look = new Redis(redis.port, '127.0.0.1');
  });
  afterEach(() => sides.close());
  afterAll(async () => {
    look.disconnect();
    await redis.stop();
  });

  const CASES = ADAPTER_NAMES.flatMap((adapter) =>
    ['php', 'php_serialize', 'php_binary'].map((serializer) => ({ adapter, serializer, client: 'redis 6' })),
  );
  const keyOf = (id: string) => `${sides.prefix}${id}`;

  describe.each([...CASES, { adapter: 'express', serializer: 'php', client: 'ioredis 6' } as const])(
    'and Nest on $adapter, serializer $serializer, client $client',
    (plan) => {
      beforeEach(() => start(plan));

      it('share a session that PHP has begun and Nest has changed', async () => {
        await browser.php(`$_SESSION['name'] = 'ada'; $_SESSION['cart'] = ['a' => [1, 2.5, true, null]];`);
        const { id } = browser;
        expect(await browser.all()).toEqual({ name: 'ada', cart: { a: [1, 2.5, true, null] } });
        await browser.visit((session) => session.set('nest', { n: 1 }));
        expect(browser.id).toBe(id);
        const seen = { name: 'ada', cart: { a: [1, 2.5, true, null] }, nest: { n: 1 } };
        expect(await browser.seenByPhp()).toEqual(seen);
        await browser.php(`$_SESSION['nest']['n'] = 2; unset($_SESSION['name']);`);
        expect(await browser.all()).toEqual({ cart: seen.cart, nest: { n: 2 } });
      });

      it('leave a session of PHP alone whose id is too short for Nest', async () => {
        browser.nest.jar.set('PHPSESSID', 'user42');
        await browser.php(`$_SESSION['a'] = 1;`, { 'session.use_strict_mode': 0 });
        expect(await browser.all()).toEqual({});
        expect(browser.id).toBe('user42');
        expect(await browser.seenByPhp()).toEqual({ a: 1 });
      });

      it('share a session that Nest has begun, in the strict mode of PHP', async () => {
        await browser.visit((session) => session.set('name', 'ada'));
        const { id } = browser;
        expect(id).toMatch(/^[A-Za-z0-9,-]{48}$/);
        expect(await browser.seenByPhp()).toEqual({ name: 'ada' });
        expect(browser.id).toBe(id);
      });

      it('keep a login of Nest while PHP changes the session, and find none that the other has ended', async () => {
        await browser.visit((session) => session.login('ada'));
        await browser.php(`$_SESSION['a'] = 1;`);
        expect(await browser.visit((session) => session.subject)).toBe('ada');
        const old = browser.copy();
        await browser.visit((session) => session.logout());
        expect(await old.seenByPhp()).toEqual([]);
        const other = sides.browser();
        await other.php(`$_SESSION['a'] = 1;`);
        await other.php('session_destroy();');
        expect(await other.all()).toEqual({});
      });

      it('find a session under the new id that either has given it, and none under the old one', async () => {
        await browser.php(`$_SESSION['a'] = 1;`);
        const first = browser.copy();
        await browser.visit((session) => session.regenerate());
        expect(await browser.seenByPhp()).toEqual({ a: 1 });
        expect(await first.seenByPhp()).toEqual([]);
        const second = browser.copy();
        await browser.php('session_regenerate_id(true);');
        expect(await browser.all()).toEqual({ a: 1 });
        expect(await second.all()).toEqual({});
      });

      it(`lose none of ${2 * TIMES} additions to one number`, async () => {
        await browser.visit((session) => session.set('n', 0));
        const child = sides.php.start(counting(browser.id));
        const seen = outputOf(child);
        child.stdin.end('go\n');
        for (let i = 0; i < TIMES; i++) await browser.nest.run((session) => session.increment('n'));
        expect(Number(await seen)).toBeGreaterThan(0); // both worked at the same time
        expect(await browser.visit((session) => session.get('n'))).toBe(2 * TIMES);
      });
    },
  );

  it('expires on both sides by the same clock, which each use winds up', async () => {
    await start({ adapter: 'express', client: 'redis 6' });
    await browser.php(`$_SESSION['a'] = 1;`);
    await look.expire(keyOf(browser.id), 1000);
    const age = (session: { lastSeenAt: Date }) =>
      Math.round((Date.now() - session.lastSeenAt.getTime()) / 10_000);
    expect(await browser.visit((session) => age(session))).toBe(44);
    expect(await look.ttl(keyOf(browser.id))).toBeGreaterThan(1400);
    await look.del(keyOf(browser.id));
    expect(await browser.all()).toEqual({});
  });

  it('answers 503 if PHP holds the session too long, and 200 to whoever only reads', async () => {
    await start({ adapter: 'express', client: 'redis 6', commitTimeout: 1 });
    await browser.visit((session) => session.set('n', 0));
    const child = sides.php.start(holding(browser.id));
    const done = outputOf(child);
    await once(child.stdout, 'data');
    expect(await browser.all()).toEqual({ n: 0 });
    expect((await browser.nest.run((session) => session.increment('n'))).status).toBe(503);
    child.stdin.end('go\n');
    await done;
    expect(sides.app.seen('storeDown')).toEqual([]);
    expect(await browser.all()).toEqual({ n: 0, php: 1 });
  });

  it.each([
    { locks: true, lockExpire: 30, back: 0 },
    { locks: true, lockExpire: 0, back: 1 },
    { locks: false, lockExpire: 0, back: 1 },
  ])('ends a session for good that PHP holds, whatever PHP writes: %o', async ({ back, ...php }) => {
    await start({ adapter: 'express', client: 'redis 6', commitTimeout: 1, ...php });
    await browser.visit((session) => session.login('ada'));
    const thief = browser.copy();
    const child = sides.php.start(holding(browser.id));
    const done = outputOf(child).catch((error: Error) => error.message);
    await once(child.stdout, 'data');
    await browser.visit((session) => session.logout());
    child.stdin.end('go\n');
    await done;
    expect(await look.exists(keyOf(thief.id))).toBe(back);
    expect(await thief.all()).toEqual({});
    expect(await look.exists(keyOf(thief.id))).toBe(0);
  });

  it('says that a PHP without a lock overwrites changes, and merges into what such a PHP has written', async () => {
    await start({ adapter: 'express', client: 'redis 6', locks: false });
    expect(sides.findings.join()).toMatch(/redis.session.locking_enabled.* is not on/);
    await browser.visit((session) => session.set('n', 0));
    await browser.visit(async (session) => {
      session.get('n');
      await browser.php(`$_SESSION['php'] = 1;`);
      session.set('nest', 1);
    });
    expect(await browser.all()).toEqual({ n: 0, php: 1, nest: 1 });
  });

  it('works with every client, under the prefix of php-redis', async () => {
    for (const client of Object.keys(SINGLE)) {
      await start({ adapter: 'express', client, prefix: 'PHPREDIS_SESSION:' });
      await browser.php(`$_SESSION['a'] = 1;`);
      expect(await browser.visit((session) => session.increment('a'))).toBe(2);
      expect(await browser.seenByPhp()).toEqual({ a: 2 });
      if (client !== Object.keys(SINGLE).at(-1)) await sides.close();
    }
  });
});
