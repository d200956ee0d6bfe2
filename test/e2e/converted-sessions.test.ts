import { createHmac, randomUUID } from 'node:crypto';
import { MemoryStore, type SessionData } from 'express-session';
import { describe, expect, it } from 'vitest';
import { memoryStore, type SessionStore } from 'nestjs-session-crypto';
import { fromExpressSession, type ExpressSessionMigration } from 'nestjs-session-crypto/migrate';
import { BEGIN, runConversion, type ConversionReport } from '../../lib/cli/convert/run-conversion.js';
import type { SessionSource } from '../../lib/cli/convert/session-source.interface.js';
import { ConversionSource } from '../../lib/manager/conversion-source.js';
import { Conversion } from '../../lib/manager/conversion.js';
import type { SessionManager } from '../../lib/manager/session-manager.js';
import { MANAGER } from '../../lib/session.providers.js';
import { ScriptApp, type Client } from '../support/script-app.js';
import { SECRET } from '../support/test-app.js';

const OLD_SECRET = 'the secret of the old application';
const DATA = { passport: { user: 'ada' }, cart: ['tea'] };
const HOUR = 3600;
const nowPlus = (seconds: number) => Math.floor(Date.now() / 1000) + seconds;

/** The old application's store, as a source too. */
class OldStore extends MemoryStore implements SessionSource {
  readonly name = 'memory old';
  readonly database: string = '1';
  readonly serverRun = '';
  readonly texts = new Map<string, { text: string; expiresAt: number | undefined }>();

  /** Keeps a session as a store of the old application would, and returns its cookie. */
  keep(data: object, id: string = randomUUID(), expiresAt: number | undefined = nowPlus(HOUR)): string {
    const text = JSON.stringify({ cookie: { originalMaxAge: null, path: '/' }, ...data });
    this.texts.set(id, { text, expiresAt });
    const signature = createHmac('sha256', OLD_SECRET).update(id).digest('base64').replaceAll('=', '');
    return encodeURIComponent(`s:${id}.${signature}`);
  }

  override get = (id: string, done: (error: unknown, session?: SessionData | null) => void) => {
    const { text } = this.texts.get(id) ?? {};
    done(null, text === undefined ? null : (JSON.parse(text) as SessionData));
  };
  override destroy = (id: string, done?: (error?: unknown) => void) => {
    this.texts.delete(id);
    done?.();
  };

  count = async () => this.texts.size;
  alive = async (ids: readonly string[]) => new Set(ids.filter((id) => this.texts.has(id)));
  close = async () => undefined;
  async *pages(after: string | undefined, size: number) {
    const ids = [...this.texts.keys()].toSorted().filter((id) => after === undefined || id > after);
    for (let i = 0; i < ids.length; i += size) {
      const page = ids.slice(i, i + size);
      yield { rows: page.map((id) => ({ id, ...this.texts.get(id)! })), place: page.at(-1)! };
    }
  }
}

const sourceOf = ({ name, database }: SessionSource) => new ConversionSource(name, database);

const idOf = (cookie: string) => decodeURIComponent(cookie).slice(2).split('.')[0]!;

interface Setup {
  readonly app: ScriptApp;
  readonly old: OldStore;
  visitor(cookie: string): Client;
  convert(options?: { write?: boolean; batch?: number; endMissing?: boolean }): Promise<ConversionReport>;
}

const ours = () => memoryStore({ allowInProduction: true });

