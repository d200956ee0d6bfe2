import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  cookieStore,
  memoryStore,
  storeRevocation,
  type SessionCryptoOptions,
  type SessionStore,
} from 'nestjs-session-crypto';
import { apache } from 'nestjs-session-crypto/apache';
import { fileStore } from 'nestjs-session-crypto/php';
import { run } from '../../lib/cli/run.js';
import { testDatabase, type TestDatabase } from '../support/database.js';
import { SERVER_STORES } from '../support/stores.js';
import { ScriptApp } from '../support/script-app.js';
import { SECRET } from '../support/test-app.js';
import { underWay } from './support/hold.js';
import { capture } from '../unit/cli/support/site.js';

const IDLE = 1440;
const HOUR = 3600;
let database: TestDatabase;
let folder: string;

beforeAll(async () => {
  database = await testDatabase();
  folder = mkdtempSync(join(tmpdir(), 'session-crypto-exact-'));
});
beforeEach(() => database.dataSource.query(`DELETE FROM "${database.table}"`));
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await database.close();
});

type Store = NonNullable<SessionCryptoOptions['store']>;
const STORES: readonly [string, () => Store][] = [
  ...SERVER_STORES.map(([name, store]) => [name, () => store(database)] as const),
  ['files', () => fileStore({ path: mkdtempSync(join(folder, 'sessions-')) })],
].map(([name, store]) => [name as string, store as () => Store]);

const app = (store: Store, part: Partial<SessionCryptoOptions> = {}) =>
  ScriptApp.start({ store, prune: { interval: 0 }, ...part });

describe.each(STORES)('prune({ exact: true }) in the store %s', (_, store) => {
  it('removes at once what has idled out, and nothing else', async () => {
    const { sessions, client, ...rest } = await begun(store());
    await client.run((session) => session.set('n', 1));
    rest.app.ahead = IDLE + 5;
    const later = rest.app.client();
    await later.run((session) => session.login('ada'));
    expect([await sessions.prune({ exact: true }), await sessions.prune({ exact: true })]).toEqual([1, 0]);
    expect(await sessions.count()).toBe(1);
    expect(await later.result((session) => session.subject)).toBe('ada');
  });

  it('removes at once what has reached its absolute end, without an idle timeout too', async () => {
    const session = { idleTimeout: 0, absoluteTimeout: 600 };
    const { sessions, client, ...rest } = await begun(store(), { session });
    await client.run((one) => one.set('n', 1));
    rest.app.ahead = 500;
    expect(await sessions.prune({ exact: true })).toBe(0);
    rest.app.ahead = 601;
    expect(await sessions.prune({ exact: true })).toBe(1);
  });

  it('leaves a session whose clock a request moves after the rows were read', async () => {
    const held = store() as SessionStore;
    const { sessions, client, ...rest } = await begun(held, { session: { regenerateInterval: 0 } });
    await client.run((session) => session.set('n', 1));
    rest.app.ahead = IDLE - 100;
    const request = await underWay(client, () => {});
    rest.app.ahead = IDLE + 5;
    const scan = held.scan!.bind(held);
    held.scan = async (...args) => {
      const rows = await scan(...args);
      await request.finish();
      return rows;
    };
    expect(await sessions.prune({ exact: true })).toBe(0);
    expect(await client.result((session) => session.get('n'))).toBe(1);
  });

  it('leaves the rows of another application in the same store', async () => {
    const shared = store();
    const { client, ...other } = await begun(shared, { session: { idleTimeout: 2 * IDLE } });
    await client.run((session) => session.set('n', 1));
    const secrets = [`hex:${'22'.repeat(32)}`];
    const ours = await app(shared, { crypto: { secrets } });
    ours.ahead = IDLE + 5;
    expect(await ours.sessions.prune({ exact: true })).toBe(0);
    other.app.ahead = IDLE + 5;
    expect(await client.result((session) => session.get('n'))).toBe(1);
  });

  it('leaves a session that one of two contexts still accepts', async () => {
    const contexts = [{ path: '/run', session: { idleTimeout: 2 * IDLE } }];
    const { sessions, client, ...rest } = await begun(store(), { contexts });
    await client.run((session) => session.set('n', 1));
    rest.app.ahead = IDLE + 5;
    expect(await sessions.prune({ exact: true })).toBe(0);
    rest.app.ahead = 2 * IDLE + 5;
    expect(await sessions.prune({ exact: true })).toBe(1);
  });

  it('keeps rows while sessions are migrated, so that an old cookie is not migrated again', async () => {
    const until = new Date(Date.now() + HOUR * 1000);
    const accept = [apache({ secrets: ['a'.repeat(16)], cookie: { name: 'old' }, until })];
    const { sessions, client, ...rest } = await begun(store(), { crypto: { secrets: [SECRET], accept } });
    await client.run((session) => session.set('n', 1));
    rest.app.ahead = IDLE + 5;
    expect(await sessions.prune({ exact: true })).toBe(0);
  });
});

