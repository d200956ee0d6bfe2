import { describe, expect, it } from 'vitest';
import {
  auditOptions,
  SessionConfigError,
  type IdOptions,
  type SessionCryptoOptions,
} from 'nestjs-session-crypto';
import { apache, dbdStore } from 'nestjs-session-crypto/apache';
import { fileStore, fromPhpIni, type SharedFileStoreOptions } from 'nestjs-session-crypto/php';
import { resolveOptions } from '../../../../lib/options/resolve-options.js';

const crypto = { secrets: [`hex:${'11'.repeat(32)}`] };
const share = (options: object = {}, unsealed: object = {}) =>
  fileStore({
    path: '/sessions',
    ...options,
    sharedUnsealed: { serializer: 'php', ...unsealed },
  } as SharedFileStoreOptions);

function faultsOf(options: Partial<SessionCryptoOptions>): string[] {
  try {
    resolveOptions({ crypto, ...options });
  } catch (error) {
    expect(error).toBeInstanceOf(SessionConfigError);
    return (error as SessionConfigError).faults.map(({ path, message }) => `${path}: ${message}`);
  }
  return [];
}

describe('a store that PHP shares', () => {
  it('starts with crypto.secrets, and with the name of the cookie of PHP, unless another is set', () => {
    const { cookies, id } = resolveOptions({ crypto, store: share() });
    expect([cookies.secure?.name, cookies.plain?.name, id.parameter]).toEqual([
      'PHPSESSID',
      'PHPSESSID',
      'PHPSESSID',
    ]);
    const named = resolveOptions({ crypto, store: share(), cookie: { name: 'SHOP' } });
    expect(named.cookies.secure?.name).toBe('SHOP');
    expect(resolveOptions({ crypto, store: share() }, 'admin').cookies.secure?.name).toBe('PHPSESSID-admin');
  });

  it('reports all its faults at once', () => {
    const store = share(
      { depth: 22, mode: 0o644, dept: 1 },
      { serializer: 'wddx', subjectKey: '_nsc', serialiser: '' },
    );
    expect(faultsOf({ store }).map((fault) => fault.split(':')[0])).toEqual([
      'store.depth',
      'store.mode',
      'store.sharedUnsealed.serializer',
      'store.sharedUnsealed.subjectKey',
      'store.sharedUnsealed.serialiser',
      'store.dept',
    ]);
  });

  it('has no default serializer, because PHP deletes files of another one', () => {
    expect(faultsOf({ store: share({}, { serializer: undefined }) })).toEqual([
      'store.sharedUnsealed.serializer: is missing; allowed: php, php_binary, php_serialize; write the session.serialize_handler of PHP',
    ]);
    expect(faultsOf({ store: fileStore({ path: '/', sharedUnsealed: 'php' as never }) })).toHaveLength(2);
  });

  it('refuses a foreign format and a migration beside it', () => {
    expect(
      faultsOf({ crypto: { format: apache({ secrets: ['a passphrase that is long'] }) }, store: share() }),
    ).toEqual([expect.stringMatching(/^store: "php-files" has its own format; remove crypto\.format/)]);
    const accept = [
      apache({
        secrets: ['a passphrase that is long'],
        cookie: { name: 'session' },
        until: new Date(Date.now() + 1e9),
      }),
    ];
    expect(faultsOf({ crypto: { ...crypto, accept }, store: share() })).toEqual([
      expect.stringMatching(/^crypto\.accept: migrates sessions into the native format/),
    ]);
    expect(faultsOf({ store: dbdStore() })[0]).toMatch(/set crypto\.format to apache\(/);
  });

  it('is refused on a system without flock(2)', async () => {
    const platform = Object.getOwnPropertyDescriptor(process, 'platform')!;
    Object.defineProperty(process, 'platform', { ...platform, value: 'win32' });
    try {
      await expect(share().open()).rejects.toThrow(/store\.sharedUnsealed: needs flock\(2\)/);
    } finally {
      Object.defineProperty(process, 'platform', platform);
    }
  });

  it('proposes sharedUnsealed for a misspelt option', async () => {
    const store = fileStore({ path: '/sessions', sharedUnseald: { serializer: 'php' } } as never);
    await expect(store.open()).rejects.toThrow(/sharedUnseald: is unknown; is "sharedUnsealed" meant\?/);
  });

  it.each([
    [
      { length: 22, bitsPerCharacter: 4 },
      /^id\.length: is 22, and with 4 bits per character an id has 88 bits; at least 128 bits are needed: set 32 or more/,
    ],
    [{ length: 25, bitsPerCharacter: 5 }, /has 125 bits; at least 128 bits are needed: set 26/],
    [{ length: 21 }, /^id\.length: .*from 22 to 256/],
    [{ bitsPerCharacter: 7 as never }, /^id\.bitsPerCharacter: .*from 4 to 6/],
    [
      { length: 251 },
      /^store: names files by ids, but id\.length is 251; allowed: 250 or less; write id\.length: 48/,
    ],
  ])('refuses ids with %j', (id, fault) => {
    expect(faultsOf({ store: share(), id: id as IdOptions })).toEqual([expect.stringMatching(fault)]);
  });

  it.each([
    [26, 5],
    [32, 4],
    [22, 6],
  ] as const)('accepts ids of %i characters of %i bits', (length, bitsPerCharacter) => {
    expect(faultsOf({ store: share(), id: { length, bitsPerCharacter } })).toEqual([]);
  });
});

describe('the audit of a store that PHP shares', () => {
  const rows = (unsealed = {}) =>
    auditOptions(
      { crypto, store: share({}, unsealed), id: { length: 32, bitsPerCharacter: 4 } },
      { production: true },
    );

  it('has a row for each promise that does not hold there', () => {
    const own = rows().filter(({ code }) => code.startsWith('php-'));
    expect(own.map(({ code, verdict }) => [code, verdict]).toSorted()).toEqual([
      ['php-lock', 'choose'],
      ['php-no-tombstones', 'weak'],
      ['php-unauthenticated', 'weak'],
      ['php-unsealed', 'weak'],
    ]);
    for (const row of own) expect([row.why, row.remedy, row.source].every(Boolean)).toBe(true);
  });

  it('has a short value for each weakness, so that the lines of a start differ', () => {
    const own = rows({ subjectKey: 'user' }).filter(({ code }) => code.startsWith('php-'));
    expect(own.map(({ value }) => value).toSorted()).toEqual([
      "PHP's entries are not authenticated",
      'a variable of PHP names the subject',
      'an ended session leaves no tombstone',
      'readable on disk',
      'requests wait for PHP',
    ]);
  });

  it('has one more for a variable that names the subject', () => {
    expect(rows({ subjectKey: 'user' }).find(({ code }) => code === 'php-trusted-subject')?.verdict).toBe(
      'weak',
    );
  });

  it('knows the random bits of an id, and that ids of sealed sessions have more', () => {
    const bitsOf = (found: ReturnType<typeof rows>) => found.find(({ code }) => code === 'id-length')?.value;
    expect(bitsOf(rows())).toBe('128 bits');
    const store = fileStore({ path: '/sessions' });
    expect(bitsOf(auditOptions({ crypto, store, id: { length: 32, bitsPerCharacter: 4 } }))).toBe(
      '256 bits, more than id.length asks for',
    );
    expect(bitsOf(auditOptions({ crypto, store }))).toBe('256 bits');
  });
});

describe('fromPhpIni with sharedUnsealed', () => {
  const INI = [
    'session.save_path = "1;0660;/var/lib/php/sessions"',
    'session.serialize_handler = php_serialize',
    'session.sid_length = 32',
    'session.sid_bits_per_character = 5',
    'session.use_strict_mode = 0',
  ];
  const from = (lines: readonly string[], sharedUnsealed = true) => {
    const said: string[] = [];
    const options = fromPhpIni(lines.join('\n'), {
      ...crypto,
      sharedUnsealed,
      onFinding: ({ at, message }) => void said.push(`${at}: ${message}`),
    });
    return { options, said: said.join('\n') };
  };

  it('shares the files of PHP, with its serializer and ids, and reports what PHP must switch on', () => {
    const { options, said } = from(INI);
    expect(options.store?.kind).toBe('php-files');
    expect(options.id).toEqual({ length: 32, bitsPerCharacter: 5 });
    expect(resolveOptions(options).id.length).toBe(32);
    expect(said).toMatch(/session\.save_handler: means PHP's own files, unsealed/);
    expect(said).toMatch(/session\.use_strict_mode is not on, .*; write session\.use_strict_mode = On/);
  });

  it('keeps sessions sealed without it, and reports why', () => {
    const { options, said } = from(INI, false);
    expect(options.store?.kind).toBe('files');
    expect(options.id).toEqual({});
    expect(said).toMatch(/session\.save_handler: means sealed files here/);
    expect(said).toMatch(/session\.sid_length has no effect here/);
  });

  it('names a setting once if its place is its name', () => {
    const fault = () => fromPhpIni({ 'session.save_handler': 'redis' }, crypto);
    expect(fault).toThrow(/- session\.save_handler: is redis, whose sessions PHP does not seal/);
  });

  it('needs the path', () => {
    expect(() => from(['session.name = A'])).toThrow(
      /session\.save_path: is not set, .*; write session\.save_path .*or pass ini_get_all's JSON/,
    );
  });

  it('names the option store for other handlers', () => {
    expect(() => from(['session.save_handler = memcached'])).toThrow(/set the option store/);
    expect(() => from(['session.save_handler = redis'])).toThrow(
      /is redis, and sharedUnsealed needs a client .* pass redisClient/,
    );
  });
});
