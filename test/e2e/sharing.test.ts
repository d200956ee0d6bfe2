import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cookieStore, memoryStore, type SessionCryptoOptions } from 'nestjs-session-crypto';
import { typeOrmStore } from 'nestjs-session-crypto/typeorm';
import { testDatabase, type TestDatabase } from '../support/database.js';
import { ScriptApp } from '../support/script-app.js';
import { SECRET } from '../support/test-app.js';

const OTHER_SECRET = `hex:${'22'.repeat(32)}`;
let database: TestDatabase;
let other: TestDatabase;

beforeAll(async () => {
  database = await testDatabase();
  other = await testDatabase();
});
afterAll(async () => {
  await database.close();
  await other.close();
});

type Options = Partial<SessionCryptoOptions>;
const crypto = (part: Partial<SessionCryptoOptions['crypto']> = {}) => ({
  crypto: { secrets: [SECRET], ...part },
});

/** Whether a session begun at one application is the same at the other. */
async function isShared(first: Options, second: Options): Promise<boolean> {
  const [a, b] = [await ScriptApp.start(first), await ScriptApp.start(second)];
  const client = a.client();
  await client.run((session) => session.login('ada'));
  const twin = client.copy(b.url);
  const name = first.cookie?.name ?? 'sid';
  twin.jar.set(second.cookie?.name ?? 'sid', client.jar.get(name)!);
  return (await twin.result((session) => session.subject ?? null)) === 'ada';
}

describe.each([
  ['cookie', () => cookieStore()],
  ['postgres', () => typeOrmStore(database)],
] as const)('two applications with the %s store', (_, store) => {
  it("open each other's sessions when they agree", async () => {
    expect(await isShared({ store: store(), ...crypto() }, { store: store(), ...crypto() })).toBe(true);
  });

  it("open each other's sessions while the secret rotates", async () => {
    const both = crypto({ secrets: [OTHER_SECRET, SECRET] });
    expect(await isShared({ store: store(), ...crypto() }, { store: store(), ...both })).toBe(true);
  });

  it.each([
    ['secret', crypto({ secrets: [OTHER_SECRET] })],
    ['ring name', crypto({ ring: 'another' })],
    ['audience', crypto({ audience: 'other.example' })],
    ['tenant', crypto({ tenant: 'blue' })],
    ['cipher', crypto({ cipher: 'chacha20' })],
    ['cookie name', { ...crypto(), cookie: { name: 'other' } }],
  ] as [string, Options][])('share nothing when the %s differs', async (_title, difference) => {
    expect(await isShared({ store: store(), ...crypto() }, { store: store(), ...difference })).toBe(false);
  });
});

it('two applications share nothing when the table differs, although the same rows stand in it', async () => {
  const [a, b] = [
    await ScriptApp.start({ store: typeOrmStore(database) }),
    await ScriptApp.start({ store: typeOrmStore({ table: other.table, dataSource: other.dataSource }) }),
  ];
  const client = a.client();
  await client.run((session) => session.login('ada'));
  const rows = await database.dataSource.query<Record<string, unknown>[]>(
    `SELECT * FROM "${database.table}"`,
  );
  for (const row of rows) {
    const names = Object.keys(row);
    const places = names.map((_, i) => `$${i + 1}`);
    await other.dataSource.query(
      `INSERT INTO "${other.table}" (${names.map((name) => `"${name}"`).join()}) VALUES (${places.join()})`,
      Object.values(row),
    );
  }
  expect(await client.copy(b.url).result((session) => session.subject ?? null)).toBe(null);
  expect(b.seen('rejected')).toEqual([
    { session: 'default', reason: 'tag', hint: expect.stringMatching(/^[\da-f]{8}$/) as string },
  ]);
});

it('a row that was put in the place of another opens for nobody, also when its key is in the cache', async () => {
  const app = await ScriptApp.start({ store: typeOrmStore(database) });
  const [ada, eve] = [app.client(), app.client()];
  const idOf = async (client: typeof ada, subject: string) =>
    Buffer.from(
      (await client.result(async (session) => {
        await session.login(subject);
        return session.id;
      })) as string,
      'base64url',
    );
  const [adas, eves] = [await idOf(ada, 'ada'), await idOf(eve, 'eve')];
  expect(await ada.result((session) => session.subject)).toBe('ada');
  await database.dataSource.query(
    `UPDATE "${database.table}" SET "sealed" = (SELECT "sealed" FROM "${database.table}" WHERE "key" = $1) WHERE "key" = $2`,
    [adas, eves],
  );
  expect(await eve.result((session) => session.subject ?? null)).toBe(null);
  expect(await ada.result((session) => session.subject)).toBe('ada');
});

it('rotation in three steps logs nobody out, and re-seals on the way', async () => {
  const store = memoryStore();
  const steps = [[SECRET], [SECRET, OTHER_SECRET], [OTHER_SECRET, SECRET], [OTHER_SECRET]];
  let cookie: string | undefined;
  for (const secrets of steps) {
    const app = await ScriptApp.start({ store, crypto: { secrets } });
    const client = app.client();
    if (cookie) client.jar.set('sid', cookie);
    else await client.run((session) => session.login('ada'));
    expect(await client.result((session) => session.subject)).toBe('ada');
    cookie = client.jar.get('sid');
  }
});

it('reseal() leaves nothing under the old key', async () => {
  const store = memoryStore();
  const old = await ScriptApp.start({ store });
  const next = await ScriptApp.start({ store, crypto: { secrets: [OTHER_SECRET, SECRET] } });
  for (let i = 0; i < 5; i++) await old.client().run((session) => session.set('i', i));
  expect(await next.sessions.reseal()).toBe(5);
  expect(await next.sessions.reseal()).toBe(0);
});

it('reseal() does not put back a clock that a request has moved after the rows were read', async () => {
  const store = memoryStore();
  const old = await ScriptApp.start({ store });
  const next = await ScriptApp.start({ store, crypto: { secrets: [OTHER_SECRET, SECRET] } });
  const [before, client] = [old.client(), next.client()];
  await before.run((session) => session.set('n', 1));
  client.jar.set('sid', before.jar.get('sid')!);
  const scan = store.scan.bind(store);
  store.scan = async (...args) => {
    const rows = await scan(...args);
    next.ahead = 700;
    await client.run((session) => session.get('n'));
    return rows;
  };
  expect(await next.sessions.reseal()).toBe(0);
  next.ahead = 1440 + 600;
  expect(await client.result((session) => session.get('n'))).toBe(1);
});
