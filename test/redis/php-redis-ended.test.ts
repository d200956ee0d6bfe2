import { afterAll, describe, expect, it } from 'vitest';
import { Redis } from 'ioredis';
import { phpRedisStore } from 'nestjs-session-crypto/php';
import { redisBeforeTests } from '../support/redis-before-tests.js';
import { ScriptApp, type Client } from '../support/script-app.js';

const IDLE = 1440;
const HOUR = 3600;
const MONTH = 720 * HOUR;

const running = redisBeforeTests();
let prefixes = 0;

/** An application beside a PHP that takes no locks, whose pages are written here as commands to Redis. */
class Site {
  private constructor(
    private readonly app: ScriptApp,
    readonly prefix: string,
    readonly redis: Redis,
  ) {}

  static async start(absoluteTimeout: number, prefix = `php-${prefixes++}:`): Promise<Site> {
    const store = phpRedisStore({
      client: running.client,
      prefix,
      phpLocks: false,
      sharedUnsealed: { serializer: 'php' },
    });
    const session = { idleTimeout: IDLE, absoluteTimeout };
    const app = await ScriptApp.start({ store, session, prune: { interval: 0 } });
    return new Site(app, prefix, new Redis(running.port, '127.0.0.1'));
  }

  visitor(): Client {
    return this.app.client();
  }

  keyOf(client: Client): string {
    return `${this.prefix}${decodeURIComponent(client.jar.get('PHPSESSID')!)}`;
  }

  /** Logs a visitor in and out. A page of PHP that ran meanwhile writes the session back. */
  async revived(): Promise<{ thief: Client; key: string; ended: string; writeBack(): Promise<unknown> }> {
    const client = this.visitor();
    await client.run((session) => session.login('ada'));
    const thief = client.copy();
    const key = this.keyOf(client);
    const bytes = await this.redis.getBuffer(key);
    await client.run((session) => session.logout());
    const writeBack = () => this.redis.set(key, bytes!, 'EX', IDLE);
    await writeBack();
    return { thief, key, ended: `${key}_NSC_ENDED`, writeBack };
  }
}

/** The seconds that a key is left, without those that a slow test takes. */
const left = async (site: Site, key: string) => Math.ceil((await site.redis.pttl(key)) / 60_000) * 60;

const subjectOf = (client: Client) => client.result((session) => session.subject ?? null);

describe('a session that has ended here, and that a page of PHP has written back', () => {
  const sites: Site[] = [];
  const start = async (absoluteTimeout: number, prefix?: string) => {
    const site = await Site.start(absoluteTimeout, prefix);
    sites.push(site);
    return site;
  };
  afterAll(() => sites.forEach(({ redis }) => redis.disconnect()));

  it.each([
    ['as long as the session could have lived, with an absolute timeout', 8 * HOUR, 8 * HOUR],
    ['for the idle timeout if that is longer', HOUR / 6, IDLE],
    ['for 30 days without an absolute timeout', 0, MONTH],
  ])('is remembered %s', async (_, absoluteTimeout, seconds) => {
    const site = await start(absoluteTimeout);
    const { ended } = await site.revived();
    expect(await left(site, ended)).toBe(seconds);
  });

  it('is removed when it is met, so that PHP does not see it either, and is remembered as long as at first', async () => {
    const site = await start(8 * HOUR);
    const { thief, key, ended, writeBack } = await site.revived();
    await site.redis.set(`${key}_LOCK`, 'a page');
    await site.redis.pexpire(ended, 60_000);
    expect(await subjectOf(thief)).toBe(null);
    expect(await site.redis.exists(key, `${key}_LOCK`)).toBe(0);
    expect(await left(site, ended)).toBe(8 * HOUR);
    await writeBack();
    expect(await subjectOf(thief)).toBe(null);
  });

  it('is remembered as long as PHP lets it live, if that is longer', async () => {
    const site = await start(8 * HOUR);
    const { thief, key, ended } = await site.revived();
    await site.redis.expire(key, 9 * HOUR);
    await subjectOf(thief);
    expect(await left(site, ended)).toBe(9 * HOUR);
  });

  it('stays refused when the idle timeout is over, however often PHP writes it', async () => {
    const site = await start(8 * HOUR);
    const { thief, ended, writeBack } = await site.revived();
    await site.redis.pexpire(ended, (await site.redis.pttl(ended)) - 1000 * IDLE);
    await writeBack();
    expect(await subjectOf(thief)).toBe(null);
  });

  it('is not forgotten sooner when an application with shorter timeouts ends it again', async () => {
    const site = await start(8 * HOUR);
    const other = await start(HOUR, site.prefix);
    const client = site.visitor();
    await client.run((session) => session.login('ada'));
    const copy = client.copy(other.visitor().url);
    const ended = `${site.keyOf(client)}_NSC_ENDED`;
    await copy.run(async (session) => {
      expect(session.subject).toBe('ada');
      await client.run((first) => first.logout());
      await session.logout();
    });
    expect(await left(site, ended)).toBe(8 * HOUR);
  });

  it('is the only one that is removed when it is met: PHP keeps its others, and their locks', async () => {
    const site = await start(8 * HOUR);
    const client = site.visitor();
    client.jar.set('PHPSESSID', 'a'.repeat(32));
    const key = site.keyOf(client);
    await site.redis.set(key, 'a|i:1;', 'EX', IDLE);
    await site.redis.set(`${key}_LOCK`, 'a page');
    expect(await client.result((session) => session.get('a'))).toBe(1);
    expect(await site.redis.exists(key, `${key}_LOCK`)).toBe(2);
  });
});
