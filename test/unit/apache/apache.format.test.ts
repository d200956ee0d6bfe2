import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import { cookieStore, memoryStore } from 'nestjs-session-crypto';
import { apache, ApacheEnvelope, dbdStore, type ApacheOptions } from '../../../lib/apache/index.js';
import { OpensslDriver } from '../../../lib/crypto/drivers/openssl/openssl.driver.js';
import type { CryptoDriver } from '../../../lib/crypto/crypto-driver.interface.js';
import { resolveOptions } from '../../../lib/options/resolve-options.js';
import type { SessionRecord } from '../../../lib/record/session-record.js';
import { typeOrmStore } from '../../../lib/stores/typeorm/index.js';

const SECRET = 'hunter2 hunter2 hunter2';
const start = (options: ApacheOptions, driver: CryptoDriver = new OpensslDriver()) =>
  apache(options).start(
    'crypto.format',
    { interval: 0, watch: false },
    { reloaded: () => undefined, failed: () => undefined },
    driver,
  );
const faultsOf = (options: unknown) =>
  apache(options as ApacheOptions)
    .check('crypto.format')
    .map(({ path }) => path);
const RECORD: SessionRecord = {
  id: Buffer.alloc(16),
  idIssuedAt: 1e9,
  lastSeenAt: 1e9,
  deadline: 0,
  idleTimeout: 0,
  authenticatedAt: 0,
  generation: 0,
  epoch: 0,
  subject: undefined,
  data: { a: '1' },
  flash: {},
  csrfSeed: undefined,
  createdAt: 1e9,
};
const PARTS = {
  timeouts: { idleTimeout: 0, absoluteTimeout: 0, regenerateInterval: 0, graceTime: 0, touchInterval: 0 },
  payloadLimit: 1000,
  now: () => 1e9,
};

let folder: string | undefined;
afterEach(async () => {
  if (folder) await rm(folder, { recursive: true });
  folder = undefined;
});
async function file(text: string): Promise<string> {
  folder ??= await mkdtemp(join(tmpdir(), 'apache-format-'));
  const path = join(folder, 'keys');
  await writeFile(path, text);
  await chmod(path, 0o600);
  return path;
}

describe('options of apache()', () => {
  it.each<[unknown, string[]]>([
    [{ secrets: [SECRET] }, []],
    [{ secrets: [] }, ['crypto.format.secrets']],
    [{}, ['crypto.format.secrets']],
    [undefined, ['crypto.format.secrets']],
    [{ secrets: SECRET }, ['crypto.format.secrets', 'crypto.format.secrets']],
    [{ secrets: ['', 5, undefined, {}] }, [0, 1, 2, 3].map((i) => `crypto.format.secrets[${i}]`)],
    [{ secrets: [{ passphraseFile: '' }] }, ['crypto.format.secrets[0].passphraseFile']],
    [{ secrets: [{ passphraseFile: 'x', other: 1 }] }, ['crypto.format.secrets[0]']],
    [{ secrets: [SECRET], cipher: 'aes512' }, ['crypto.format.cipher']],
    [{ secrets: [SECRET], rules: '2.2' }, ['crypto.format.rules']],
    [{ secrets: [SECRET], keyCache: -1 }, ['crypto.format.keyCache']],
    [{ secrets: [SECRET], reuseSalt: 'no' }, ['crypto.format.reuseSalt']],
    [{ secrets: [SECRET], header: 'a b' }, ['crypto.format.header']],
    [{ secrets: [SECRET], env: 1, cookieRemove: 1 }, ['crypto.format.env', 'crypto.format.cookieRemove']],
    [{ secrets: [SECRET], auth: {} }, ['crypto.format.auth.name', 'crypto.format.auth']],
    [{ secrets: [SECRET], auth: { name: 'r', verify: 1 } }, ['crypto.format.auth.verify']],
    [
      { secrets: [SECRET], auth: { name: 'r', trustUserKey: 1 } },
      ['crypto.format.auth.trustUserKey', 'crypto.format.auth'],
    ],
    [
      { secrets: [SECRET], cookie: { name: 'a;b' }, until: new Date() },
      ['crypto.format.cookie.name', 'crypto.format.cookie.name'],
    ],
    [
      { secrets: [SECRET], cookie: { name: 's', path: 'x' }, until: new Date() },
      ['crypto.format.cookie.path'],
    ],
    [
      { secrets: [SECRET], cookie: { name: 's', domain: 'a b' }, until: new Date() },
      ['crypto.format.cookie.domain'],
    ],
    [{ secrets: [SECRET], cookie: { name: 's' } }, ['crypto.format.until']],
    [{ secrets: [SECRET], cookie: { name: 's' }, until: new Date(NaN) }, ['crypto.format.until']],
    [{ secrets: [SECRET], chiper: 'aes256' }, ['crypto.format.chiper']],
  ])('%j are wrong at %j', (options, paths) => {
    expect(faultsOf(options)).toEqual(paths);
  });

  it('are wrong all at once', () => {
    expect(faultsOf({ cipher: 'x', rules: 'y', secrets: [1] })).toHaveLength(3);
  });

  it('stand in no error, text or inspection', async () => {
    const format = apache({
      secrets: [SECRET, { passphrase: SECRET }, Buffer.from(SECRET)],
    });
    const shown = [
      JSON.stringify(format),
      String(format),
      inspect(format, { depth: 9, showHidden: true }),
      inspect(format, { depth: 9, showHidden: true, customInspect: false }),
      inspect(await start({ secrets: [SECRET] }), { depth: 5, showHidden: true }),
    ];
    for (const text of shown) expect(text).not.toMatch(/hunter2|68 75 6e 74/);
  });

  it('with a passphrase of another kind name it and not its value', () => {
    const [fault] = apache({ secrets: [{ passphras: SECRET } as never] }).check('f');
    expect(JSON.stringify(fault)).not.toContain('hunter2');
  });
});

