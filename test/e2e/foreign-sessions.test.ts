import cookieSession from 'cookie-session';
import expressSession, { MemoryStore } from 'express-session';
import express from 'express';
import fastify from 'fastify';
import secureSession from '@fastify/secure-session';
import { nodeCookies, getIronSession } from 'iron-session';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  cookieStore,
  memoryRevocation,
  memoryStore,
  type MigratedFormat,
  type SessionCryptoOptions,
  type SessionStore,
} from 'nestjs-session-crypto';
import {
  fromCookieSession,
  fromExpressSession,
  fromIronSession,
  fromSecureSession,
  type MigrationOptions,
} from 'nestjs-session-crypto/migrate';
import { ADAPTER_NAMES } from '../support/adapters.js';
import { ScriptApp, type Client } from '../support/script-app.js';
import { SECRET } from '../support/test-app.js';

const KEYS = ['the newest key of the old application', 'an older key of the old application'];
const PASSWORDS = {
  1: 'the first password, which has 32 characters',
  2: 'the second password of 32 characters',
};
const BOX_KEY = randomBytes(32);
const STORE = new MemoryStore();
const DATA = { passport: { user: 'ada' }, cart: ['tea', 'größe'], visits: 3 };
const LIVES = 1000;
const until = () => new Date(Date.now() + 3_600_000);

/** Cookies by their names, as the real package sets them for a visitor who does something once. */
type Cookies = ReadonlyMap<string, string>;

async function cookiesFrom(url: string): Promise<Cookies> {
  const response = await fetch(url);
  await response.text();
  const pairs = response.headers.getSetCookie().map((line) => line.split(';', 1)[0]!);
  return new Map(pairs.map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]));
}

/** Serves one application of express with the old package. */
async function onExpress(use: (app: express.Express) => void): Promise<string> {
  const app = express();
  use(app);
  const server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(() => new Promise<void>((resolve) => server.close(() => resolve())));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}
const closing: (() => Promise<unknown>)[] = [];
afterAll(() => Promise.all(closing.map((close) => close())));

interface Origin {
  readonly name: string;
  readonly cookie: string;
  /** Starts the application with the old package and returns what makes cookies of new visitors. */
  make(): Promise<() => Promise<Cookies>>;
  format(more?: Partial<MigrationOptions>): MigratedFormat;
  /** The text that the format opens holds its end, so that time alone ends it. */
  readonly ends: boolean;
}

const subjectFrom: MigrationOptions['subjectFrom'] = (data) => data['passport']?.user;
const common = (more: Partial<MigrationOptions>) => ({ until: until(), subjectFrom, ...more });

const ORIGINS: readonly Origin[] = [
  {
    name: 'express-session',
    cookie: 'connect.sid',
    ends: false, // its store knows the end
    async make() {
      const url = await onExpress((app) => {
        const cookie = { maxAge: LIVES * 1000 };
        const options = { secret: KEYS, store: STORE, resave: false, saveUninitialized: false, cookie };
        app.use(expressSession(options));
        app.get('/', (request, response) => void response.json(Object.assign(request.session, DATA)));
      });
      return () => cookiesFrom(url);
    },
    format: (more = {}) => fromExpressSession({ secret: KEYS, store: STORE, ...common(more) }),
  },
  {
    name: 'cookie-session',
    cookie: 'session',
    ends: false,
    async make() {
      const url = await onExpress((app) => {
        app.use(cookieSession({ keys: KEYS }));
        app.get(
          '/',
          (request, response) => void response.json(Object.assign(request.session!, DATA, noise())),
        );
      });
      return () => cookiesFrom(url);
    },
    format: (more = {}) => fromCookieSession({ keys: KEYS, ...common(more) }),
  },
  {
    name: 'iron-session',
    cookie: 'iron',
    ends: true,
    async make() {
      const url = await onExpress((app) =>
        app.get('/', (request, response, next) => {
          void save(request, response).then(() => response.end(), next);
        }),
      );
      const save = async (request: express.Request, response: express.Response) => {
        const options = { cookieName: 'iron', password: PASSWORDS, ttl: LIVES };
        const session = await getIronSession<object>(nodeCookies(request, response), options);
        Object.assign(session, DATA);
        await session.save();
      };
      return () => cookiesFrom(url);
    },
    format: (more = {}) =>
      fromIronSession({ password: PASSWORDS, ...common(more), cookie: { name: 'iron' } }),
  },
  {
    name: 'secure-session',
    cookie: 'session',
    ends: true,
    async make() {
      const app = fastify();
      await app.register(secureSession, { key: BOX_KEY, expiry: LIVES });
      app.get('/', (request) => {
        for (const [key, value] of Object.entries(DATA)) request.session.set(key as never, value as never);
        return {};
      });
      const url = await app.listen({ port: 0, host: '127.0.0.1' });
      closing.push(() => app.close());
      return () => cookiesFrom(url);
    },
    format: (more = {}) => fromSecureSession({ key: BOX_KEY, expiry: LIVES, ...common(more) }),
  },
];

