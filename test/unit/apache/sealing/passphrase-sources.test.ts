import { chmod, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PassphraseRingMaker, type PassphraseRing } from '../../../../lib/apache/sealing/passphrase-ring.js';
import { secretSource, type ApacheSecretOption } from '../../../../lib/apache/sealing/passphrase-sources.js';
import { KeyRingProvider } from '../../../../lib/crypto/key-ring-provider.js';
import { execSource } from '../../../../lib/crypto/key-sources/exec-source.js';
import type { KeySource } from '../../../../lib/crypto/key-source.interface.js';
import { SessionConfigError } from '../../../../lib/errors/session-config.error.js';

const PATH = 'crypto.secrets[0]';
const source = (option: ApacheSecretOption) => secretSource(PATH, option) as KeySource;
const texts = async (option: ApacheSecretOption) =>
  (await source(option).read()).map(({ bytes }) => String(bytes));
const print = (text: string) => ['/bin/sh', '-c', `printf '${text}'`] as const;

describe('apacheKeySource', () => {
  it.each([
    { what: 'one byte', option: 'x', text: 'x' },
    { what: 'raw: as a text', option: 'raw:abc', text: 'raw:abc' },
    { what: 'hex: as a text', option: `hex:${'00'.repeat(32)}`, text: `hex:${'00'.repeat(32)}` },
    { what: 'a quoted text', option: '"raw:', text: '"raw:' },
    { what: 'exec: alone', option: 'exec:', text: 'exec:' },
    { what: 'bytes of any length', option: Buffer.from('ab'), text: 'ab' },
    { what: 'a passphrase named as one', option: { passphrase: 'exec:no program' }, text: 'exec:no program' },
    { what: 'what a callback gives', option: () => 'c', text: 'c' },
    { what: 'bytes that a callback gives', option: async () => [{ secret: Buffer.from('d') }], text: 'd' },
    { what: 'the first line that a program prints', option: { exec: print('p q \\nr') }, text: 'p q ' },
  ])('takes $what', async ({ option, text }) => {
    expect(await texts(option)).toEqual([text]);
  });

  it('runs a program that a text names', async () => {
    expect(await texts(`exec:/bin/echo "two words"`)).toEqual(['two words']);
  });

  it.each([
    { what: 'an empty text', option: '', says: /is empty/ },
    { what: 'no bytes', option: Buffer.alloc(0), says: /is empty/ },
    { what: 'nothing', option: undefined, says: /is undefined/ },
    { what: 'a number', option: 5, says: /is a number; allowed are text, bytes, .*\{ passphraseFile \}/ },
    {
      what: 'a file without a name',
      option: { passphraseFile: '' },
      says: /\.passphraseFile is an empty string/,
    },
    {
      what: 'a misspelt member',
      option: { passphraseFile: 'f', othersMayread: true },
      says: /"othersMayread"/,
    },
  ])('refuses $what', ({ option, says }) => {
    expect(secretSource(PATH, option as ApacheSecretOption)).toMatch(says);
  });

  it.each([
    { what: 'prints nothing', option: { exec: ['/bin/true'] as const } },
    { what: 'prints an empty line', option: { exec: print('\\nsecret') } },
    { what: 'fails after printing', option: { exec: ['/bin/sh', '-c', 'echo secret; exit 3'] as const } },
    { what: 'is not there', option: { exec: ['/bin/none-such'] as const } },
  ])('refuses a program that $what, where httpd seals under it all the same', async ({ option }) => {
    const reading = source(option).read();
    await expect(reading).rejects.toThrow(SessionConfigError);
    await expect(reading).rejects.toMatchObject({ faults: [{ path: PATH }] });
  });

  it('refuses an empty answer of a callback', async () => {
    await expect(source(() => '').read()).rejects.toThrow(/is empty/);
  });
});