/** An application whose old one keeps its sessions in `old`. With `store: 'converted'` it does not ask there. */
async function setUp(
  more: Partial<ExpressSessionMigration> = {},
  { store = ours(), old = new OldStore(), secrets = [SECRET] } = {},
): Promise<Setup> {
  const accept = [
    fromExpressSession({
      secret: OLD_SECRET,
      store: old,
      until: new Date(Date.now() + 48 * HOUR * 1000),
      subjectFrom: (data) => data['passport']?.user,
      ...more,
    }),
  ];
  const app = await ScriptApp.start({ crypto: { secrets, accept }, store, session: { commitTimeout: 2 } });
  const manager = app.app.get<SessionManager>(MANAGER, { strict: false });
  const conversion = Conversion.of(manager, sourceOf(old));
  return {
    app,
    old,
    visitor(cookie) {
      const client = app.client();
      client.jar.set('connect.sid', cookie);
      return client;
    },
    async convert({ write = true, batch = 2, endMissing = false } = {}) {
      const options = {
        write,
        batch,
        endMissing,
        from: BEGIN,
        signal: new AbortController().signal,
        onBatch() {},
      };
      return (await runConversion(old, conversion, options)).report;
    },
  };
}

const converted = { store: 'converted' } as const;
const seen = (client: Client) => client.result((session) => [session.subject ?? null, session.all()]);
const NOBODY = [null, {}];

