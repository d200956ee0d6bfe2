import { Controller, Get, Res } from '@nestjs/common';
import type { ServerResponse } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  CurrentSession,
  memoryStore,
  ReadonlySession,
  UseSession,
  SessionService,
  type Session,
  type SessionStore,
} from 'nestjs-session-crypto';
import { apache, ApacheEnvelope, type ApacheOptions } from 'nestjs-session-crypto/apache';
import { testDatabase, type TestDatabase } from '../support/database.js';
import { ADAPTER_NAMES, type AdapterName } from '../support/adapters.js';
import { cookieOf } from '../support/ask.js';
import { Client, ScriptApp } from '../support/script-app.js';
import { SECRET, startApp } from '../support/test-app.js';
import { ALL_STORES, SERVER_STORES } from '../support/stores.js';

const PASSPHRASE = 'a passphrase that is long enough';
const httpd = new ApacheEnvelope({ secrets: [PASSPHRASE] });
const seconds = () => Math.floor(Date.now() / 1000);
const inAnHour = () => new Date((seconds() + 3600) * 1000);
const accept = (more: Partial<ApacheOptions> = {}) => [
  apache({
    secrets: [PASSPHRASE],
    cookie: { name: 'session', path: '/shop', domain: 'example.com' },
    until: inAnHour(),
    ...more,
  }),
];
const CLEARED = /^session=; Max-Age=0; Expires=[^;]*; Domain=example\.com; Path=\/shop; /;

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());

let app: ScriptApp;

type MakeStore = (typeof ALL_STORES)[number][1];
async function start(make: MakeStore | SessionStore, adapter: AdapterName, more = {}, session = {}) {
  const store = typeof make === 'function' ? make(database) : make;
  app = await ScriptApp.start(
    { crypto: { secrets: [SECRET], accept: accept(more) }, store, session },
    adapter,
  );
}

async function visitor(text = 'cart=1&b=%ff'): Promise<Client> {
  const client = app.client();
  client.jar.set('session', await httpd.seal(text));
  return client;
}
const all = (client: Client) => client.result((session) => session.all());
const twinOf = (client: Client) => {
  const old = app.client();
  old.jar.set('session', client.jar.get('session')!);
  return old;
};

const CASES = ADAPTER_NAMES.flatMap((adapter) =>
  ALL_STORES.map(([name, make]) => [adapter, name, make] as const),
);