/** Cookies of cookie-session with equal data are equal. */
const noise = () => ({ noise: randomBytes(4).toString('hex') });

const withoutNoise = (value: unknown) => {
  const { noise: _, ...data } = value as Record<string, unknown>;
  return data;
};

describe.each(ORIGINS)('A session of $name', ({ name, cookie, make, format, ends }) => {
  let cookies: () => Promise<Cookies>;
  beforeAll(async () => {
    cookies = await make();
  });
  let app: ScriptApp;

  async function start(
    adapter: (typeof ADAPTER_NAMES)[number] = 'express',
    more: Partial<MigrationOptions> = {},
  ) {
    const crypto = { secrets: [SECRET], accept: [format(more)] };
    app = await ScriptApp.start({ crypto, store: memoryStore() }, adapter);
  }
  async function visitor(): Promise<Client> {
    const client = app.client();
    for (const [key, value] of await cookies()) client.jar.set(key, value);
    return client;
  }
  const seen = (client: Client) => client.result((session) => [session.subject ?? null, session.all()]);

  it.each(ADAPTER_NAMES)('is migrated once, with its data and its subject: %s', async (adapter) => {
    await start(adapter);
    const client = await visitor();
    const names = [...client.jar.keys()];
    const { body, cookies: lines } = await client.run((session) => [session.subject, session.all()]);
    const [subject, data] = (body as { result: [string, object] }).result;
    expect([subject, withoutNoise(data)]).toEqual(['ada', DATA]);
    expect(lines.map((line) => line.split('=', 1)[0])).toEqual(['sid', ...names]);
    expect([...client.jar.keys()]).toEqual(['sid']);
    expect(await client.result((session) => session.subject)).toBe('ada');
    expect(app.seen('migrated')).toMatchObject([{ format: name, replayable: false }]);
    expect(JSON.stringify(app.seen('migrated'))).not.toMatch(/ada|tea/);
  });

  it('that six requests bring at once is one session, with the changes of all', async () => {
    await start();
    const first = await visitor();
    const clients = Array.from({ length: 6 }, () => first.copy());
    await Promise.all(clients.map((client, i) => client.run((session) => session.set(`k${i}`, i))));
    const ids = await Promise.all(clients.map((client) => client.result((session) => session.id)));
    expect(new Set(ids).size).toBe(1);
    expect(await clients[0]!.result((session) => session.all())).toMatchObject({ k0: 0, k5: 5, visits: 3 });
  });

  it('does not come back after a logout', async () => {
    await start();
    const client = await visitor();
    const old = client.copy();
    await client.run((session) => session.logout());
    for (const ahead of [0, 61, 900]) {
      app.ahead = ahead;
      await app.sessions.prune();
      expect(await seen(old.copy())).toEqual([null, {}]);
    }
  });

  it.runIf(ends)('that has expired is nobody, and one event', async () => {
    await start();
    const client = await visitor();
    app.ahead = LIVES + 1;
    expect(await seen(client)).toEqual([null, {}]);
    expect(app.seen('rejected')).toMatchObject([{ reason: 'expired' }]);
  });

  it('that comes after the end of the migration is nobody', async () => {
    await start('express', { until: new Date(Date.now() + 60_000) });
    const client = await visitor();
    app.ahead = 61;
    expect(await seen(client)).toEqual([null, {}]);
  });

  it.each(ADAPTER_NAMES)('that does not open is nobody, and one event: %s', async (adapter) => {
    await start(adapter);
    for (const change of [
      (text: string) => `${text.slice(0, 20)}A${text.slice(21)}`,
      () => 'garbage',
      () => '%',
    ]) {
      const client = await visitor();
      client.jar.set(cookie, change(client.jar.get(cookie)!.replace(/A/g, 'B')));
      const before = app.seen('rejected').length;
      expect(await seen(client)).toEqual([null, {}]);
      expect(app.seen('rejected').length - before).toBe(1);
    }
    expect(app.seen('migrated')).toEqual([]);
  });

  it('shows no secret in its format, and the audit calls it temporary', () => {
    const text = inspect(format(), { depth: 9, showHidden: true }) + JSON.stringify(format());
    for (const secret of [...KEYS, ...Object.values(PASSWORDS), BOX_KEY.toString('base64')])
      expect(text).not.toContain(secret);
    expect(format().audit!('crypto.accept[0]')).toMatchObject([{ code: 'foreign-sessions', level: 'info' }]);
  });
});

