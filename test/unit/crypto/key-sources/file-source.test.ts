import { execFileSync, execSync } from 'node:child_process';
import { closeSync, constants, openSync } from 'node:fs';
import { chmod, chown, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fileSource } from '../../../../lib/crypto/key-sources/file-source.js';
import { SessionConfigError } from '../../../../lib/errors/session-config.error.js';
import { copyingRule, countingBytes } from '../rings.js';

const octal = (mode: number) => ({ mode, shown: mode.toString(8) });

describe('fileSource', () => {
  let folder: string;
  let file: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'file-'));
    file = join(folder, 'keys');
  });
  afterEach(() => rm(folder, { recursive: true }));

  async function read(text: string | Buffer, { mode = 0o600, othersMayRead = false } = {}) {
    await writeFile(file, text);
    await chmod(file, mode);
    return fileSource('crypto.secrets[0].file', file, othersMayRead).read();
  }

  const texts = async (text: string) => (await read(text)).map(({ bytes }) => bytes.toString());

  it('reads one secret per line, in order', async () => {
    expect(await read(`hex:${countingBytes().toString('hex')}\na passphrase of a line\n`)).toEqual([
      { kind: 'raw', bytes: countingBytes() },
      { kind: 'passphrase', bytes: Buffer.from('a passphrase of a line') },
    ]);
  });

  it.each([
    { what: 'a last line without an end', text: 'first passphrase here\nsecond passphrase here' },
    { what: 'line ends of CR LF', text: 'first passphrase here\r\nsecond passphrase here\r\n' },
    { what: 'blank lines', text: '\n \nfirst passphrase here\n\t\n\r\nsecond passphrase here\n\n' },
    {
      what: 'lines that begin with #',
      text: '# new\nfirst passphrase here\n#hex:00\nsecond passphrase here\n#',
    },
  ])('handles $what', async ({ text }) => {
    expect(await texts(text)).toEqual(['first passphrase here', 'second passphrase here']);
  });

  it('keeps blanks and # inside a line as part of the secret', async () => {
    expect(await texts(' blank # first and last \n')).toEqual([' blank # first and last ']);
  });

  it('returns secrets in buffers of their own, which outlive the file', async () => {
    const [first, second] = await read('first passphrase here\nsecond passphrase here\n');
    expect(first!.bytes.buffer).not.toBe(second!.bytes.buffer);
    expect(first!.bytes.buffer.byteLength).toBe(21);
  });

  it.each([0o640, 0o604, 0o620, 0o602, 0o610, 0o644, 0o666].map(octal))(
    'refuses mode $shown, where others may use the file',
    async ({ mode }) => {
      await expect(read('first passphrase here\n', { mode })).rejects.toThrow(/chmod 600/);
    },
  );

  it.skipIf(process.geteuid!() !== 0)('leaves the mode of a file of another user alone', async () => {
    file = join(folder, "theirs'");
    await writeFile(file, 'first passphrase here\n', { mode: 0o644 });
    await chown(file, 12_345, 12_345);
    const message = await fileSource('p', file, false).read().then(String, String);
    expect(message).toMatch(/belongs to another user, so leave its mode alone/);
    const copy = join(folder, 'copy');
    execSync(/\((install .*) COPY\)/.exec(message)![1]! + ` '${copy}'`);
    expect(await fileSource('p', copy, false).read()).toHaveLength(1);
  });

  it.each([0o600, 0o400, 0o700].map(octal))('accepts mode $shown', async ({ mode }) => {
    expect(await read('first passphrase here\n', { mode })).toHaveLength(1);
  });

  it('accepts a file that others may read with othersMayRead', async () => {
    expect(await read('first passphrase here\n', { mode: 0o644, othersMayRead: true })).toHaveLength(1);
  });

  it.each([
    { what: 'an empty file', text: '', says: /holds no secret/ },
    { what: 'a file of blanks and comments', text: '\n# nothing\n  \n', says: /holds no secret/ },
    {
      what: 'a line that is too short',
      text: 'first passphrase here\n# rotated\nsh0rt\n',
      says: /line 3 is a passphrase of 5 bytes/,
    },
    {
      what: 'a line that names another file',
      text: 'first passphrase here\nfile:/run/sh0rt-name\n',
      says: /line 2 is a reference \("file:"\)/,
    },
    {
      what: 'a comment behind a byte order mark',
      text: '\ufeff# sh0rt-lived keys\nfirst passphrase here\n',
      says: /line 1 begins with a byte order mark/,
    },
    { what: 'a key that is not hexadecimal', text: 'hex:sh0rt\n', says: /line 1 is not 32 bytes in hex/ },
    { what: 'a file of more than 64 KiB', text: 'x'.repeat(65_537), says: /65537 bytes; at most 65536/ },
  ])('refuses $what without showing it', async ({ text, says }) => {
    const reading = read(text);
    await expect(reading).rejects.toThrow(says);
    await expect(reading).rejects.not.toThrow(/sh0rt|xxxx/);
  });

  it('leaves no copy of the lines before a wrong one', async () => {
    await writeFile(file, 'first passphrase here\nother passphrase here\nsh0rt\n', { mode: 0o600 });
    const { rule, copies } = copyingRule();
    await expect(fileSource('p', file, false, rule).read()).rejects.toThrow(/line 3/);
    expect(copies).toEqual([Buffer.alloc(21), Buffer.alloc(21)]);
  });

  describe('of a FIFO', () => {
    beforeEach(() => void execFileSync('mkfifo', ['-m', '600', file]));
    // a read that waits would hold a thread of the process for ever
    afterEach(() => closeSync(openSync(file, constants.O_RDWR | constants.O_NONBLOCK)));

    it('refuses it at once, though nobody writes to it', async () => {
      await expect(fileSource('p', file, false).read()).rejects.toThrow(/is not a file/);
    });
  });

  it('reports a missing file', async () => {
    const reading = fileSource('crypto.secrets[1].file', join(folder, 'none'), false).read();
    await expect(reading).rejects.toMatchObject({
      faults: [
        {
          path: 'crypto.secrets[1].file',
          message: expect.stringMatching(/none cannot be opened \(ENOENT\)$/) as string,
        },
      ],
    });
  });

  it('reports a folder in place of a file as a configuration fault', async () => {
    await chmod(folder, 0o700);
    await expect(fileSource('crypto.secrets[0].file', folder, false).read()).rejects.toThrow(
      SessionConfigError,
    );
  });
});
