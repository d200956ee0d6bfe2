import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { execSource, splitCommand } from '../../../../lib/crypto/key-sources/exec-source.js';
import { SessionConfigError } from '../../../../lib/errors/session-config.error.js';
import { countingBytes } from '../rings.js';

const read = (...command: string[]) => execSource('crypto.secrets[0].exec', command).read();
const node = (script: string, ...args: string[]) => read(process.execPath, '-e', script, ...args);

describe('execSource', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'exec-'));
    await writeFile(join(folder, 'plain'), '#!/bin/echo no\n', { mode: 0o600 });
  });
  afterAll(() => rm(folder, { recursive: true }));

  it.each([
    { what: 'a line', output: 'a passphrase, printed\n' },
    { what: 'a line without an end', output: 'a passphrase, printed' },
    { what: 'the first of many lines', output: 'a passphrase, printed\nand the rest\n' },
    { what: 'a line that ends in CR LF', output: 'a passphrase, printed\r\nrest' },
  ])('returns $what', async ({ output }) => {
    const [secret] = await read('/usr/bin/printf', output);
    expect(secret).toEqual({ kind: 'passphrase', bytes: Buffer.from('a passphrase, printed') });
  });

  it('reads raw keys, and keeps the blanks of a passphrase', async () => {
    const [raw] = await read('/bin/echo', `hex:${countingBytes().toString('hex')}`);
    expect(raw).toEqual({ kind: 'raw', bytes: countingBytes() });
    const [text] = await read('/bin/echo', ' blanks at both ends ');
    expect(text!.bytes.toString()).toBe(' blanks at both ends ');
  });

  it('uses no shell: shell syntax reaches the program unchanged', async () => {
    const [secret] = await read('/bin/echo', '$(id); `id` | cat > /dev/null && $HOME *');
    expect(secret!.bytes.toString()).toBe('$(id); `id` | cat > /dev/null && $HOME *');
  });

  it('runs the program again each time', async () => {
    const source = execSource('crypto.secrets[0].exec', ['/bin/echo', 'a passphrase, printed']);
    expect(source.reloads).toBe(true);
    const [first] = await source.read();
    first!.bytes.fill(0);
    expect((await source.read())[0]!.bytes.toString()).toBe('a passphrase, printed');
  });

  it.each([
    { what: 'prints nothing', command: ['/bin/true'], says: /empty first line/ },
    {
      what: 'prints an empty first line',
      command: ['/usr/bin/printf', '\\na passphrase, printed'],
      says: /empty first line/,
    },
    { what: 'prints too short a passphrase', command: ['/bin/echo', 'short'], says: /passphrase of 5 bytes/ },
    {
      what: 'ends with another status',
      command: ['/bin/false', 'secret-argument'],
      says: /status 1; status 0/,
    },
    { what: 'does not exist', command: ['/nowhere/secret-program'], says: /not found/ },
    {
      what: 'prints more than 4 KiB',
      command: ['/usr/bin/head', '-c', '5000', '/dev/zero'],
      says: /more than 4096 bytes/,
    },
    {
      what: 'prints without end',
      command: ['/usr/bin/yes', 'secret-argument'],
      says: /more than 4096 bytes/,
    },
  ])('refuses a program that $what, and repeats neither command nor output', async ({ command, says }) => {
    const reading = read(...command);
    await expect(reading).rejects.toThrow(SessionConfigError);
    const { faults } = (await reading.catch((error: unknown) => error)) as SessionConfigError;
    expect(faults).toEqual([{ path: 'crypto.secrets[0].exec', message: expect.stringMatching(says) }]);
    expect(faults[0]!.message).not.toMatch(/secret-|short/);
  });

  it('refuses a program that fails after it has printed a secret', async () => {
    await expect(node('console.log("a passphrase, printed"); process.exitCode = 3')).rejects.toThrow(
      /status 3/,
    );
  });

  it('refuses a file that is not a program', async () => {
    await expect(read(join(folder, 'plain'))).rejects.toThrow(/this user may not run/);
  });
});

describe('splitCommand', () => {
  const file = new URL('../../../vectors/apr/tokenize-to-argv.json', import.meta.url);
  const rows = JSON.parse(readFileSync(file, 'utf8')) as { text: string; words: string[] }[];

  it.each(rows.map((row) => ({ ...row, shown: JSON.stringify(row.text) })))(
    'splits $shown as httpd does',
    ({ text, words }) => {
      expect(splitCommand(text)).toEqual(words);
    },
  );
});
