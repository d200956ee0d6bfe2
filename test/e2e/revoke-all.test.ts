import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  cookieStore,
  memoryRevocation,
  memoryStore,
  storeRevocation,
  type SessionCryptoOptions,
} from 'nestjs-session-crypto';
import { fileStore } from 'nestjs-session-crypto/php';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ADAPTER_NAMES } from '../support/adapters.js';
import { cleanUp } from '../support/cleanup.js';
import { testDatabase, type TestDatabase } from '../support/database.js';
import { ScriptApp, type Client } from '../support/script-app.js';
import { SERVER_STORES } from '../support/stores.js';

let database: TestDatabase;

beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());

type Store = NonNullable<SessionCryptoOptions['store']>;

const files = (): Store => {
  const path = mkdtempSync(join(tmpdir(), 'session-crypto-'));
  cleanUp(async () => rmSync(path, { recursive: true, force: true }));
  return fileStore({ path });
};

const STORES: readonly (readonly [string, number, (database: TestDatabase) => Store])[] = [
  ...SERVER_STORES.map(([name, make]) => [name, 3, make] as const),
  ['files', 3, files],
  ['cookie', 0, () => cookieStore({ revocation: memoryRevocation() })],
];

const down = () => Promise.reject(Object.assign(new Error('away'), { code: 'ECONNREFUSED' }));
const marksDown = () => Object.assign(memoryStore(), { load: down, create: down });

const subjectOf = (client: Client) => client.result((session) => session.subject ?? null);

const combinations = ADAPTER_NAMES.flatMap((adapter) =>
  STORES.map(([name, ended, make]) => [adapter, name, ended, make] as const),
);

describe.each(combinations)('revokeAll() on %s in the %s store', (adapter, _, ended, make) => {
  it('ends the sessions of everybody, and none that begins afterwards', async () => {
    const app = await ScriptApp.start({ store: make(database) }, adapter);
    await app.sessions.revokeAll(); // what other tests have left in the table
    const clients = [app.client(), app.client()];
    for (const [i, client] of clients.entries()) await client.run((session) => session.login(`user ${i}`));
    const visitor = app.client();
    await visitor.run((session) => session.set('cart', [1]));
    expect(await app.sessions.revokeAll()).toBe(ended);
    for (const client of clients) expect(await subjectOf(client)).toBe(null);
    expect(await visitor.result((session) => session.all())).toEqual({});
    const later = app.client();
    await later.run((session) => session.login('user 0'));
    expect(await subjectOf(later)).toBe('user 0');
    expect(app.seen('signedOut')).toContainEqual({
      session: 'default',
      id: undefined,
      subject: undefined,
      ...(ended > 0 && { sessions: ended }),
      why: 'revoked',
    });
  });
});

describe('revokeAll()', () => {
  it('leaves what is known of revocations and of the places of a subject', async () => {
    const { store } = memoryRevocation();
    const cookies = await ScriptApp.start({
      store: cookieStore({ revocation: { store, generations: false } }),
    });
    const session = { maxPerSubject: { limit: 1, whenFull: 'refuse' as const } };
    const rows = await ScriptApp.start({ store, session });
    const client = cookies.client();
    await client.run((one) => one.login('ada'));
    const copy = client.copy();
    await client.run((one) => one.logout());
    await rows.client().run((one) => one.login('ada'));
    expect(await rows.sessions.revokeAll()).toBe(1);
    cookies.ahead = 30;
    expect(await subjectOf(copy)).toBe(null);
    expect((await rows.client().run((one) => one.login('ada'))).status).toBe(201);
    expect((await rows.client().run((one) => one.login('ada'))).status).toBe(409);
  });

  it('ends nothing where it would spare the sessions of a context', async () => {
    const contexts = [{ path: '/run', cookie: { name: 'inner' }, store: cookieStore() }];
    const app = await ScriptApp.start({ store: memoryStore(), contexts });
    await expect(app.sessions.revokeAll()).rejects.toThrow(/"cookie" cannot end all sessions/);
    expect(app.seen('signedOut')).toEqual([]);
  });

  it.each<[string, () => Store]>([
    ['a store', () => Object.assign(memoryStore(), { scan: down })],
    ['a source of revocations', () => cookieStore({ revocation: storeRevocation(marksDown()) })],
  ])('tells of no end where %s that is down has ended nothing', async (_, make) => {
    const app = await ScriptApp.start({ store: make() });
    await expect(app.sessions.revokeAll()).rejects.toMatchObject({ reason: 'ECONNREFUSED' });
    expect(app.seen('signedOut')).toEqual([]);
  });

  it('tells how many sessions have ended before the store failed', async () => {
    const store = memoryStore();
    const app = await ScriptApp.start({ store });
    for (const name of ['ada', 'bob']) await app.client().run((one) => one.login(name));
    vi.spyOn(store, 'destroy').mockImplementationOnce(down);
    await expect(app.sessions.revokeAll()).rejects.toMatchObject({ reason: 'ECONNREFUSED' });
    expect(app.seen('signedOut')).toMatchObject([{ subject: undefined, sessions: 1, why: 'revoked' }]);
  });

  it('tells that it has ended 0 sessions, so that nobody counts 1', async () => {
    const app = await ScriptApp.start({ store: memoryStore() });
    expect(await app.sessions.revokeAll()).toBe(0);
    expect(app.seen('signedOut')).toMatchObject([{ sessions: 0, why: 'revoked' }]);
  });

  it('says what it needs where sessions are in cookies alone', async () => {
    const app = await ScriptApp.start({ store: cookieStore() });
    await expect(app.sessions.revokeAll()).rejects.toMatchObject({ code: 'ERR_SESSION_UNSUPPORTED' });
  });
});
