import { randomBytes } from 'node:crypto';
import session from 'express-session';
import { auditOptions, memoryStore, SessionConfigError, type SessionStore } from 'nestjs-session-crypto';
import { fromExpressStore, toExpressStore, type ConnectStore } from 'nestjs-session-crypto/express';
import { storeContract } from 'nestjs-session-crypto/testing';
import { typeOrmStore } from 'nestjs-session-crypto/typeorm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodeEnded } from '../../lib/persistence/marks/mark-content.js';
import { MarkRows } from '../../lib/persistence/marks/mark-rows.js';
import { testDatabase, type TestDatabase } from '../support/database.js';
import { ScriptApp } from '../support/script-app.js';
import { SECRET } from '../support/test-app.js';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());

/** The store of express-session itself, and what other packages make of it. */
const CONNECT: Record<string, () => ConnectStore> = {
  'MemoryStore of express-session': () => new session.MemoryStore(),
  'a store without touch': () => {
    const store = new session.MemoryStore();
    return {
      get: (id, done) => store.get(id, done),
      set: (id, data, done) => store.set(id, data, done),
      destroy: (id, done) => store.destroy(id, done),
    };
  },
};

describe.each(Object.entries(CONNECT))('fromExpressStore() over %s', (_, make) => {
  for (const { title, run } of storeContract)
    it(title, async () => {
      await run(fromExpressStore(make()));
    });

  it('keeps sessions, and in one process all of 20 parallel changes', async () => {
    const app = await ScriptApp.start({ store: fromExpressStore(make()) });
    const client = app.client();
    await client.run((session) => session.set('begun', true));
    const keys = Array.from({ length: 20 }, (_, i) => `key${i}`);
    await Promise.all(keys.map((key) => client.copy().run((session) => session.set(key, 1))));
    const all = (await client.result((session) => session.all())) as object;
    expect(keys.filter((key) => !(key in all))).toEqual([]);
  });
});

describe('fromExpressStore()', () => {
  it('lets nobody read a session or its token in the store', async () => {
    const store = new session.MemoryStore();
    const app = await ScriptApp.start({ store: fromExpressStore(store) });
    const client = app.client();
    await client.run((session) => session.set('secret', 'readable'));
    const { sessions } = store as unknown as { sessions: Record<string, string> };
    const text = JSON.stringify(sessions);
    expect(text).toContain('sealed');
    expect(text).not.toContain('readable');
    expect(client.cookie).not.toContain(Object.keys(sessions)[0]!);
  });

  it('gives 503 and no cookie for a session whose folder is gone when it is written', async () => {
    const noFolder = Object.assign(new Error('no such file or directory'), { code: 'ENOENT' });
    const store = CONNECT['a store without touch']!();
    const app = await ScriptApp.start({
      store: fromExpressStore({ ...store, set: (_id, _session, done) => done(noFolder) }),
    });
    const { status, cookies } = await app.client().run((session) => session.set('n', 1));
    expect([status, cookies]).toEqual([503, []]);
  });

  it('takes a session that is not ours for none', async () => {
    const store: ConnectStore = {
      get: (_id, done) => done(null, { cookie: {}, row: { sealed: '!', version: 1, state: 'live' } }),
      set: (_id, _session, done) => done(),
      destroy: (_id, done) => done(),
    };
    expect(await fromExpressStore(store).load(Buffer.alloc(32))).toBeUndefined();
  });

  it('is called weak by the audit, since it compares no versions', () => {
    const store = fromExpressStore(CONNECT['a store without touch']!());
    const row = auditOptions({ crypto: { secrets: [SECRET] }, store }).find(
      ({ code }) => code === 'lost-updates',
    );
    expect(row).toMatchObject({ verdict: 'weak', value: 'does not compare versions' });
  });

  it('refuses what is no store', () => {
    expect(() => fromExpressStore({ get() {} } as never)).toThrow(/without the methods set, destroy/);
  });
});

const OURS: Record<string, () => SessionStore> = {
  memoryStore: () => memoryStore(),
  typeOrmStore: () => typeOrmStore(database),
};
const crypto = { secrets: [SECRET] };
const inAnHour = () => new Date(Date.now() + 3_600_000);
const sessionOf = (data: object, expires: Date | null = inAnHour()) => ({
  cookie: { path: '/', expires, originalMaxAge: expires && 3_600_000 },
  ...data,
});

