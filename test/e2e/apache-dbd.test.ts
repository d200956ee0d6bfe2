import { createHash, randomUUID } from 'node:crypto';
import { inspect } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  apache,
  ApacheEnvelope,
  dbdStore,
  dbdTableSql,
  type DbdStoreOptions,
} from 'nestjs-session-crypto/apache';
import { readSession } from 'nestjs-session-crypto/testing';
import { statementsOf } from '../support/statements.js';
import { testDatabase, type TestDatabase } from '../support/database.js';
import { ADAPTER_NAMES } from '../support/adapters.js';
import { ScriptApp } from '../support/script-app.js';
import { underWay } from './support/hold.js';

const SECRET = 'a passphrase that is long enough';
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const httpd = new ApacheEnvelope({ secrets: [SECRET] });

let database: TestDatabase;
let app: ScriptApp;
const table = `dbd_${randomUUID().slice(0, 8)}`;
beforeAll(async () => {
  database = await testDatabase();
  for (const sql of dbdTableSql({ table })) await database.dataSource.query(sql);
});
beforeEach(() => database.dataSource.query(`DELETE FROM "${table}"`));
afterAll(async () => {
  await database.dataSource.query(`DROP TABLE "${table}"`);
  await database.close();
});

interface Row {
  readonly key: string;
  readonly value: string;
  readonly expiry: string;
}
const rows = (): Promise<Row[]> => database.dataSource.query(`SELECT * FROM "${table}" ORDER BY "key"`);
const keys = async () => (await rows()).map(({ key }) => key);
const put = (key: string, value: string | null, expiry: bigint | number = 0) =>
  database.dataSource.query(`INSERT INTO "${table}" VALUES ($1, $2, $3)`, [key, value, String(expiry)]);
const putText = async (key: string, text: string, expiry: bigint | number = 0) =>
  put(key, await httpd.seal(text), expiry);
const microseconds = (seconds: number) => BigInt(Math.floor(Date.now() / 1000) + seconds) * 1_000_000n;
const textOf = async ({ value }: Row) => (await httpd.open(value))!.plaintext.toString();

/** The first words of the statements that reach the database while something is done. */
const statements = async (act: () => Promise<unknown>) =>
  (await statementsOf(act)).map((text) => text.split(' ')[0]);

