import { beforeEach, describe, expect, it } from 'vitest';
import { managedRing, memoryKeyStore, memoryStore } from 'nestjs-session-crypto';
import { processesOf } from '../../../lib/ring/process-reports.js';
import { command } from '../../support/command.js';
import { TOKEN } from './support/site.js';

const DAY = 86_400_000;

let time: number;
let store: ReturnType<typeof memoryKeyStore>;
let options: object;

beforeEach(() => {
  time = Date.UTC(2026, 10, 29, 12);
  store = memoryKeyStore({ now: () => new Date(time) });
  options = {
    crypto: {
      secrets: ['raw:w4nQe0ZrmBfV7nKXo3m6yWQh1T9sJtUu2cPzLgAaXbE'],
      ring: managedRing({ store, reports: true }),
    },
    store: memoryStore(),
  };
});

const LOOKS = [
  'cookie explain',
  'keys check',
  'doctor --health',
  'sessions list ada',
  'sessions count',
  `sessions show ${TOKEN.slice(0, 32)}`,
  'sessions watch --interval 0.001 --times 2',
];

async function* pasted(): AsyncGenerator<Uint8Array> {
  yield Buffer.from(`__Host-sid=${TOKEN}`);
}

const look = (line: string) => command(line.split(' '), options, { in: pasted() });

const rows = async () => [
  ...(await store.load('default')).rows,
  ...(await store.load(processesOf('default'))).rows,
];

describe('a command that only looks', () => {
  it.each(LOOKS)('%s makes no key in an empty store, and says so', async (line) => {
    const { status, out, err } = await look(line);
    expect(status).toBe(line.startsWith('doctor') ? 2 : 78);
    expect(out + err).toContain('the store of keys is empty; check that it is the right database');
    expect(await rows()).toEqual([]);
  });

  it.each(LOOKS)('%s leaves a ring in which everything is due as it is', async (line) => {
    await command(['keys', 'add'], options);
    const before = await rows();
    expect(before).toHaveLength(2);
    time += 400 * DAY;
    const { out, err } = await look(line);
    expect(out + err).not.toMatch(/store of keys|does not start/);
    expect(await rows()).toEqual(before);
  });

  it('removes no report of a process that is over', async () => {
    await command(['keys', 'add'], options);
    const row = (await store.load('default')).rows[0]!;
    await store.insert(processesOf('default'), { ...row, id: 7, dropsAt: new Date(time + 1000) });
    time += DAY;
    await look('keys check');
    expect((await store.load(processesOf('default'))).rows).toHaveLength(1);
  });

  it('finds the application in a ring whose keys are all revoked', async () => {
    await command(['keys', 'add'], options);
    for (const id of ['1', '2']) await command(['keys', 'revoke', id], options);
    const before = await rows();
    expect((await look('sessions count')).status).toBe(0);
    expect(await rows()).toEqual(before);
  });
});