const STORES = [
  ['cookie', (now: () => Date) => cookieStore({ revocation: memoryRevocation({ now }) })],
  ['memory', (now: () => Date) => memoryStore({ now })],
] as const;

const REVOCATIONS = [
  ['revokeSubject', (app: ScriptApp) => app.sessions.revokeSubject('ada')],
  ['revokeAll', (app: ScriptApp) => app.sessions.revokeAll()],
] as const;

const combinations = ORIGINS.flatMap((origin) =>
  ADAPTER_NAMES.flatMap((adapter) =>
    STORES.map(([store, makeStore]) => ({ ...origin, adapter, store, makeStore })),
  ),
);

describe.each(combinations)('A session of $name on $adapter, $store store', (one) => {
  let cookies: () => Promise<Cookies>;
  beforeAll(async () => {
    cookies = await one.make();
  });

  /** Starts an application whose own sessions end long before the migration does. */
  async function start() {
    let shift = 0;
    const store = one.makeStore(() => new Date(Date.now() + shift * 1000));
    const crypto = { secrets: [SECRET], accept: [one.format()] };
    const session = { idleTimeout: 100, absoluteTimeout: 200 };
    const app = await ScriptApp.start({ crypto, store, session }, one.adapter);
    const later = async (seconds: number) => {
      shift = seconds;
      if (one.store === 'cookie') app.ahead = seconds; // the clock of a server store is its own
      await app.sessions.prune();
    };
    const visitor = async () => {
      const client = app.client();
      for (const [key, value] of await cookies()) client.jar.set(key, value);
      return client;
    };
    return { app, later, visitor };
  }
  const subjectOf = (client: Client) => client.result((session) => session.subject ?? null);

  it.each(REVOCATIONS)('that nobody has brought before %s is nobody afterwards', async (_, revoke) => {
    const { app, later, visitor } = await start();
    const client = await visitor();
    await revoke(app);
    for (const seconds of [5, 61, 900]) {
      await later(seconds);
      expect(await subjectOf(client.copy())).toBe(null);
    }
    expect(app.seen('migrated')).toEqual([]);
    await client.run((session) => session.login('ada'));
    expect(await subjectOf(client)).toBe('ada');
  });

  it('is migrated after the sessions of another user were ended', async () => {
    const { app, later, visitor } = await start();
    await app.sessions.revokeSubject('eve');
    await later(5);
    expect(await subjectOf(await visitor())).toBe('ada');
  });

  it('that was migrated lives on as the kept one, and its old cookie does not', async () => {
    const { app, later, visitor } = await start();
    const client = await visitor();
    const old = await visitor();
    const id = (await client.result((session) => session.id)) as string;
    await app.sessions.revokeSubject('ada', { except: id });
    await later(5);
    expect(await subjectOf(client)).toBe('ada');
    expect(await subjectOf(old)).toBe(null);
  });
});