describe.each(CASES)('on %s with the %s store, a session of httpd', (adapter, name, make) => {
  it('is led over at first sight, by a pure read too', async () => {
    await start(make, adapter);
    const client = await visitor();
    const { body, cookies } = await client.run((session) => session.all());
    expect(body).toEqual({ result: { cart: '1' } });
    expect(cookies).toEqual([expect.stringMatching(/^sid=/), expect.stringMatching(CLEARED)]);
    expect([...client.jar.keys()]).toEqual(['sid']);
    expect(await all(client)).toEqual({ cart: '1' });
    expect((await client.run((session) => session.get('cart'))).cookies).toEqual([]);
    expect(app.seen('migrated')).toEqual([
      {
        session: 'default',
        format: 'apache',
        until: expect.any(Date) as Date,
        replayable: name === 'cookie',
      },
    ]);
    expect(JSON.stringify(app.seen('migrated'))).not.toMatch(/cart|"1"/);
  });

  it('brings what the request adds', async () => {
    await start(make, adapter);
    const client = await visitor();
    const { cookies } = await client.run((session) => session.set('new', { n: 1 }));
    expect(cookies).toHaveLength(2);
    expect(await all(client)).toEqual({ cart: '1', new: { n: 1 } });
  });

  it('brings its login, where that is believed', async () => {
    const verify = (_user: string, password: string) => password === 'right';
    await start(make, adapter, { auth: { name: 'realm', verify } });
    const subject = (client: Client) => client.result((session) => session.subject ?? null);
    const client = await visitor('realm-user=ada&realm-pw=right');
    expect([await subject(client), await subject(client)]).toEqual(['ada', 'ada']);
    expect(await subject(await visitor('realm-user=ada&realm-pw=wrong'))).toBe(null);
  });

  it('takes a login and a logout at its first request', async () => {
    await start(make, adapter);
    const client = await visitor();
    expect((await client.run((session) => session.login('ada'))).cookies).toHaveLength(2);
    expect(await client.result((session) => [session.subject, session.get('cart')])).toEqual(['ada', '1']);
    const other = await visitor('cart=2');
    const old = twinOf(other);
    const { cookies } = await other.run((session) => session.logout());
    expect(cookies).toEqual([expect.stringMatching(/^sid=; Max-Age=0/), expect.stringMatching(CLEARED)]);
    expect(await all(other)).toEqual({});
    if (name !== 'cookie') expect(await all(old)).toEqual({});
  });

  it('is not looked at where there is one of ours', async () => {
    await start(make, adapter);
    const client = app.client();
    await client.run((session) => session.set('own', '1'));
    client.jar.set('session', await httpd.seal('cart=1'));
    const { body, cookies } = await client.run((session) => session.all());
    expect([body, cookies]).toEqual([{ result: { own: '1' } }, []]);
    expect(app.seen('migrated')).toEqual([]);
  });

  it('that has expired, or comes after its time, is none', async () => {
    await start(make, adapter);
    const client = await visitor(`a=1&expiry=${seconds() - 5}000000`);
    const { body, cookies } = await client.run((session) => session.all());
    expect([body, cookies]).toEqual([{ result: {} }, []]);
    app.ahead = 3601;
    expect(await all(await visitor('a=1'))).toEqual({});
    expect(app.seen('migrated')).toEqual([]);
  });

  it('ends when it would have, and at the latest when the time of its form is over', async () => {
    await start(make, adapter);
    const [brief, long] = [await visitor(`a=1&expiry=${seconds() + 100}000000`), await visitor('a=2')];
    expect([await all(brief), await all(long)]).toEqual([{ a: '1' }, { a: '2' }]);
    app.ahead = 101;
    expect([await all(brief), await all(long)]).toEqual([{}, { a: '2' }]);
  });

  it('that is garbage is nobody, and not cleared', async () => {
    await start(make, adapter);
    for (const garbage of ['garbage', 'A'.repeat(88), '%'.repeat(40), 'gr\u00fc\u00dfe'.repeat(20)]) {
      const client = app.client();
      client.jar.set('session', garbage);
      const { status, body, cookies } = await client.run((session) => session.all());
      expect([status, body, cookies]).toEqual([201, { result: {} }, []]);
    }
  });

  it('that is there twice is one where both are equal, and none where they differ', async () => {
    await start(make, adapter);
    const [one, two] = [await httpd.seal('a=1'), await httpd.seal('a=2')];
    const ask = (cookie: string) => {
      const client = app.client();
      Object.defineProperty(client, 'cookie', { get: () => cookie });
      client.jar.set('any', '');
      return all(client);
    };
    expect(await ask(`session=${one}; session=${one}`)).toEqual({ a: '1' });
    expect(await ask(`session=${one}; session=${two}`)).toEqual({});
    expect(app.seen('ambiguous')).toHaveLength(1);
  });
});

const SERVER_CASES = ADAPTER_NAMES.flatMap((adapter) =>
  SERVER_STORES.map(([name, make]) => [adapter, name, make] as const),
);

