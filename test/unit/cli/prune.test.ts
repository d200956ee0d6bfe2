import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { memoryStore } from 'nestjs-session-crypto';
import { fileStore } from 'nestjs-session-crypto/php';
import { run } from '../../../lib/cli/run.js';
import { command } from '../../support/command.js';
import { capture } from './support/site.js';

const crypto = { secrets: ['raw:w4nQe0ZrmBfV7nKXo3m6yWQh1T9sJtUu2cPzLgAaXbE'] };
let folder: string;

beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'session-crypto-prune-'))));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const prune = (options: object, ...args: string[]) => command(['prune', ...args], options);

/** A store whose calls to prune remove these numbers of rows, one after the other. */
const leftIn = (counts: number[]) =>
  Object.assign(memoryStore(), { prune: () => Promise.resolve(counts.shift() ?? 0) });

const row = (key: number, deadline: Date) => ({
  key: Buffer.alloc(32, key),
  sealed: Buffer.from([1]),
  subject: undefined,
  createdAt: new Date(0),
  lastSeenAt: new Date(0),
  deadline,
});

describe('session-crypto prune', () => {
  it('removes expired sessions from the store of the options, and nothing else', async () => {
    const path = join(folder, 'sessions');
    mkdirSync(path, { mode: 0o700 });
    const store = fileStore({ path });
    await store.open();
    await store.create(row(1, new Date(Date.now() - 8 * 3_600_000)));
    await store.create(row(2, new Date(Date.now() + 8 * 3_600_000)));
    const before = readdirSync(path, { recursive: true }).length;
    expect(await prune({ crypto, store: fileStore({ path }) })).toEqual({
      status: 0,
      out: '1 sessions removed\n',
      err: '',
    });
    expect(readdirSync(path, { recursive: true })).toHaveLength(before - 1);
  });

  it('handles more sessions than the store looks at in one call', async () => {
    const path = join(folder, 'many');
    mkdirSync(path, { mode: 0o700 });
    const store = fileStore({ path, pruneBatch: 2 });
    await store.open();
    const [past, future] = [-8, 8].map((hours) => new Date(Date.now() + hours * 3_600_000)) as [Date, Date];
    for (let key = 1; key <= 9; key++) await store.create(row(key, key === 9 ? past : future));
    expect((await prune({ crypto, store: fileStore({ path, pruneBatch: 2 }) })).out).toBe(
      '1 sessions removed\n',
    );
  });

  it('prunes until nothing is left, and prunes a named session too', async () => {
    const { status, out } = await prune({ crypto, name: 'admin', store: leftIn([1000, 7]) });
    expect([status, out]).toEqual([0, '1007 sessions removed\n']);
  });

  it('ends with 69 if the store is unavailable, and does not repeat its message', async () => {
    const store = Object.assign(memoryStore(), {
      prune: () => Promise.reject(new Error('password hunter2')),
    });
    const { status, err } = await prune({ crypto, store });
    expect(status).toBe(69);
    expect(err).toBe(
      'session-crypto: the store failed in "prune": it is unavailable (Error); check that it runs, and that the options lead to it\n',
    );
    expect(err).not.toContain('hunter2');
  });

  it.each([
    [[], '1000 sessions removed\n'],
    [['--json'], '{\n  "removed": 1000\n}\n'],
  ])('prints what it has removed before the store fails, by %j', async (args, printed) => {
    const calls = [() => Promise.resolve(1000), () => Promise.reject(new Error('password hunter2'))];
    const store = Object.assign(memoryStore(), { prune: () => calls.shift()!() });
    const { status, out, err } = await prune({ crypto, store }, ...args);
    expect([status, out]).toEqual([69, printed]);
    expect(err).toMatch(/^session-crypto: the store failed in "prune": [^\n]*\n$/);
  });

  it('prints no number where the first call fails', async () => {
    const store = Object.assign(memoryStore(), { prune: () => Promise.reject(new Error()) });
    expect((await prune({ crypto, store }, '--json')).out).toBe('');
  });

  it.each([
    ['sessions in a cookie', () => ({ crypto }), 'cannot prune'],
    ['options that are wrong', () => ({ crypto: { secrets: [''] } }), 'crypto.secrets[0]'],
  ])('ends with 78 for %s', async (_, options, said) => {
    const { status, err } = await prune(options());
    expect(status).toBe(78);
    expect(err).toContain(said);
  });

  it('ends with 66 without a file', async () => {
    const { said, output } = capture();
    expect(await run(['prune'], output)).toBe(66);
    expect(said.err).toContain('write --config FILE or --module FILE#CLASS');
  });
});