/** An application and a visitor. */
async function begun(store: Store, part?: Partial<SessionCryptoOptions>) {
  const started = await app(store, part);
  return { app: started, sessions: started.sessions, client: started.client() };
}

it('the command line removes a session as soon as it has idled out', async () => {
  const path = mkdtempSync(join(folder, 'cli-'));
  const { app: started, client } = await begun(fileStore({ path }));
  started.ahead = -IDLE - 5;
  await client.run((session) => session.set('n', 1));
  await started.close();
  const options = { crypto: { secrets: [SECRET] }, cookie: { secure: false }, store: fileStore({ path }) };
  (globalThis as { exactOptions?: unknown }).exactOptions = options;
  const file = join(folder, 'config.mjs');
  writeFileSync(file, 'export const options = () => globalThis.exactOptions;');
  const { said, output } = capture();
  expect(await run(['prune', '--config', file], output)).toBe(0);
  expect(said).toEqual({ out: '1 sessions removed\n', err: '' });
});

it('prune({ exact: true }) removes what has ended in one store though another one is down', async () => {
  const [base, inner] = [memoryStore(), memoryStore()];
  const contexts = [{ path: '/run', cookie: { name: 'inner' }, store: inner }];
  const { sessions, client, ...rest } = await begun(base, { contexts });
  await client.run((session) => session.set('n', 1));
  rest.app.ahead = IDLE + 5;
  const away = Object.assign(new Error('away'), { code: 'ECONNREFUSED' });
  Object.assign(base, { scan: () => Promise.reject(away) });
  await expect(sessions.prune({ exact: true })).rejects.toMatchObject({ reason: 'ECONNREFUSED' });
  expect([await inner.count(), await inner.prune()]).toEqual([0, 0]);
});

describe('prune() in a store without the method, which leaves it to its server', () => {
  it('removes nothing by itself, and with `exact` what has ended', async () => {
    const store = Object.assign(memoryStore(), { prune: undefined as never });
    const one = await app(store);
    await one.client().run((session) => session.set('n', 1));
    one.ahead = IDLE + 5;
    expect(await one.sessions.prune()).toBe(0);
    expect([await one.sessions.prune({ exact: true }), await one.sessions.prune({ exact: true })]).toEqual([
      1, 0,
    ]);
    expect(one.seen('pruned')).toEqual([]);
  });

  it('does nothing with marks of cookies that their server removes', async () => {
    const revocation = storeRevocation(Object.assign(memoryStore(), { prune: undefined as never }));
    const { sessions } = await app(cookieStore({ revocation }));
    expect([await sessions.prune(), await sessions.prune({ exact: true })]).toEqual([0, 0]);
  });

  it('counts what the other stores have removed', async () => {
    const left = Object.assign(memoryStore(), { prune: undefined as never });
    const contexts = [{ path: '/run', cookie: { name: 'inner' }, store: left }];
    const { sessions } = await app(Object.assign(memoryStore(), { prune: async () => 3 }), { contexts });
    expect(await sessions.prune()).toBe(3);
  });
});