describe.each(SERVER_CASES)('on %s with the %s store, a cookie of httpd', (adapter, _name, make) => {
  it('that six requests bring at once becomes one session, with the changes of all', async () => {
    await start(make, adapter);
    const old = await visitor();
    const clients = Array.from({ length: 6 }, () => twinOf(old));
    await Promise.all(clients.map((client, i) => client.run((session) => session.set(`k${i}`, i))));
    const ids = await Promise.all(clients.map((client) => client.result((session) => session.id)));
    expect(new Set(ids).size).toBe(1);
    expect(Object.keys((await all(clients[0]!)) as object)).toHaveLength(7);
  });

  it('that comes again leads to the same session, and is refused after the grace time', async () => {
    await start(make, adapter);
    const client = await visitor();
    const [soon, late] = [twinOf(client), twinOf(client)];
    await client.run((session) => session.set('new', '1'));
    expect(await all(soon)).toEqual({ cart: '1', new: '1' });
    expect(app.seen('migrated')).toHaveLength(1);
    app.ahead = 61;
    const { body, cookies } = await late.run((session) => session.all());
    expect(body).toEqual({ result: {} });
    expect(cookies.filter((line) => line.startsWith('sid='))).toEqual([]);
    expect(app.seen('reused')).toHaveLength(1);
    expect(app.seen('migrated')).toHaveLength(1);
    expect(await all(client)).toEqual({ cart: '1', new: '1' });
  });

  it('is refused after the logout, as long as it could come', async () => {
    for (const first of ['read', 'logout'] as const) {
      await start(make, adapter);
      const client = await visitor();
      const old = twinOf(client);
      if (first === 'read') await all(client);
      await client.run((session) => session.logout());
      for (const ahead of [0, 61, 1800, 3599]) {
        app.ahead = ahead;
        await app.sessions.prune();
        expect(await all(twinOf(old))).toEqual({});
        expect((await twinOf(old).run((session) => session.get('cart') ?? null)).body).toEqual({
          result: null,
        });
      }
    }
  });

  it('is refused after a login, which ends the old session', async () => {
    await start(make, adapter);
    const client = await visitor();
    const old = twinOf(client);
    await client.run((session) => session.login('ada'));
    for (const ahead of [0, 61, 1500]) {
      app.ahead = ahead;
      await app.sessions.prune();
      expect(await all(twinOf(old))).toEqual({});
    }
  });
});

describe('what is left of a session that was led over', () => {
  it.each<[string, (client: Client) => Promise<unknown>]>([
    ['logged out at once', (client) => client.run((session) => session.logout())],
    ['logged in at once', (client) => client.run((session) => session.login('ada'))],
    ['read, then logged out', (client) => all(client).then(() => client.run((session) => session.logout()))],
  ])('stays as long as its cookie could come: %s', async (_name, act) => {
    await start(SERVER_STORES[1]![1], 'express');
    const client = await visitor();
    const old = twinOf(client);
    await act(client);
    await database.dataSource.query(
      `DELETE FROM "${database.table}" WHERE "deadline" < now() + interval '50 minutes'`,
    );
    app.ahead = 2000;
    expect(await all(old)).toEqual({});
  });
});

describe('a session of httpd that is led over to a cookie', () => {
  it('can come again, and the event says so', async () => {
    await start(ALL_STORES[2]![1], 'express');
    const client = await visitor();
    const old = twinOf(client);
    await client.run((session) => session.logout());
    await client.run((session) => session.logout());
    expect(await all(old)).toEqual({ cart: '1' });
    expect(app.seen('migrated').map(({ replayable }) => replayable)).toEqual([true, true]);
  });

  it('stays what it is where it is too large for that', async () => {
    await start(ALL_STORES[2]![1], 'express');
    const client = await visitor(Array.from({ length: 550 }, (_, i) => `${i.toString(36)}=1`).join('&'));
    const { status, cookies } = await client.run((session) => session.has('a'));
    expect([status, cookies]).toEqual([201, []]);
    expect(app.seen()).toEqual(['migrated', 'touchFailed']);
    expect(await client.result((session) => session.get('b'))).toBe('1');
    await client.run((session) => session.clear());
    expect([...client.jar.keys()]).toEqual(['sid']);
  });

  it('of a session that Nest once shared with httpd is no younger than it was', async () => {
    const shared = await ScriptApp.start({
      crypto: { format: apache({ secrets: [PASSPHRASE] }) },
      cookie: { name: 'session' },
      session: { absoluteTimeout: 0 },
    });
    shared.ahead = -5000;
    const client = shared.client();
    await client.run((session) => session.login('ada'));
    shared.ahead = 0;
    await shared.close();
    for (const [absoluteTimeout, subject] of [
      [4000, null],
      [6000, 'ada'],
    ] as const) {
      await start(ALL_STORES[0]![1], 'express', {}, { absoluteTimeout, idleTimeout: 0 });
      const old = app.client();
      const text = (await httpd.open(client.jar.get('session')!))!.plaintext.toString();
      old.jar.set('session', await httpd.seal(text.replace(/&expiry=\d+/, '')));
      expect(await old.result((session) => session.subject ?? null)).toBe(subject);
    }
  });
});