describe('passphrases of apache()', () => {
  it.each<[string, () => Promise<ApacheOptions['secrets']>]>([
    ['text, with no prefix that means something', () => Promise.resolve(['raw:k'])],
    ['bytes', () => Promise.resolve([Buffer.from('raw:k')])],
    ['an object', () => Promise.resolve([{ passphrase: 'raw:k' }])],
    [
      'a program',
      () =>
        Promise.resolve([
          { exec: [process.execPath, '-e', 'console.log("raw:k")'] as [string, ...string[]] },
        ]),
    ],
    ['a file of lines', async () => [{ file: await file('raw:k\n') }]],
    ['a passphrase file', async () => [{ passphraseFile: await file('"raw:k" second\n# not\n') }]],
    ['a function', () => Promise.resolve([() => 'raw:k'])],
  ])('come from %s', async (_name, secrets) => {
    const { codec, keys } = await start({ secrets: await secrets() });
    keys.stop();
    const sealed = await codec(PARTS).seal(RECORD, Infinity);
    expect((await new ApacheEnvelope({ secrets: ['raw:k'] }).open(sealed))?.plaintext.toString()).toMatch(
      /^a=1&/,
    );
  });

  it('are read again', async () => {
    const path = await file('first-passphrase');
    const { codec, keys } = await start({ secrets: [{ passphraseFile: path }] });
    const using = codec(PARTS);
    const before = await using.seal(RECORD, Infinity);
    await file('second-passphrase first-passphrase');
    await keys.reload();
    expect(await using.open(before)).toMatchObject({ stale: true });
    expect(
      await new ApacheEnvelope({ secrets: ['second-passphrase'] }).open(await using.seal(RECORD, Infinity)),
    ).toBeDefined();
    await file('second-passphrase');
    await keys.reload();
    expect(await using.open(before)).toBe('tag');
    await file('# none');
    await expect(keys.reload()).rejects.toThrow(/holds no passphrase/);
    expect(await using.open(await using.seal(RECORD, Infinity))).toMatchObject({ stale: false });
    keys.stop();
  });
});

describe('crypto.format', () => {
  const format = apache({ secrets: [SECRET] });
  const faults = (options: object) => {
    try {
      resolveOptions(options as never);
    } catch (error) {
      return (error as Error).message;
    }
    return '';
  };

  it('excludes secrets of ours', () => {
    expect(faults({ crypto: { format, secrets: ['hex:' + '1'.repeat(64)] } })).toMatch(
      /crypto\.secrets: belongs to the native format/,
    );
  });

  it('excludes stores of ours on the server', () => {
    expect(faults({ crypto: { format }, store: memoryStore() })).toMatch(
      /store: "memory" keeps sessions of the native format/,
    );
    expect(faults({ crypto: { format }, store: typeOrmStore() })).toMatch(
      /store: "\w+" keeps sessions of the native format/,
    );
    expect(faults({ crypto: { format }, store: cookieStore() })).toBe('');
    expect(faults({ crypto: { format }, store: dbdStore() })).toBe('');
  });

  it('is needed by its own store', () => {
    expect(faults({ crypto: { secrets: ['hex:' + '1'.repeat(64)] }, store: dbdStore() })).toMatch(
      /store: "dbd" keeps sessions of the apache format/,
    );
  });

  it('excludes forms that would be led over to ours', () => {
    const accept = [apache({ secrets: [SECRET], cookie: { name: 's' }, until: new Date() })];
    expect(faults({ crypto: { format, accept } })).toMatch(
      /crypto\.accept: migrates sessions into the native format/,
    );
    expect(faults({ crypto: { secrets: ['hex:' + '1'.repeat(64)], accept: [format] } })).toMatch(
      /crypto\.accept\[0\]: has no cookie to read and no end of the migration/,
    );
  });

  it('is shared by whoever has the same passphrases and cipher', () => {
    expect(format.sharesWith(apache({ secrets: [SECRET], env: true }))).toBe(true);
    expect(format.sharesWith(apache({ secrets: [SECRET], cipher: 'aes128' }))).toBe(false);
    expect(format.sharesWith(apache({ secrets: [`${SECRET}x`] }))).toBe(false);
    expect(format.sharesWith({ name: 'apache' } as never)).toBe(false);
  });

  it('says what could be safer, without the passphrase', () => {
    const found = apache({
      secrets: ['short', { passphrase: 'brief' }, SECRET],
      cipher: '3des192',
      auth: { name: 'r', trustUserKey: true },
    }).audit('crypto.format');
    expect(found.map(({ code }) => code).toSorted()).toEqual([
      'apache-3des',
      'apache-format',
      'apache-password',
      'apache-short-passphrase',
      'apache-short-passphrase',
      'apache-trusted-user',
    ]);
    expect(JSON.stringify(found)).not.toMatch(/"short|brief/);
  });
});