describe('A converted session', () => {
  it('is found by its old cookie without the old store, and becomes a session of ours', async () => {
    const { old, convert, visitor, app } = await setUp(converted);
    const cookies = [old.keep(DATA), old.keep({ ...DATA, n: 2 }), old.keep({ ...DATA, n: 3 })];
    expect(await convert()).toMatchObject({ read: 3, converted: 3, unreadable: {} });
    expect(await convert()).toMatchObject({ read: 3, converted: 0, present: 3, ended: 0 });
    const client = visitor(cookies[1]!);
    expect(await seen(client)).toEqual(['ada', { ...DATA, n: 2 }]);
    expect([...client.jar.keys()]).toEqual(['sid']);
    expect(await seen(client)).toEqual(['ada', { ...DATA, n: 2 }]);
    expect(app.seen('migrated')).toHaveLength(1);
    expect(await convert()).toMatchObject({ present: 2, migrated: 1 });
  });

  it('lives as long as it did in the old application, also when nobody uses it for longer than idleTimeout', async () => {
    const { old, convert, visitor, app } = await setUp(converted);
    const [long, short] = [old.keep(DATA, 'long', nowPlus(10 * HOUR)), old.keep(DATA, 'short', nowPlus(60))];
    await convert();
    app.ahead = 61;
    expect(await seen(visitor(short))).toEqual(NOBODY);
    app.ahead = 9 * HOUR;
    await app.sessions.prune({ exact: true });
    expect(await seen(visitor(long))).toEqual(['ada', DATA]);
  });

  it('that has ended by its time, and nobody has missed, is no reason to refuse an empty store', async () => {
    const { old, convert, app } = await setUp(converted);
    for (let i = 0; i < 12; i++) old.keep(DATA, `id${i}`, nowPlus(60));
    await convert();
    old.texts.clear();
    await expect(convert()).rejects.toMatchObject({ status: 65 });
    app.ahead = 61;
    expect(await convert()).toMatchObject({ read: 0, ended: 12 });
  });

  it('ends with up to nine others, whatever part of all they are, and not with ten', async () => {
    const { old, convert, visitor } = await setUp(converted);
    const cookies = Array.from({ length: 11 }, (_, i) => old.keep(DATA, `id${i}`));
    await convert();
    for (let i = 1; i < 11; i++) old.texts.delete(`id${i}`);
    await expect(convert()).rejects.toMatchObject({
      status: 65,
      message: expect.stringMatching(/^memory old would end 10 of the 11 sessions/) as string,
    });
    expect(await seen(visitor(cookies[10]!))).toEqual(['ada', DATA]); // taken over: no more converted
    expect(await convert()).toMatchObject({ present: 1, ended: 9 });
    expect(await seen(visitor(cookies[1]!))).toEqual(NOBODY);
  });

  it('that six requests bring at once is one session, with the changes of all', async () => {
    const { old, convert, visitor } = await setUp(converted);
    const cookie = old.keep(DATA);
    await convert();
    const clients = Array.from({ length: 6 }, () => visitor(cookie));
    await Promise.all(clients.map((client, i) => client.run((session) => session.set(`k${i}`, i))));
    const ids = await Promise.all(clients.map((client) => client.result((session) => session.id)));
    expect(new Set(ids).size).toBe(1);
    expect(await clients[0]!.result((session) => session.all())).toMatchObject({ k0: 0, k5: 5 });
  });

  it('is no session yet: no id opens it, and no list of devices calls it one of another user', async () => {
    const { old, convert, visitor, app } = await setUp(converted);
    const cookie = old.keep(DATA);
    await convert();
    const [row] = await app.sessions.list('ada');
    await expect(app.sessions.runWithSession(row!.id, (session) => session.all())).rejects.toMatchObject({
      code: 'ERR_SESSION_GONE',
    });
    await app.sessions.revoke(row!.id, { subject: 'eve' });
    expect(await app.sessions.list('ada')).toHaveLength(1);
    await app.sessions.revoke(row!.id, { subject: 'ada' });
    expect(await seen(visitor(cookie))).toEqual(NOBODY);
    expect(await convert()).toMatchObject({ migrated: 1, converted: 0 });
  });

  it('ends with all sessions of its user, for as long as the old cookie could come', async () => {
    const { old, convert, visitor, app } = await setUp();
    const cookie = old.keep(DATA, 'a', nowPlus(30 * HOUR));
    await convert();
    expect(await app.sessions.revokeSubject('ada')).toBe(1);
    app.ahead = 20 * HOUR;
    await app.sessions.prune();
    expect(await convert()).toMatchObject({ migrated: 1, expired: 0 });
    expect(await seen(visitor(cookie))).toEqual(NOBODY);
  });

  it.each(['revokeSubject', 'revokeAll'] as const)(
    'that was converted after %s, by a run that comes later, is nobody',
    async (revocation) => {
      const { old, convert, visitor, app } = await setUp(converted);
      const cookie = old.keep(DATA);
      await app.sessions[revocation]('ada');
      expect(await convert()).toMatchObject({ converted: 1 });
      app.ahead = 5;
      expect(await seen(visitor(cookie))).toEqual(NOBODY);
      expect(await app.sessions.count()).toBe(0);
      const later = visitor(cookie);
      await later.run((session) => session.login('ada'));
      expect(await later.result((session) => session.subject)).toBe('ada');
    },
  );

  it('outlives the key that it was sealed with, once all sessions are sealed anew', async () => {
    const NEXT = `hex:${'22'.repeat(32)}`;
    const [store, old] = [ours(), new OldStore()];
    const first = await setUp(converted, { store, old });
    const cookie = old.keep(DATA);
    await first.convert();
    const both = await setUp(converted, { store, old, secrets: [NEXT, SECRET] });
    expect(await both.app.sessions.reseal()).toBe(1);
    const { visitor } = await setUp(converted, { store, old, secrets: [NEXT] });
    expect(await seen(visitor(cookie))).toEqual(['ada', DATA]);
  });

  it('says so where its key is gone', async () => {
    const [store, old] = [ours(), new OldStore()];
    old.keep(DATA);
    await (await setUp(converted, { store, old })).convert();
    const later = await setUp(converted, { store, old, secrets: [`hex:${'22'.repeat(32)}`] });
    expect((await later.convert()).unreadable).toEqual({ 'stored here with a key that is gone': 1 });
  });
});