@Controller()
class Routes {
  @Get('readonly')
  @ReadonlySession()
  readonly(@CurrentSession() session: Session) {
    return session.all();
  }
  @Get('untouched')
  @UseSession({ touch: false })
  untouched(@CurrentSession() session: Session) {
    return session.all();
  }
  constructor(private readonly sessions: SessionService<Record<string, unknown>>) {}
  @Get('late')
  async late(@Res() response: { raw?: ServerResponse } & ServerResponse) {
    const raw = response.raw ?? response;
    raw.writeHead(200);
    raw.write('head;');
    const session = await this.sessions.current();
    session.set('late', '1');
    await session.save().catch((error: unknown) => raw.write(String((error as { code: string }).code)));
    raw.end(JSON.stringify(session.all()));
  }
}

describe.each(CASES)('on %s with the %s store, a route', (adapter, name, make) => {
  const start = () =>
    startApp({
      adapter,
      session: { crypto: { secrets: [SECRET], accept: accept() }, store: make(database) },
      controllers: [Routes],
    });

  it.each(['/readonly', '/untouched'])('leads a session over too: %s', async (path) => {
    const routes = await start();
    const headers = { cookie: `session=${await httpd.seal('cart=1')}` };
    const { body, cookies } = await routes.ask(path, { headers });
    expect([body, cookies]).toEqual([
      { cart: '1' },
      [expect.stringMatching(/^sid=/), expect.stringMatching(CLEARED)],
    ]);
    const again = await routes.ask(path, { headers: { cookie: cookieOf({ cookies }) } });
    expect([again.body, again.cookies]).toEqual([{ cart: '1' }, []]);
  });

  it('whose head has left leaves the cookie to the next request', async () => {
    const routes = await start();
    const headers = { cookie: `session=${await httpd.seal('cart=1')}` };
    const { text, cookies } = await routes.ask('/late', { headers });
    expect(text.startsWith('head;')).toBe(true);
    expect(cookies).toEqual([]);
    const next = await routes.ask('/readonly', { headers });
    expect(next.body).toEqual(name === 'cookie' ? { cart: '1' } : { cart: '1', late: '1' });
    expect(next.cookies).toHaveLength(2);
  });
});

describe.each(ADAPTER_NAMES)('on %s, a store that is down', (adapter) => {
  it('is 503, or nobody, and the old cookie stays', async () => {
    for (const [onStoreDown, expected] of [
      ['fail', 503],
      ['anonymous', 201],
    ] as const) {
      const store = memoryStore();
      let down = true;
      const failing = new Proxy(store, {
        get(target, key) {
          const value = Reflect.get(target, key) as unknown;
          if (typeof value !== 'function') return value;
          return (...args: unknown[]) => {
            if (down && key === 'load') return Promise.reject(new Error('secret detail'));
            return (value as (...all: unknown[]) => unknown).apply(target, args);
          };
        },
      });
      await start(failing, adapter, {}, { onStoreDown });
      const client = await visitor();
      const { status, cookies } = await client.run((session) => session.get('cart') ?? null);
      expect([status, cookies, client.jar.has('session')]).toEqual([expected, [], true]);
      down = false;
      expect(await all(client)).toEqual({ cart: '1' });
    }
  });
});

describe('a form that is led over', () => {
  it('has a cookie of another name than ours', async () => {
    const wrong = (name: string) =>
      ScriptApp.start({
        crypto: { secrets: [SECRET], accept: accept({ cookie: { name } }) },
        cookie: { name: 'mine' },
      });
    await expect(wrong('mine')).rejects.toThrow(
      /crypto\.accept: reads the cookie "mine", which is already in use/,
    );
  });
});