describe('A revocation with a server store', () => {
  const formats = async () => {
    const origin = ORIGINS.find(({ name }) => name === 'cookie-session')!;
    const cookies = await (await origin.make())();
    return { accept: [origin.format()], cookies };
  };
  const bring = (app: ScriptApp, cookies: Cookies) => {
    const client = app.client();
    for (const [key, value] of cookies) client.jar.set(key, value);
    return client.result((session) => session.subject ?? null);
  };

  it.each(REVOCATIONS)('ends a foreign session that is stored at the same time: %s', async (_, revoke) => {
    const { accept, cookies } = await formats();
    const store = memoryStore();
    const create = store.create.bind(store);
    const app = await ScriptApp.start({ crypto: { secrets: [SECRET], accept }, store });
    store.create = async (row) => {
      store.create = create;
      await revoke(app);
      await create(row);
    };
    expect(await bring(app, cookies)).toBe(null);
    expect(await bring(app, cookies)).toBe(null);
    expect(await app.sessions.list('ada')).toEqual([]);
  });

  it('lets nothing of a foreign session from before it into the store', async () => {
    const { accept, cookies } = await formats();
    const store = memoryStore();
    const app = await ScriptApp.start({ crypto: { secrets: [SECRET], accept }, store });
    await app.sessions.revokeSubject('ada');
    const create = vi.spyOn(store, 'create');
    expect(await bring(app, cookies)).toBe(null);
    expect(create).not.toHaveBeenCalled();
  });

  it('counts where only a context migrates', async () => {
    const { accept, cookies } = await formats();
    const contexts = [{ path: '/run', cookie: { name: 'run' }, crypto: { secrets: [SECRET], accept } }];
    const app = await ScriptApp.start({ store: memoryStore(), contexts });
    await app.sessions.revokeSubject('ada');
    app.ahead = 5;
    expect(await bring(app, cookies)).toBe(null);
    expect(await app.sessions.revokeSubject('eve')).toBe(0);
  });

  it('by the alarm of an old id ends foreign sessions too', async () => {
    const { accept, cookies } = await formats();
    const session = { regenerateInterval: 900, onReuse: 'end' as const };
    const app = await ScriptApp.start({
      crypto: { secrets: [SECRET], accept },
      store: memoryStore(),
      session,
    });
    const client = app.client();
    await client.run((one) => one.login('ada'));
    const old = client.copy();
    app.ahead = 901;
    await client.result((one) => one.subject);
    app.ahead = 1000;
    await old.result((one) => one.subject);
    expect(app.seen('reused')).toHaveLength(1);
    app.ahead = 1005;
    expect(await bring(app, cookies)).toBe(null);
  });

  it('writes nothing where no foreign session is migrated', async () => {
    const { accept } = await formats();
    const rowsWith = async (crypto: SessionCryptoOptions['crypto'], store: SessionStore = memoryStore()) => {
      const app = await ScriptApp.start({ crypto, store });
      await app.sessions.revokeSubject('ada');
      await app.sessions.revokeAll();
      return (await store.scan!(undefined, 10)).length;
    };
    expect(await rowsWith({ secrets: [SECRET] })).toBe(0);
    expect(await rowsWith({ secrets: [SECRET], accept })).toBe(2);
  });
});

