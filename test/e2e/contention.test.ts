import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ADAPTER_NAMES } from '../support/adapters.js';
import { testDatabase, type TestDatabase } from '../support/database.js';
import { ScriptApp } from '../support/script-app.js';
import { AGING_STORES } from './support/aging-store.js';

/** Applications, each with a queue of its own, as so many processes have. */
const WRITERS = 16;
/** Changes of each, one after the other. `CONTENTION_ROUNDS=625` makes ten thousand. */
const ROUNDS = Number(process.env['CONTENTION_ROUNDS'] ?? 6);

let database: TestDatabase;

beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());

const combinations = ADAPTER_NAMES.flatMap((adapter) =>
  AGING_STORES.map(([name, store]) => [adapter, name, store] as const),
);

describe.each(combinations)('sixteen writers of one session, on %s in the %s store', (adapter, _, aging) => {
  const start = async () => {
    const { store } = aging(database);
    const apps = [];
    for (let i = 0; i < WRITERS; i++) apps.push(await ScriptApp.start({ store }, adapter));
    const client = apps[0]!.client();
    await client.run((session) => session.set('n', 0));
    return { client, writers: apps.map(({ url }) => client.copy(url)) };
  };

  it('get no 409 for an increment, lose none, and each gets a value of its own', async () => {
    const { client, writers } = await start();
    const values: unknown[] = [];
    const statuses = new Map<number, number>();
    const write = async (writer: typeof client) => {
      for (let round = 0; round < ROUNDS; round++) {
        const { status, body } = await writer.run((session) => session.increment('n', 1, { commit: true }));
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
        values.push((body as { result?: unknown }).result);
      }
    };
    await Promise.all(writers.map(write));
    expect([...statuses]).toEqual([[201, WRITERS * ROUNDS]]);
    expect(new Set(values).size).toBe(WRITERS * ROUNDS);
    expect(await client.result((session) => session.get('n'))).toBe(WRITERS * ROUNDS);
  });

  it('let a login through, which keeps what they have written', async () => {
    const { client, writers } = await start();
    const over = new AbortController();
    const write = async (writer: typeof client) => {
      while (!over.signal.aborted) await writer.run((session) => session.increment('n'));
    };
    const writing = writers.slice(1).map(write);
    const { status } = await client.run((session) => session.login('ada'));
    over.abort();
    await Promise.all(writing);
    expect(status).toBe(201);
    expect(await client.result((session) => session.subject)).toBe('ada');
  });
});