describe.each(Object.entries(OURS))('toExpressStore() over %s', (kind, make) => {
  beforeAll(async () => {
    if (kind === 'typeOrmStore') await toExpressStore(make(), { crypto }).clear();
  });

  it('stores, reads, overwrites and ends a session, with callbacks and promises', async () => {
    const store = toExpressStore(make(), { crypto });
    await store.set('a', sessionOf({ n: 1 }));
    await new Promise<void>((resolve, reject) =>
      store.set('a', sessionOf({ n: 2 }), (error) => (error ? reject(error as Error) : resolve())),
    );
    expect(await store.get('a')).toMatchObject({ n: 2, cookie: { originalMaxAge: 3_600_000 } });
    await store.destroy('a');
    expect(await store.get('a')).toBeNull();
    await store.destroy('a');
  });

  it('does not bring a destroyed session back', async () => {
    const store = toExpressStore(make(), { crypto });
    await store.set('b', sessionOf({ n: 1 }));
    await store.destroy('b');
    await store.set('b', sessionOf({ n: 2 }));
    await store.touch('b', sessionOf({ n: 3 }));
    expect(await store.get('b')).toBeNull();
  });

  it('ends a session with its cookie, and takes its changes until then', async () => {
    const store = toExpressStore(make(), { crypto });
    await store.set('c', sessionOf({ n: 1 }, new Date(Date.now() - 1000)));
    expect(await store.get('c')).toBeNull();
    await store.set('c', sessionOf({ n: 2 }));
    expect(await store.get('c')).toMatchObject({ n: 2 });
    await store.set('d', sessionOf({ n: 1 }, null));
    expect(await store.get('d')).toMatchObject({ n: 1, cookie: { expires: null } });
  });

  it('moves the end by touch(), and changes nothing else', async () => {
    const store = toExpressStore(make(), { crypto });
    const soon = new Date(Date.now() + 60_000);
    await store.set('e', sessionOf({ n: 1 }, soon));
    const later = inAnHour();
    await store.touch('e', sessionOf({ n: 'stale' }, later));
    expect(await store.get('e')).toMatchObject({ n: 1, cookie: { expires: later.toISOString() } });
  });

  it('lists, counts and clears', async () => {
    const store = toExpressStore(make(), { crypto });
    await store.clear();
    await store.set('f', sessionOf({ n: 'f' }));
    await store.set('g', sessionOf({ n: 'g' }));
    await store.set('h', sessionOf({ n: 'h' }, new Date(Date.now() - 1000)));
    expect((await store.all()).map((one) => one['n']).toSorted()).toEqual(['f', 'g']);
    expect(await store.length()).toBe(2);
    await store.clear();
    expect([await store.all(), await store.length()]).toEqual([[], 0]);
  });

  it('clears no mark of a revocation in the same place', async () => {
    const ours = make();
    const store = toExpressStore(ours, { crypto });
    await store.clear();
    const [marks, key] = [new MarkRows(ours), randomBytes(32)];
    const mark = encodeEnded({ at: 1 });
    await marks.change(key, () => mark, inAnHour());
    await store.clear();
    expect(await marks.read(key)).toEqual(mark);
  });

  it('opens nothing that another key or another id has sealed', async () => {
    const ours = make();
    await toExpressStore(ours, { crypto }).set('i', sessionOf({ n: 1 }));
    const stranger = toExpressStore(ours, { crypto: { secrets: [`hex:${'22'.repeat(32)}`] } });
    expect(await stranger.get('i')).toBeNull();
  });
});

describe('toExpressStore()', () => {
  it('says which option is missing or wrong', () => {
    const guarded = { ...memoryStore(), kind: 'mine' } as unknown as SessionStore;
    Object.setPrototypeOf(guarded, Object.getPrototypeOf(memoryStore()) as object);
    expect(() => toExpressStore(guarded)).toThrow(/crypto\.secrets\[0\]: is missing/);
    expect(() => toExpressStore(memoryStore(), { crypto: { secrets: [] }, ttl: 0 })).toThrow(
      SessionConfigError,
    );
    expect(() => toExpressStore(new session.MemoryStore() as never, { crypto })).toThrow(
      /store: is MemoryStore/,
    );
  });

  it('keeps nothing readable, and no id that logs in', async () => {
    const ours = memoryStore();
    await toExpressStore(ours, { crypto }).set('the-id-of-a-cookie', sessionOf({ name: 'readable' }));
    const [row] = await ours.scan(undefined, 1);
    expect(row!.sealed.toString('latin1')).not.toContain('readable');
    expect(row!.key.toString('latin1')).not.toContain('the-id');
  });

  it('rejects with the error of wrong secrets', async () => {
    const store = toExpressStore(memoryStore(), { crypto: { secrets: ['short'] } });
    await expect(store.get('a')).rejects.toThrow(/secrets\[0\]/);
  });
});
