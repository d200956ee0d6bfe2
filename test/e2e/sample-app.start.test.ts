import { spawn } from 'node:child_process';
import { stat, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readEnvironment } from '../../sample-app/config/environment.js';
import { FolderLock } from '../../sample-app/database/folder-lock.js';
import { startSampleIn, temporaryFolder } from './support/sample-app.js';
import { Visitor } from './support/sample-visitor.js';

/** No process has this number: Linux gives out none above 4194304. */
const DEAD_PID = 4_194_305;
const SESSION_SECRET = `hex:${'5e'.repeat(32)}`;
const MAIN = fileURLToPath(new URL('../../dist/sample-app/main.js', import.meta.url));

let folder: string;
let remove: () => Promise<void>;

beforeEach(async () => {
  ({ folder, remove } = await temporaryFolder());
});
afterEach(() => remove());

describe('the environment of the sample app', () => {
  it('needs no variable', () => {
    expect(readEnvironment({})).toEqual({
      PORT: '3000',
      HOST: '127.0.0.1',
      ADAPTER: 'express',
      SESSION_STORE: 'postgres',
      DATA_DIR: '.data',
    });
  });

  it('may have empty variables, which count as absent', () => {
    expect(readEnvironment({ PORT: '', DATABASE_URL: '', TLS_KEY: '' })).toEqual(readEnvironment({}));
  });

  it.each([
    [{ PORT: '80x' }, 'PORT: "80x" is not a port; use a number from 0 to 65535'],
    [{ PORT: '65536' }, 'PORT: "65536" is not a port'],
    [{ ADAPTER: 'koa' }, 'ADAPTER: "koa" is unknown; use express or fastify'],
    [{ SESSION_STORE: 'redis' }, 'SESSION_STORE: "redis" is unknown; use postgres or cookie'],
    [{ TLS_KEY: 'key.pem' }, 'TLS_CERT: it is missing'],
    [{ TLS_CERT: 'cert.pem' }, 'TLS_KEY: it is missing'],
    [{ SESSION_SECRET: 'hunter2' }, 'SESSION_SECRET: a passphrase needs at least 16 characters'],
    [{ DATABASE_URL: 'mysql://u:hunter2@db' }, 'DATABASE_URL: it must begin with postgres://'],
  ] as [NodeJS.ProcessEnv, string][])('is refused with %o', (variables, message) => {
    expect(() => readEnvironment(variables)).toThrow(message);
    expect(() => readEnvironment(variables)).not.toThrow('hunter2');
  });

  it('is refused with every fault at once', () => {
    expect(() => readEnvironment({ PORT: '-1', ADAPTER: 'koa' })).toThrow(/PORT: .*\nADAPTER: /);
  });
});

describe('a taken port', () => {
  let taker: Server;
  let PORT: string;

  beforeEach(async () => {
    taker = createServer();
    await new Promise<void>((resolve) => taker.listen(0, '127.0.0.1', resolve));
    PORT = String((taker.address() as AddressInfo).port);
  });
  afterEach(() => void taker.close());

  it.each(['express', 'fastify'])(
    'ends the start on %s, names PORT, and frees the folder',
    async (ADAPTER) => {
      await expect(startSampleIn(folder, { ADAPTER, PORT })).rejects.toThrow(
        `Port ${PORT} is taken. Set PORT to another one`,
      );
      await expect(stat(join(folder, 'lock'))).rejects.toThrow('ENOENT');
    },
  );

  it('ends the process with 1 and a message without a stack', async () => {
    const { code, stderr } = await run({ PORT, DATA_DIR: folder, SESSION_SECRET, DATABASE_URL: '' });
    expect(code).toBe(1);
    expect(stderr).toContain(`Port ${PORT} is taken. Set PORT to another one`);
    expect(stderr).not.toContain('    at ');
  });
});

describe('a start', () => {
  it('ends with 1 where a variable is wrong, and says which', async () => {
    const { code, stderr } = await run({ ADAPTER: 'koa', DATA_DIR: folder });
    expect(code).toBe(1);
    expect(stderr).toContain('ADAPTER: "koa" is unknown; use express or fastify');
    expect(stderr).not.toContain('    at ');
  });

  it('says which variable names a file that is not there', async () => {
    const missing = join(folder, 'key.pem');
    await expect(startSampleIn(folder, { TLS_KEY: missing, TLS_CERT: missing })).rejects.toThrow(
      'TLS_KEY: the file cannot be read: ENOENT',
    );
  });
});

describe('the data folder', () => {
  it('is refused to a second application, and survives the first', async () => {
    const DATA_DIR = join(folder, 'data');
    const first = await startSampleIn(DATA_DIR);
    const visitor = new Visitor(first.port);
    await visitor.logIn('ada');
    await expect(startSampleIn(DATA_DIR, { SESSION_SECRET })).rejects.toThrow(
      `is in use by process ${process.pid}`,
    );
    expect((await stat(DATA_DIR)).mode & 0o777).toBe(0o700);
    expect((await stat(join(DATA_DIR, 'session-secret'))).mode & 0o777).toBe(0o600);
    await first.close();
    await expect(stat(join(DATA_DIR, 'lock'))).rejects.toThrow('ENOENT');
    const second = await startSampleIn(DATA_DIR);
    const returned = new Visitor(second.port);
    returned.cookies.set('sid', visitor.cookies.get('sid')!);
    expect((await returned.get('/')).text).toContain('Hello, Ada.');
    await second.close();
  });

  it.each([
    ['a dead process', `${DEAD_PID}\n`],
    ['an earlier process with our number', `${process.pid}\n`],
    ['a process that died while it wrote', ''],
  ])('is taken over from %s', async (_, left) => {
    await writeFile(join(folder, 'lock'), left);
    FolderLock.take(folder).release();
  });

  it('is refused while a living process has it', async () => {
    await writeFile(join(folder, 'lock'), `${process.ppid}\n`);
    expect(() => FolderLock.take(folder)).toThrow(`is in use by process ${process.ppid}`);
  });
});

/** Runs the application as `npm start` does, until it ends by itself. */
async function run(env: NodeJS.ProcessEnv): Promise<{ code: number | null; stderr: string }> {
  const child = spawn(process.execPath, [MAIN], { env: { ...process.env, NO_COLOR: '1', ...env } });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const stderr = await text(child.stderr);
  return { code: await ended, stderr };
}