describe('A session of express-session', () => {
  it.each([
    [true, 0],
    [false, 1],
  ])('leaves its row unless removeRow is false: %s', async (removeRow, rows) => {
    const [{ make }] = ORIGINS as [Origin];
    const store = new MemoryStore();
    const cookies = await (await make())();
    const [id] = decodeURIComponent(cookies.get('connect.sid')!).slice(2).split('.') as [string];
    const [session] = await new Promise<expressSession.SessionData[]>((resolve) =>
      STORE.get(id, (_, one) => resolve([one!])),
    );
    await new Promise<void>((resolve) => store.set(id, session!, () => resolve()));
    const accept = [fromExpressSession({ secret: KEYS[0], store, until: until(), removeRow })];
    const app = await ScriptApp.start({ crypto: { secrets: [SECRET], accept }, store: memoryStore() });
    const client = app.client();
    client.jar.set('connect.sid', cookies.get('connect.sid')!);
    await client.run((one) => one.get('cart'));
    const count = await new Promise((resolve) => store.length((_, length) => resolve(length)));
    expect(count).toBe(rows);
  });

  it('is 503 while its store fails or does not answer, and the cookie stays', async () => {
    for (const get of [
      (_: string, done: (error: Error) => void) => done(new Error('tea')),
      () => undefined,
    ]) {
      const store = { get, set: () => undefined, destroy: () => undefined };
      const accept = [fromExpressSession({ secret: KEYS, store, until: until() })];
      const app = await ScriptApp.start({
        crypto: { secrets: [SECRET], accept },
        store: memoryStore(),
        session: { commitTimeout: 1 },
      });
      const client = app.client();
      const cookies = await (await ORIGINS[0]!.make())();
      client.jar.set('connect.sid', cookies.get('connect.sid')!);
      const { status, cookies: lines, text } = await client.run((session) => session.get('cart'));
      expect([status, lines]).toEqual([503, []]);
      expect(text).not.toMatch(/tea/);
    }
  });
});

describe('Wrong options', () => {
  it('are faults with their paths, all at once, and show no secret', async () => {
    const start = (accept: MigratedFormat[]) => ScriptApp.start({ crypto: { secrets: [SECRET], accept } });
    const bad = [
      fromExpressSession({ secret: undefined, store: {} as never, until: until() }),
      fromCookieSession({ keys: [], cookie: { name: 'a;b' }, until: new Date(NaN) }),
      fromIronSession({ password: 'too short', cookie: { name: 'iron' }, until: until() }),
      fromSecureSession({ key: 'c2hvcnQ=', cookie: { name: 'box' }, until: until(), expiri: 1 } as never),
    ];
    const error = await start(bad).catch((one: Error) => one);
    const { message } = error as Error;
    for (const fault of [
      /crypto\.accept\[0\]\.secret: is undefined/,
      /crypto\.accept\[0\]\.store: is an object without the methods get, destroy/,
      /crypto\.accept\[1\]\.keys: is an empty list/,
      /crypto\.accept\[1\]\.cookie\.name: is "a;b"/,
      /crypto\.accept\[1\]\.until: is Date/,
      /crypto\.accept\[2\]\.password: has 9 characters/,
      /crypto\.accept\[3\]\.key: has 5 bytes/,
      /crypto\.accept\[3\]\.expiri: is unknown; is "expiry" meant/,
    ])
      expect(message).toMatch(fault);
    expect(message).not.toMatch(/too short|c2hvcnQ/);
  });

  it('of a format in crypto.format say where it belongs', async () => {
    const format = fromCookieSession({ keys: KEYS, until: until() });
    await expect(ScriptApp.start({ crypto: { format: format as never } })).rejects.toThrow(
      /crypto\.format: is "cookie-session", whose sessions can only be migrated; move it to crypto\.accept/,
    );
  });
});