describe('a program', () => {
  let folder: string;
  let program: string;

  beforeEach(async () => {
    folder = await realpath(await mkdtemp(join(tmpdir(), 'session-crypto-')));
    program = join(folder, 'print');
    await writeFile(program, '#!/bin/sh\nprintf "%s %s" "$(pwd -P)" "${SURROUNDINGS-none}"', { mode: 0o700 });
    process.env['SURROUNDINGS'] = 'of this process';
  });
  afterEach(async () => {
    delete process.env['SURROUNDINGS'];
    await rm(folder, { recursive: true });
  });

  it('runs in its own directory and with an empty environment, as in httpd', async () => {
    const file = join(folder, 'passphrases');
    await writeFile(file, `"exec:${program}"\n`, { mode: 0o600 });
    for (const option of [`exec:${program}`, { exec: [program] as const }, { passphraseFile: file }])
      expect(await texts(option)).toEqual([`${folder} none`]);
  });

  it('whose path in a passphrase file is relative begins at serverRoot, as in httpd', async () => {
    const file = join(folder, 'passphrases');
    await writeFile(file, `exec:./print\n`, { mode: 0o600 });
    const option = { passphraseFile: file, serverRoot: folder };
    expect(await texts(option)).toEqual([`${folder} none`]);
    await expect(source({ passphraseFile: file }).read()).rejects.toThrow(
      /names a relative program; write its absolute path, or give serverRoot beside the file/,
    );
    expect(secretSource(PATH, { ...option, serverRoot: 'etc' })).toMatch(/^\.serverRoot is a string/);
  });

  it('of the native format runs in the directory and environment of this process', async () => {
    const [secret] = await execSource(PATH, [program]).read();
    expect(String(secret!.bytes)).toBe(`${process.cwd()} of this process`);
  });
});

describe('apacheKeySource with a file', () => {
  let folder: string;
  let file: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'words-'));
    file = join(folder, 'passphrases');
  });
  afterEach(() => rm(folder, { recursive: true }));
  const write = (text: string) => writeFile(file, text, { mode: 0o600 });

  it('reads words as httpd does, and the output of the programs among them', async () => {
    await write(`a "b c" # no\n"exec:/bin/echo d e" exec:\n'exec:/bin/sh -c "echo $((1 + 1))"'\n`);
    expect(await texts({ passphraseFile: file })).toEqual(['a', 'b c', 'd e', 'exec:', '2']);
  });

  it('reads lines, as any other file, when it is named so', async () => {
    await write('a b\n# no\nraw:c\n');
    expect(await texts({ file })).toEqual(['a b', 'raw:c']);
    expect(await texts(`file:${file}`)).toEqual(['a b', 'raw:c']);
  });

  it.each([
    { what: 'nothing', text: '' },
    { what: 'remarks only', text: '# a\n"#b" c\n"" d' },
  ])('refuses one that holds $what, where httpd sends its sessions in clear', async ({ text }) => {
    await write(text);
    await expect(source({ passphraseFile: file }).read()).rejects.toThrow(/holds no passphrase/);
  });

  it.each([
    { what: 'a program that fails', text: 'good exec:/bin/false', says: /ended with status 1/ },
    { what: 'a program without output', text: 'good exec:/bin/true', says: /empty first line/ },
    { what: 'no program', text: 'good "exec:  "', says: /without a program/ },
    { what: 'a zero byte', text: 'good\0', says: /zero byte/ },
  ])('refuses one with $what, whole', async ({ text, says }) => {
    await write(text);
    await expect(source({ passphraseFile: file }).read()).rejects.toThrow(says);
  });

  it('refuses one that others may read, unless that is said', async () => {
    await write('a');
    await chmod(file, 0o644);
    await expect(source({ passphraseFile: file }).read()).rejects.toThrow(/others than its owner/);
    expect(await texts({ passphraseFile: file, othersMayRead: true })).toEqual(['a']);
  });

  it('refuses one that is not there', async () => {
    await expect(source({ passphraseFile: file }).read()).rejects.toThrow(/cannot be opened \(ENOENT\)/);
  });

  it(
    'is reloaded by a KeyRingProvider when it is written, and keeps the last good ring',
    { timeout: 10_000 },
    async () => {
      await write('old');
      let tell: (message: unknown) => void = () => undefined;
      const next = () => new Promise<unknown>((resolve) => (tell = resolve));
      const listener = { reloaded: (keys: number) => tell(keys), failed: (error: unknown) => tell(error) };
      const maker = new PassphraseRingMaker('crypto.secrets');
      const sources = [source({ passphraseFile: file })];
      const keeper = new KeyRingProvider<PassphraseRing>(
        sources,
        maker,
        { interval: 0, watch: true },
        listener,
      );
      await keeper.start();
      keeper.listen();
      try {
        const old = keeper.ring.first;
        let heard = next();
        await write('new old');
        expect(await heard).toBe(2);
        const { ring } = keeper;
        expect(ring.keys[1]!.key).toBe(old);
        heard = next();
        await write('# nothing');
        expect(await heard).toBeInstanceOf(SessionConfigError);
        expect(keeper.ring).toBe(ring);
      } finally {
        keeper.stop();
      }
    },
  );
});