describe.each(ADAPTER_NAMES)('on %s, the table of mod_session_dbd', (adapter) => {
  const start = async (store: DbdStoreOptions = {}, session = {}) => {
    app = await ScriptApp.start(
      {
        crypto: { format: apache({ secrets: [SECRET] }) },
        cookie: { name: 'session' },
        session,
        store: dbdStore({ dataSource: database.dataSource, table, ...store }),
        prune: { interval: 0 },
      },
      adapter,
    );
    return app.client();
  };

  it('has a row by a random UUID, which the cookie says, and the same end in text and column', async () => {
    const client = await start();
    const { cookies } = await client.run((session) => session.set('a', '1'));
    const [row] = await rows();
    expect(cookies).toEqual([`session=${row!.key}; Path=/; HttpOnly; SameSite=Lax; Priority=High`]);
    expect(row!.key).toMatch(UUID);
    expect(await textOf(row!)).toMatch(new RegExp(`^a=1&_nsc=[\\w-]+&expiry=${row!.expiry}$`));
  });

  it('is asked once to read, and once more to change, end or touch', async () => {
    const client = await start({}, { idleTimeout: 1000, touchInterval: 100 });
    expect(await statements(() => client.run((session) => session.get('a')))).toEqual([]);
    expect(await statements(() => client.run((session) => session.set('a', '1')))).toEqual(['INSERT']);
    expect(await statements(() => client.run((session) => session.get('a')))).toEqual(['SELECT']);
    expect(await statements(() => client.get('/untouched'))).toEqual([]);
    expect(await statements(() => client.run((session) => session.set('a', '2')))).toEqual([
      'SELECT',
      'UPDATE',
    ]);
    expect(await statements(() => client.run((session) => session.login('ada')))).toEqual([
      'SELECT',
      'UPDATE',
    ]);
    app.ahead = 200;
    expect(await statements(() => client.run((session) => session.get('a')))).toEqual(['SELECT', 'UPDATE']);
    expect(await statements(() => client.run((session) => session.logout()))).toEqual(['SELECT', 'DELETE']);
  });

  it('sends no cookie over that of a login that came between a read and its touch', async () => {
    app = await ScriptApp.start(
      {
        crypto: { format: apache({ secrets: [SECRET] }) },
        cookie: { name: 'session', lifetime: 86_400 },
        session: { idleTimeout: 1000, touchInterval: 100 },
        store: dbdStore({ dataSource: database.dataSource, table }),
        prune: { interval: 0 },
      },
      adapter,
    );
    const client = app.client();
    await client.run((session) => session.set('a', '1'));
    const other = client.copy();
    app.ahead = 200;
    const slow = await underWay(other, (session) => session.get('a'));
    await client.run((session) => session.login('ada'));
    expect((await slow.finish()).cookies).toEqual([]);
  });

  it('gives sessions a public id that is no credential', async () => {
    const client = await start();
    await client.run((session) => session.set('a', '1'));
    const id = (await client.result((session) => session.id)) as string;
    const [key] = await keys();
    expect(id).toBe(createHash('sha256').update(`dbd\0${key}`).digest('base64url'));
    client.jar.set('session', id);
    expect(await client.result((session) => session.get('a') ?? null)).toBe(null);
  });

  it('loses nothing of twenty requests at once', async () => {
    const client = await start();
    await client.run((session) => session.set('a', '1'));
    const [key] = await keys();
    await Promise.all(
      Array.from({ length: 20 }, (_, i) => client.copy().run((session) => session.set(`k${i}`, i))),
    );
    expect(Object.keys((await client.result((session) => session.all())) as object)).toHaveLength(21);
    expect(await keys()).toEqual([key]);
  });

  it('merges what somebody else has written meanwhile', async () => {
    const client = await start();
    await client.run((session) => session.set('a', '1'));
    const [row] = await rows();
    await client.run(async (session) => {
      session.get('a');
      const value = await httpd.seal((await textOf(row!)).replace('a=1', 'a=1&httpd=x'));
      await database.dataSource.query(`UPDATE "${table}" SET "value" = $1`, [value]);
      session.set('b', '2');
    });
    expect(await client.result((session) => session.all())).toEqual({ a: '1', httpd: 'x', b: '2' });
  });

  it('has a new key at login and regenerate(), and the old one is dead', async () => {
    const client = await start();
    await client.run((session) => session.set('a', '1'));
    for (const act of ['login', 'regenerate'] as const) {
      const thief = client.copy();
      const before = await keys();
      const { cookies } = await client.run((session) =>
        act === 'login' ? session.login('ada') : session.regenerate(),
      );
      expect(cookies).toHaveLength(1);
      const after = await keys();
      expect([after.length, after[0] === before[0]]).toEqual([1, false]);
      expect(await thief.result((session) => session.get('a') ?? null)).toBe(null);
      expect(await client.result((session) => [session.subject, session.get('a')])).toEqual(['ada', '1']);
    }
  });

  it('has a new key at each change where that is wished', async () => {
    const client = await start({ renewKey: 'change' });
    const seen = new Set<string>();
    for (let i = 0; i < 4; i++) {
      const { cookies } = await client.run((session) => session.set('n', i));
      const now = await keys();
      expect([now.length, cookies.length]).toEqual([1, 1]);
      seen.add(now[0]!);
    }
    expect(seen.size).toBe(4);
    expect(await client.result((session) => session.get('n'))).toBe(3);
  });

  it('has no row after logout, and a request that still runs brings none back', async () => {
    const client = await start();
    await client.run((session) => session.set('a', '1'));
    const [other, reader] = [client.copy(), client.copy()];
    await other.run(async (session) => {
      session.set('late', '1');
      await client.run((own) => own.logout());
    });
    expect(await keys()).toEqual([]);
    expect(client.jar.size).toBe(0);
    expect((await reader.run((session) => session.get('a') ?? null)).body).toEqual({ result: null });
    expect(await keys()).toEqual([]);
  });

  it('gives up rows that have ended, and removes them batch by batch', async () => {
    await start({ pruneBatch: 2 });
    for (let i = 0; i < 5; i++)
      await putText(`00000000-0000-4000-8000-00000000000${i}`, 'a=1', microseconds(-10));
    await putText('live', 'a=1', microseconds(1000));
    await putText('for-ever', 'a=1');
    const client = app.client();
    client.jar.set('session', '00000000-0000-4000-8000-000000000000');
    expect(await client.result((session) => session.all())).toEqual({});
    const seen = await statements(async () => expect(await app.sessions.prune()).toBe(5));
    expect(seen).toEqual(['DELETE', 'DELETE', 'DELETE']);
    expect(await keys()).toEqual(['for-ever', 'live']);
  });

  it.each([
    'unknown',
    '',
    'a"b',
    "a'; DROP TABLE x; --",
    'gr\u00fc\u00dfe',
    'x'.repeat(3000),
    '%00',
    'A'.repeat(36),
    ' ',
    ',',
    '\\',
    '..',
  ])('makes nothing of the cookie %j, and never takes it over', async (value) => {
    const client = await start();
    client.jar.set('session', Buffer.from(value).toString('latin1'));
    const { status } = await client.run((session) => session.set('a', '1'));
    expect(status).toBe(201);
    expect(await keys()).toEqual([expect.stringMatching(UUID)]);
    expect(await client.result((session) => session.get('a'))).toBe('1');
  });

  it.each<[string, string | null]>([
    ['null', null],
    ['nothing', ''],
    ['garbage', 'garbage'],
    ['another key’s', 'A'.repeat(88)],
  ])('with a value of %s is no session, and no error', async (_name, value) => {
    await start();
    await put('odd', value);
    const client = app.client();
    client.jar.set('session', 'odd');
    expect(await client.result((session) => session.all())).toEqual({});
    expect((await client.run((session) => session.set('a', '1'))).status).toBe(201);
    expect(await client.result((session) => session.get('a'))).toBe('1');
  });

  describe('by user', () => {
    let user: string | undefined;
    beforeEach(() => start({ perUser: () => user }));
    const set = async (key = 'a') => (await app.client().run((session) => session.set(key, '1'))).status;
    const all = () => app.client().result((session) => session.all());

    it('has one session a user, and sends no cookie', async () => {
      user = 'ada ü';
      const { status, cookies } = await app.client().run((session) => session.set('a', '1'));
      expect([status, cookies, await keys()]).toEqual([201, [], ['ada ü']]);
      expect(await all()).toEqual({ a: '1' });
      await app.client().run((session) => session.login('ada'));
      expect(await keys()).toEqual(['ada ü']);
      await app.client().run((session) => session.logout());
      expect([await keys(), await all()]).toEqual([[], {}]);
      expect(await set()).toBe(201);
    });

    it('shows readSession the session of a user, and lets it refuse where it knows none', async () => {
      user = 'ada';
      expect(await set()).toBe(201);
      expect((await readSession(app.app, []))!.all()).toEqual({ a: '1' });
      user = undefined;
      await expect(readSession(app.app, [])).rejects.toThrow('finds a session by the user of the request');
    });

    it.each([undefined, '', 'a\0b', 'x'.repeat(257), '\ud800', 5 as never])(
      'tells whoever sets something for %j that there is nobody',
      async (nobody) => {
        user = nobody;
        const code = await app.client().result((session) => {
          try {
            session.set('a', '1');
          } catch (error) {
            return (error as { code: string }).code;
          }
        });
        expect([code, await keys()]).toEqual(['ERR_SESSION_READONLY', []]);
        expect(await all()).toEqual({});
      },
    );

    it.each<[string, () => Promise<unknown>]>([
      ['that has expired', () => putText('ada', 'old=1', microseconds(-10))],
      ['that httpd has emptied', () => put('ada', '')],
      ['without a value', () => put('ada', null)],
      ['that another passphrase sealed', () => put('ada', 'A'.repeat(88))],
      ['whose text has expired', () => putText('ada', `old=1&expiry=${microseconds(-10)}`)],
    ])('begins anew over a row %s', async (_name, prepare) => {
      user = 'ada';
      await prepare();
      expect(await all()).toEqual({});
      expect(await set()).toBe(201);
      expect([await all(), await keys()]).toEqual([{ a: '1' }, ['ada']]);
    });

    it('begins one session where several requests begin it, and says so to the others', async () => {
      user = 'ada';
      const statuses = await Promise.all(Array.from({ length: 6 }, (_, i) => set(`k${i}`)));
      const kept = Object.keys((await all()) as object).length;
      expect(statuses.filter((status) => status === 201)).toHaveLength(kept);
      expect(statuses.every((status) => status === 201 || status === 409)).toBe(true);
      expect(await keys()).toEqual(['ada']);
    });
  });

  it('that is down is 503, or nobody where that is wished', async () => {
    for (const [onStoreDown, expected] of [
      ['fail', 503],
      ['anonymous', 201],
    ] as const) {
      const client = await start({}, { onStoreDown });
      client.jar.set('session', randomUUID());
      await database.dataSource.query(`ALTER TABLE "${table}" RENAME TO "${table}_away"`);
      try {
        const { status, body } = await client.run((session) => session.isNew);
        expect(status).toBe(expected);
        expect(JSON.stringify(body)).not.toMatch(/relation|dbd_/);
      } finally {
        await database.dataSource.query(`ALTER TABLE "${table}_away" RENAME TO "${table}"`);
      }
      expect((await client.run((session) => session.set('a', '1'))).status).toBe(201);
    }
  });

  it('that is not there stops the start with the SQL that makes it', async () => {
    await expect(start({ table: 'no_such_table' })).rejects.toThrow(
      /store\.table: "no_such_table" does not exist[^]*CREATE TABLE "no_such_table" \("key" text PRIMARY KEY/,
    );
  });
});

describe('dbdStore', () => {
  it('shows nothing of how the database is reached', () => {
    const store = dbdStore({
      dataSource: { type: 'postgres', password: 'hunter2', url: 'postgres://u:hunter2@h/d' },
    });
    expect(inspect(store, { depth: 9, showHidden: true })).not.toContain('hunter2');
    expect(JSON.stringify(store)).not.toContain('hunter2');
  });
});
