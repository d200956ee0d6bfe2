import { createHook } from 'node:async_hooks';
import { randomBytes } from 'node:crypto';
import { typeOrmStore, type TypeOrmStore } from 'nestjs-session-crypto/typeorm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MonitoredStore } from '../../lib/persistence/monitored.store.js';
import { SessionEvents } from '../../lib/persistence/session-events.js';
import { StoreHealth } from '../../lib/persistence/store-health.js';
import type { SessionStore } from '../../lib/stores/session-store.interface.js';
import { onServer, testDatabase, type TestDatabase } from '../support/database.js';

let database: TestDatabase;
let store: TypeOrmStore;

const newRow = () => ({
  key: randomBytes(32),
  sealed: randomBytes(300),
  subject: undefined,
  createdAt: new Date(),
  lastSeenAt: new Date(),
  deadline: new Date(Date.now() + 3_600_000),
});

/** The promises that one call makes. The least of many calls, since the test's own program makes some now and then. */
async function promisesOf(call: () => Promise<unknown>): Promise<number> {
  const counts: number[] = [];
  for (let i = 0; i < 50; i++) counts.push(await count(call));
  return Math.min(...counts);
}

/** A callback waits for the call: an `await` would make a promise more. */
function count(call: () => Promise<unknown>): Promise<number> {
  let made = 0;
  const hook = createHook({ init: (_, type) => void (type === 'PROMISE' && made++) });
  return new Promise((resolve, reject) => {
    hook.enable();
    call().then(() => {
      hook.disable();
      resolve(made - 2); // this `then`, and the promise around
    }, reject);
  });
}

// The connections of PGlite make promises of their own. Each costs time in a process that uses AsyncLocalStorage.
describe.skipIf(!onServer)('a statement makes few promises', () => {
  beforeAll(async () => {
    database = await testDatabase();
    store = typeOrmStore(database);
    await store.open(() => undefined);
  });
  afterAll(async () => {
    await store.close();
    await database.close();
  });

  it.each([
    { kind: 'the store', load: 5, create: 3, replace: 3 },
    { kind: 'the store with its health watched', load: 7, create: 8, replace: 6 },
  ])('of $kind', async ({ kind, ...expected }) => {
    const watched = new MonitoredStore(store, new StoreHealth('default', new SessionEvents(), 5000));
    const asked: SessionStore = kind === 'the store' ? store : watched;
    const row = newRow();
    await asked.create(row);
    let version = 0;
    const load = await promisesOf(() => asked.load(row.key));
    const create = await promisesOf(() => asked.create(newRow()));
    const replace = await promisesOf(() => asked.replace(row, ++version));
    expect({ load, create, replace }).toEqual(expected);
    expect((await asked.load(row.key))!.version).toBe(51);
  });
});
