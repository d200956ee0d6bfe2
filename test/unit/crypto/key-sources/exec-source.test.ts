import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, constants, createReadStream, mkdtempSync, openSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { execSource, splitCommand } from '../../../../lib/crypto/key-sources/exec-source.js';
import { NATIVE_SECRETS, type SecretRule } from '../../../../lib/crypto/secret.js';
import { SessionConfigError } from '../../../../lib/errors/session-config.error.js';
import { countingBytes } from '../rings.js';

const read = (...command: string[]) => execSource('crypto.secrets[0].exec', command).read();
const node = (script: string, ...args: string[]) => read(process.execPath, '-e', script, ...args);

/** Runs a shell script that writes its pid into the FIFO `up` and holds it open, and that may wait at the FIFO `down`. */
function watch(parent: string) {
  const folder = mkdtempSync(join(parent, 'fifos-'));
  const [up, down] = [join(folder, 'up'), join(folder, 'down')];
  execFileSync('mkfifo', [up, down]);
  const output = createReadStream(up);
  const ended = once(output, 'end');
  let pid = 0;
  return {
    run: (script: string) => read('/bin/sh', '-c', `cd "$0" && ${script}`, folder),
    pid: async () => (pid = Number(String((await once(output, 'data'))[0]))),
    /** Resolves when every process that has held `up` open has ended. */
    end: () => ended,
    /** Lets go whoever waits at a FIFO still. */
    release() {
      for (const fifo of [up, down]) closeSync(openSync(fifo, constants.O_RDWR | constants.O_NONBLOCK));
      if (isAlive(pid)) process.kill(pid, 'SIGKILL');
    },
  };
}
type Running = ReturnType<typeof watch>;

/** False for a process that has ended and that Node has heard of. */
function isAlive(pid: number): boolean {
  try {
    return pid > 0 && process.kill(pid, 0);
  } catch {
    return false;
  }
}

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

  it('wipes all that the program has printed, and not the first line alone', async () => {
    let line: Buffer = Buffer.alloc(0);
    const text: SecretRule['text'] = (bytes) => {
      line = bytes as Buffer;
      return NATIVE_SECRETS.text(bytes);
    };
    const printed = 'a passphrase, printed\nan old passphrase';
    const source = execSource('p', ['/usr/bin/printf', '%s', printed], { ...NATIVE_SECRETS, text });
    await source.read();
    expect(Buffer.from(line.buffer, line.byteOffset, printed.length)).toEqual(Buffer.alloc(printed.length));
  });

  describe('gives up after 5 seconds', () => {
    let running: Running;
    beforeEach(() => {
      running = watch(folder);
      vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    });
    afterEach(() => {
      vi.useRealTimers();
      running.release();
    });

    it('and kills a program that ignores SIGTERM', async () => {
      const reading = running.run('trap "" TERM; exec 3>up; echo $$ >&3; read never <down');
      await running.pid();
      vi.advanceTimersByTime(5000);
      await expect(reading).rejects.toThrow(/the program did not end within 5 seconds/);
      await running.end();
    });

    it('to wait for the output that another program holds open, and takes what the program has printed', async () => {
      const reading = running.run(
        'exec 3>up; (exec 3>&-; read never <down) & echo "a passphrase, printed"; echo $$ >&3',
      );
      const pid = await running.pid();
      await running.end();
      while (isAlive(pid)) await new Promise(setImmediate);
      await new Promise(setImmediate);
      vi.advanceTimersByTime(5000);
      expect((await reading)[0]!.bytes.toString()).toBe('a passphrase, printed');
    });
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
