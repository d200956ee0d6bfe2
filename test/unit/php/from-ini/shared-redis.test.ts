import { createClient, createCluster } from 'redis';
import { describe, expect, it } from 'vitest';
import { auditOptions, SessionConfigError } from 'nestjs-session-crypto';
import {
  fromPhpIni,
  phpRedisStore,
  type FromPhpIniOptions,
  type PhpRedisStore,
} from 'nestjs-session-crypto/php';

const client = createClient();
const secrets = [`hex:${'11'.repeat(32)}`];
const ON = 'redis.session.locking_enabled = 1';
const AT = 'session.save_path = "tcp://127.0.0.1:6379?auth=hunter2"';

function from(lines: readonly string[], more: Partial<FromPhpIniOptions> = {}) {
  const said: string[] = [];
  const options = fromPhpIni(['session.save_handler = redis', ...lines].join('\n'), {
    secrets,
    sharedUnsealed: true,
    redisClient: client,
    onFinding: ({ at, message }) => said.push(`${at}: ${message}`),
    ...more,
  });
  return { store: options.store as PhpRedisStore, options, said: said.join('\n') };
}

describe('fromPhpIni() with save_handler = redis', () => {
  it('shares the sessions, with the form of ids and the lifetime of PHP', () => {
    const { store, options, said } = from([
      AT,
      ON,
      'session.gc_maxlifetime = 600',
      'session.sid_length = 48',
    ]);
    expect(store.kind).toBe('php-redis');
    expect(options.id).toMatchObject({ length: 48 });
    expect(options.session).toMatchObject({ idleTimeout: 600 });
    expect(said).toMatch(/session\.save_handler means PHP's own sessions in Redis/);
    expect(said).not.toContain('locking_enabled');
  });

  it.each([
    ['tcp://127.0.0.1:6379', 'PHPREDIS_SESSION:'],
    ['tcp://127.0.0.1:6379?weight=1&prefix=SHOP%3A&timeout=2.5', 'SHOP:'],
    ['tls://redis.example:6380?prefix=', ''],
    ['unix:///run/redis.sock?prefix=a+b&database=2', 'a b'],
    ['127.0.0.1:6379', 'PHPREDIS_SESSION:'],
    ['tcp://127.0.0.1:6379?prefix=A%3A&database=2&prefix=B%3A&database=0', 'B:'],
    ['tcp://127.0.0.1:6379?database=0&database=2', 'PHPREDIS_SESSION:'],
  ])('takes the prefix from %s', (path, prefix) => {
    const { store, said } = from([`session.save_path = "${path}"`, ON]);
    expect(store.equalParameters[1]).toBe(prefix);
    expect(said.includes('names the database 2')).toBe(path.endsWith('database=2'));
  });

  it.each([
    [[], 'session.save_path is not set, so php-redis has no server; write session.save_path = "tcp://'],
    [
      ['session.save_path = "tcp://a:1?weight=1, tcp://b:1?weight=2"'],
      'has 2 servers, over which php-redis spreads',
    ],
    [['session.save_path = "http://a:1?auth=hunter2"'], 'has an address that php-redis does not read'],
  ])('refuses the path of %s, and shows none', (lines, message) => {
    let thrown: unknown;
    try {
      from([...lines, ON]);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(SessionConfigError);
    expect(String(thrown)).toContain(
      message.replace(/^session\.save_path is/, 'session.save_path: is').slice(-40),
    );
    expect(String(thrown)).not.toContain('hunter2');
  });

  it.each([[[]], [['redis.session.locking_enabled = Off']], [['redis.session.locking_enabled = 0']]])(
    'reports a PHP without locks: %s',
    (lines) => {
      const { store, said } = from([AT, ...lines]);
      expect(said).toMatch(/redis\.session\.locking_enabled:? is not on, so a page of PHP overwrites/);
      expect(store.audit().map(({ code }) => code)).toContain('php-redis-unlocked');
    },
  );

  it('reports a lock that PHP does not ask for again before it writes', () => {
    expect(from([AT, ON]).said).toMatch(/redis\.session\.lock_expire:? is not set/);
    expect(from([AT, ON, 'redis.session.lock_expire = 60']).said).not.toContain('lock_expire');
  });

  it.each(['"On"', '"true"', '"yes"'])('reports that php-redis takes %s in quotes for off', (value) => {
    const { store, said } = from([AT, `redis.session.locking_enabled = ${value}`]);
    expect(said).toMatch(/redis\.session\.locking_enabled:? is not on/);
    expect(store.audit().map(({ code }) => code)).toContain('php-redis-unlocked');
  });

  it.each(['1', 'On', 'yes', '"1"', '2', '0x1'])('takes %s for locks, as php-redis does', (value) => {
    expect(from([AT, `redis.session.locking_enabled = ${value}`]).said).not.toContain('locking_enabled');
  });

  it.each([
    ['lzf', '"lzf"'],
    ['"ZSTD"', '"ZSTD"'],
    ['lz4', '"lz4"'],
    ['${COMPRESSION}', '"${COMPRESSION}"'],
  ])('refuses the compression %s at its line', (value, shown) => {
    const read = () =>
      from([AT, ON, `redis.session.compression = ${value}`], { env: { COMPRESSION: 'hunter2' } });
    expect(read).toThrow(`php.ini line 4: redis.session.compression is ${shown}, and compressed sessions`);
    expect(read).not.toThrow('hunter2');
  });

  it('refuses a compression that nothing defines', () => {
    expect(() => from([AT, ON, 'redis.session.compression = ${NOTHING}'])).toThrow(
      'php.ini line 4: redis.session.compression has "${NOTHING}"',
    );
  });

  it.each(['HOST=shop.example', 'PATH=/srv/shop'])('reads what is set for [%s] only', (section) => {
    const lines = (...more: string[]) => [AT, ON, `[${section}]`, ...more];
    expect(() => from(lines('redis.session.compression = lzf'))).toThrow(
      'php.ini line 5: redis.session.compression is "lzf", and compressed sessions',
    );
    const { said } = from(lines('redis.session.compression = none', 'redis.session.lock_expire = 60'));
    expect(said).not.toContain('compression');
    expect(said).toContain(
      `php.ini line 6: redis.session.lock_expire comes after the section "[${section}]", which lasts to the end`,
    );
    expect(said).toContain('redis.session.lock_expire: is not set');
  });

  it('skips what is set for one host only where sessions are in files', () => {
    const source = '[HOST=shop.example]\nredis.session.compression = lzf\nredis.session.lock_retries = 5';
    expect(() => fromPhpIni(source, { secrets })).not.toThrow();
  });

  it('refuses the compression in the result of ini_get_all()', () => {
    const settings = {
      'session.save_handler': 'redis',
      'session.save_path': 'tcp://127.0.0.1:6379',
      'redis.session.compression': 'lzf',
    };
    expect(() => fromPhpIni(settings, { secrets, sharedUnsealed: true, redisClient: client })).toThrow(
      'redis.session.compression: is "lzf"',
    );
  });

  it.each(['', 'none', '"none"', '"None"', 'Off'])(
    'takes %j for no compression, as php-redis does',
    (value) => {
      expect(from([AT, ON, `redis.session.compression = ${value}`]).store.kind).toBe('php-redis');
    },
  );

  it('skips settings of php-redis that change neither the bytes nor the place of a session', () => {
    const lines = [
      'redis.session.compression_level = 5',
      'redis.session.early_refresh = 1',
      'redis.session.lock_retries = 500',
      'redis.session.lock_wait_time = 20000',
      'redis.pconnect.pooling_enabled = 0',
    ];
    expect(from([AT, ON, ...lines]).said).toBe(from([AT, ON]).said);
  });

  it('asks for the client, and refuses one that nothing would use', () => {
    expect(() => from([AT, ON], { redisClient: undefined as never })).toThrow(/pass redisClient/);
    expect(() => from([AT, ON], { sharedUnsealed: false })).toThrow(/redisClient: is only for/);
    expect(() => fromPhpIni('', { secrets, redisClient: client })).toThrow(/redisClient: is only for/);
  });
});

describe('phpRedisStore()', () => {
  const faultsOf = (options: object) =>
    phpRedisStore(options as never)
      .check({ length: 48, bitsPerCharacter: 6 })
      .map(({ path, message }) => `${path}: ${message}`)
      .join('\n');
  const sharedUnsealed = { serializer: 'php' } as const;

  it.each<[object, RegExp]>([
    [{ sharedUnsealed }, /^client: is undefined; allowed is a client/],
    [{ client: 'redis://x', sharedUnsealed }, /^client: is a string/],
    [
      { client: createCluster({ rootNodes: [{ url: 'redis://127.0.0.1:1' }] }), sharedUnsealed },
      /^client: is the client of a Cluster/,
    ],
    [{ client }, /^sharedUnsealed\.serializer: is missing/],
    [{ client, sharedUnsealed, prefix: 1 }, /^prefix: is a number; allowed is a text/],
    [{ client, sharedUnsealed, phpLocks: 'no' }, /^phpLocks: is "no"/],
    [{ client, sharedUnsealed, prefixx: 'a' }, /^prefixx: is unknown/],
  ])('refuses %o', (options, fault) => {
    expect(faultsOf(options)).toMatch(fault);
  });

  it('takes the ids of PHP only as long as PHP can use them', () => {
    const store = phpRedisStore({ client, sharedUnsealed });
    expect(store.check({ length: 256, bitsPerCharacter: 6 })[0]!.message).toContain('allowed: 250 or less');
  });

  it('tells the audit what does not hold', () => {
    const rows = auditOptions({ crypto: { secrets }, store: phpRedisStore({ client, sharedUnsealed }) });
    const values = rows.map(({ code, value }) => `${code}: ${value}`);
    expect(values).toContain('php-unsealed: readable in Redis');
  });

  it('does not start with sessions that never idle out', async () => {
    const { store } = from([AT, ON]);
    store.repository({ timeouts: { idleTimeout: 0 }, id: {}, rowCodec: () => undefined } as never);
    await expect(store.open(() => undefined)).rejects.toThrow(/needs session\.idleTimeout/);
  });
});