describe('A later run', () => {
  it('converts again what the old application has changed', async () => {
    const { old, convert, visitor } = await setUp(converted);
    const cookie = old.keep(DATA, 'a');
    old.keep(DATA, 'touched');
    await convert();
    old.keep({ ...DATA, cart: ['milk'] }, 'a');
    old.keep(DATA, 'touched', nowPlus(2 * HOUR));
    expect(await convert()).toMatchObject({ changed: 2, converted: 0 });
    expect(await seen(visitor(cookie))).toEqual(['ada', { ...DATA, cart: ['milk'] }]);
  });

  it('counts a session whose user is another one now, and converts it again', async () => {
    const { old, convert, visitor, app } = await setUp(converted);
    const cookie = old.keep({ cart: [] }, 'a');
    await convert();
    old.keep(DATA, 'a');
    expect(await convert()).toMatchObject({ changed: 1, otherUser: 0 });
    old.keep({ ...DATA, passport: { user: 'eve' } }, 'a');
    expect(await convert()).toMatchObject({ changed: 0, otherUser: 1 });
    expect(await app.sessions.list('ada')).toEqual([]);
    expect(await seen(visitor(cookie))).toMatchObject(['eve', {}]);
  });

  it('ends what has ended in the old application, and nothing of another source', async () => {
    const store = ours();
    const { old, convert, visitor } = await setUp(converted, { store });
    const other = new OldStore();
    Object.assign(other, { name: 'memory other' });
    const kept = other.keep(DATA);
    await (await setUp(converted, { store, old: other })).convert();
    const cookies = [old.keep(DATA), old.keep(DATA)];
    await convert();
    old.texts.delete(idOf(cookies[0]!));
    expect(await convert({ write: false })).toMatchObject({ ended: 1, present: 1 });
    expect(await convert()).toMatchObject({ ended: 1, present: 1 });
    expect(await convert()).toMatchObject({ ended: 0, present: 1 });
    expect(await seen(visitor(cookies[0]!))).toEqual(NOBODY);
    expect(await seen(visitor(cookies[1]!))).toEqual(['ada', DATA]);
    expect(await seen(visitor(kept))).toEqual(['ada', DATA]);
  });

  it('brings back what an earlier run has ended by mistake, as from another database', async () => {
    const { old, convert, visitor } = await setUp(converted);
    const cookie = old.keep(DATA);
    await convert();
    const texts = [...old.texts];
    old.texts.clear();
    expect(await convert({ endMissing: true })).toMatchObject({ ended: 1 });
    for (const [id, text] of texts) old.texts.set(id, text);
    expect(await convert()).toMatchObject({ changed: 1 });
    expect(await seen(visitor(cookie))).toEqual(['ada', DATA]);
  });

  it('neither overwrites nor revives what our application has taken over', async () => {
    const { old, convert, visitor, app } = await setUp(converted);
    const cookies = [old.keep(DATA, 'used'), old.keep(DATA, 'out')];
    await convert();
    const [used, out] = cookies.map(visitor) as [Client, Client];
    await used.run((session) => session.set('cart', ['ours']));
    await out.run((session) => session.logout());
    old.keep({ ...DATA, cart: ['theirs'] }, 'used');
    old.keep({ ...DATA, cart: ['theirs'] }, 'out');
    for (const ahead of [0, 120, 1300]) {
      app.ahead = ahead;
      await app.sessions.prune();
      expect(await convert()).toMatchObject({ migrated: 2, converted: 0, changed: 0, ended: 0 });
      expect(await seen(visitor(cookies[1]!))).toEqual(NOBODY);
      expect(await used.result((session) => session.get('cart'))).toEqual(['ours']);
    }
  });

  it('writes nothing without `write`', async () => {
    const { old, convert, visitor, app } = await setUp(converted);
    const cookie = old.keep(DATA);
    expect(await convert({ write: false })).toMatchObject({ converted: 1, write: false });
    expect(await app.sessions.count()).toBe(0);
    expect(await seen(visitor(cookie))).toEqual(NOBODY);
  });

  it('counts what cannot be read by its reason, and shows nothing of it', async () => {
    const { old, convert } = await setUp();
    old.keep(DATA);
    old.texts.set('x1', { text: 'secret', expiresAt: undefined });
    old.texts.set('x2', { text: '{"cart":"secret"}', expiresAt: undefined });
    old.keep({ passport: { user: { secret: 1 } } }, 'x3');
    old.keep({ passport: { user: 'u'.repeat(300) } }, 'x4');
    old.keep({ big: 'x'.repeat(2 ** 20) }, 'x5');
    old.keep(DATA, 'x6', nowPlus(-1));
    old.keep({}, 'x7');
    const report = await convert();
    expect(report).toMatchObject({ converted: 1, expired: 1, empty: 1, read: 8 });
    expect(report.unreadable).toEqual({
      'no JSON object': 1,
      'no cookie in it': 1,
      'subjectFrom failed (ERR_SESSION_VALUE)': 1,
      'subjectFrom returned no id': 1,
      'longer than session.payloadLimit': 1,
    });
    expect(JSON.stringify(report)).not.toMatch(/secret"|uuu|xxx/);
  });

  it('refuses a table of which the first page has no session', async () => {
    const { old, convert } = await setUp();
    for (const id of ['a', 'b']) old.texts.set(id, { text: '{"cart":1}', expiresAt: undefined });
    await expect(convert()).rejects.toMatchObject({
      status: 65,
      message:
        'memory old holds no sessions of express-session: of the first 2, none is one (no cookie in it); check the table or the prefix',
    });
  });

  it('stops behind a batch, and goes on there', async () => {
    const { old, app } = await setUp();
    for (let i = 0; i < 10; i++) old.keep({ ...DATA, i }, `id${i}`);
    const conversion = Conversion.of(app.app.get<SessionManager>(MANAGER, { strict: false }), sourceOf(old));
    const stop = new AbortController();
    let place = BEGIN;
    const options = {
      write: true,
      endMissing: false,
      batch: 4,
      from: BEGIN,
      signal: stop.signal,
      onBatch(_: ConversionReport, at: typeof BEGIN) {
        place = at;
        stop.abort();
      },
    };
    const first = await runConversion(old, conversion, options);
    expect([first.finished, first.report.converted]).toEqual([false, 4]);
    const mark = await conversion.marks.seal(place.at!);
    expect(mark).not.toMatch(/id3/);
    expect(await conversion.marks.open(mark)).toBe('id3');
    expect(await conversion.marks.open(`${mark.slice(0, -2)}AA`)).toBeUndefined();
    const going = { ...options, from: place, signal: new AbortController().signal };
    const second = await runConversion(old, conversion, going);
    expect([second.finished, second.report.converted, second.report.present]).toEqual([true, 6, 0]);
  });
});

describe('While the old application runs', () => {
  it('its store decides what a converted session holds', async () => {
    const { old, convert, visitor } = await setUp();
    const cookie = old.keep(DATA, 'a');
    await convert();
    old.keep({ ...DATA, cart: ['milk'] }, 'a');
    expect(await seen(visitor(cookie))).toEqual(['ada', { ...DATA, cart: ['milk'] }]);
    expect(old.texts.has('a')).toBe(false);
  });

  it('a session that it has ended is nobody, whatever was converted', async () => {
    const { old, convert, visitor } = await setUp();
    const cookie = old.keep(DATA, 'a');
    await convert();
    old.texts.delete('a');
    expect(await seen(visitor(cookie))).toEqual(NOBODY);
  });

  it('a session whose store still knows it is alive, although `cookie.expires` in its data has passed', async () => {
    const { old, visitor } = await setUp();
    const past = new Date(Date.now() - HOUR * 1000).toISOString();
    const cookie = old.keep({ ...DATA, cookie: { originalMaxAge: 1000, expires: past } });
    expect(await seen(visitor(cookie))).toEqual(['ada', DATA]);
  });

  it('a run that comes between is no loss: the newer state is taken over', async () => {
    const { old, convert, visitor } = await setUp();
    const cookie = old.keep(DATA, 'a');
    await convert();
    const { get } = old;
    let between = true;
    old.get = (id, done) => {
      if (!between) return get(id, done);
      between = false;
      old.keep({ ...DATA, cart: ['milk'] }, 'a');
      void convert().then(() => get('none', () => done(null, { cookie: {}, ...DATA } as never)));
    };
    expect(await seen(visitor(cookie))).toEqual(['ada', { ...DATA, cart: ['milk'] }]);
  });

  it('`keep` leaves its cookie and its row, so that visitors go back and forth', async () => {
    const { old, convert, visitor } = await setUp({ keep: true });
    const cookie = old.keep(DATA, 'a');
    await convert();
    const client = visitor(cookie);
    await client.run((session) => session.set('cart', ['ours']));
    expect([...client.jar.keys()].toSorted()).toEqual(['connect.sid', 'sid']);
    expect(old.texts.has('a')).toBe(true);
    expect(await client.result((session) => session.get('cart'))).toEqual(['ours']);
    expect(await convert()).toMatchObject({ migrated: 1, changed: 0, ended: 0 });
  });

  it.each([
    ['a logout', (session: Parameters<Parameters<Client['run']>[0]>[0]) => session.logout()],
    [
      'a login of another user',
      (session: Parameters<Parameters<Client['run']>[0]>[0]) => session.login('eve'),
    ],
  ])('with `keep`, %s ends its session too, and clears its cookie', async (_, leave) => {
    for (const first of [false, true]) {
      const { old, visitor } = await setUp({ keep: true });
      const client = visitor(old.keep(DATA, 'a'));
      if (!first) await seen(client);
      const copy = client.copy();
      copy.jar.delete('sid');
      expect((await client.run(leave)).status).toBe(201);
      expect(client.jar.has('connect.sid')).toBe(false);
      expect(old.texts.has('a')).toBe(false);
      expect(await seen(copy)).toEqual(NOBODY);
    }
  });

  it('with `keep`, nothing has ended while its store cannot end it', async () => {
    const { old, visitor } = await setUp({ keep: true });
    const client = visitor(old.keep(DATA, 'a'));
    await seen(client);
    const { destroy } = old;
    old.destroy = (_, done) => done?.(new Error('away'));
    expect((await client.run((session) => session.logout())).status).toBe(503);
    expect(await seen(client)).toEqual(['ada', DATA]);
    old.destroy = destroy;
    expect((await client.run((session) => session.logout())).status).toBe(201);
    expect([old.texts.has('a'), client.jar.size]).toEqual([false, 0]);
  });
});

/** A store that cannot be read row by row, so that nothing finds what has ended in the old one. */
const withoutScan = (store: SessionStore): SessionStore => ({
  kind: store.kind,
  name: store.name,
  guarded: true,
  load: (key) => store.load(key),
  create: (row) => store.create(row),
  replace: (row, version) => store.replace(row, version),
  move: (...args) => store.move(...args),
  destroy: (...args) => store.destroy(...args),
});

describe('A conversion', () => {
  it('says what the options lack', async () => {
    const start = async (session: Parameters<typeof ScriptApp.start>[0]) => {
      const app = await ScriptApp.start(session);
      return () =>
        Conversion.of(app.app.get<SessionManager>(MANAGER, { strict: false }), sourceOf(new OldStore()));
    };
    const accept = (until: Date) => [
      fromExpressSession({ secret: OLD_SECRET, store: new OldStore(), until }),
    ];
    const crypto = { secrets: [SECRET], accept: accept(new Date(Date.now() + 1e6)) };
    expect(await start({ store: memoryStore() })).toThrow(/crypto\.accept: has no fromExpressSession\(\)/);
    expect(await start({ crypto })).toThrow(/store: is "cookie", which is no place/);
    expect(await start({ crypto, store: withoutScan(ours()) })).toThrow(
      /store: is "memory", which is no place/,
    );
    expect(await start({ crypto: { ...crypto, accept: accept(new Date(0)) }, store: memoryStore() })).toThrow(
      /crypto\.accept: has a fromExpressSession\(\) whose `until` has passed/,
    );
  });
});
