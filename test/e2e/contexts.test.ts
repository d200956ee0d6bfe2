import { All, Controller, Module, Req } from '@nestjs/common';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import { describe, expect, it } from 'vitest';
import {
  CurrentSession,
  getSessionStoreToken,
  memoryStore,
  SessionService,
  type Session,
  type SessionCryptoExtras,
  type SessionCryptoOptions,
  type SessionRow,
  type SessionStore,
} from 'nestjs-session-crypto';
import { ADAPTER_NAMES, type AdapterName } from '../support/adapters.js';
import { type Answer, askRaw } from '../support/ask.js';
import { ScriptApp } from '../support/script-app.js';
import { SECRET, startApp, TestApp } from '../support/test-app.js';
import { Visitor } from '../support/visitor.js';

import { Latch } from './support/hold.js';

const OTHER_SECRET = `hex:${'22'.repeat(32)}`;
type Options = Partial<SessionCryptoOptions>;
interface Visits {
  n: number;
}

/** Counts visits in the session on every path but those with `read` in them, and says what went wrong. */
@Controller()
class VisitController {
  @All(['', '*'])
  visit(@CurrentSession() session: Session<Visits>, @Req() request: { url: string }) {
    if (request.url.includes('read')) return { n: session.get('n') ?? null };
    try {
      session.set('n', (session.get('n') ?? 0) + 1);
      return { n: session.get('n') };
    } catch (error) {
      return { code: (error as { code: string }).code, message: (error as Error).message };
    }
  }
}

interface Start {
  readonly options?: Options;
  readonly extras?: SessionCryptoExtras;
  /** Options of the platform. */
  readonly express?: Record<string, unknown>;
  readonly fastify?: object;
  readonly prefix?: string;
  readonly store?: SessionStore;
  readonly mountAt?: string;
}

async function start(name: AdapterName, { options, extras, ...given }: Start): Promise<OneVisitor> {
  @Module({})
  class Mounting {
    constructor(private readonly sessions: SessionService) {}
    configure(consumer: { apply(middleware: unknown): { forRoutes(path: string): void } }) {
      if (given.mountAt) consumer.apply(this.sessions.middleware).forRoutes(given.mountAt);
    }
  }
  const app = await startApp({
    adapter: platformOf(name, given),
    session: { ...options, ...extras },
    imports: [Mounting],
    controllers: [VisitController],
    replace: given.store && [[getSessionStoreToken(), given.store]],
    prepare: (nest) => given.prefix && nest.setGlobalPrefix(given.prefix),
  });
  return new OneVisitor(app);
}

function platformOf(name: AdapterName, { express = {}, fastify }: Start): ExpressAdapter | FastifyAdapter {
  if (name === 'fastify')
    return new FastifyAdapter({ http: { requireHostHeader: false } as never, ...fastify });
  const adapter = new ExpressAdapter();
  for (const [key, value] of Object.entries(express)) adapter.set(key, value);
  return adapter;
}

type Said = Answer & { readonly body: { n?: number | null; code?: string; message?: string } };

/** The visitor of an application, which asks for any target under any host. */
class OneVisitor extends Visitor {
  constructor(readonly running: TestApp) {
    super(running.url, new Map(), { host: 'localhost' });
  }

  get sessions(): SessionService {
    return this.running.sessions;
  }

  /** Gives what the handler said; `path` goes out as it is. */
  ask(path: string, headers: OutgoingHttpHeaders = {}): Promise<Said> {
    return this.get(path, headers) as Promise<Said>;
  }

  /** Name of the cookie that a first visit is answered with. */
  async named(path: string, headers: OutgoingHttpHeaders = {}): Promise<string | undefined> {
    this.jar.clear();
    return (await this.ask(path, headers)).cookies[0]?.split('=')[0];
  }
}

/** A plain cookie, so that any host may have one. */
const PLAIN = { secure: false } as const;
const named = (name: string) => ({ cookie: { name } });
const HOSTS: Options = {
  cookie: PLAIN,
  contexts: [
    { host: 'a.example', ...named('a') },
    { host: '*.example', ...named('wild') },
    { path: '/shop', ...named('shop') },
    { path: '/shop/admin', ...named('admin') },
    { host: 'a.example', path: '/shop', ...named('a-shop') },
  ],
};

describe.each(ADAPTER_NAMES)('contexts on %s', (name) => {
  it('are chosen by host, then by path', async () => {
    const visitor = await start(name, { options: HOSTS });
    const rows: [string, string, string][] = [
      ['other.org', '/', 'sid'],
      ['a.example', '/', 'a'],
      ['A.EXAMPLE.:99', '/', 'a'],
      ['a.example', '/shop/1', 'a-shop'],
      ['a.example', '/shopping', 'a'],
      ['b.example', '/shop', 'wild'],
      ['other.org', '/shop?x=1', 'shop'],
      ['other.org', '/shop/admin/x', 'admin'],
      ['other.org', '/%73hop', 'shop'],
      ['[::1]:80', '/shopping', 'sid'],
    ];
    for (const [host, path, cookie] of rows)
      expect([host, path, await visitor.named(path, { host })]).toEqual([host, path, cookie]);
  });

  it.each([
    { trusted: true, cookie: 'b' },
    { trusted: false, cookie: 'a' },
  ])('heed a forwarded host where the platform trusts its proxy: $trusted', async ({ trusted, cookie }) => {
    const contexts = [
      { host: 'a.example', ...named('a') },
      { host: 'b.example', ...named('b') },
    ];
    const visitor = await start(name, {
      options: { cookie: PLAIN, contexts },
      ...(trusted && { express: { 'trust proxy': true }, fastify: { trustProxy: true } }),
    });
    const headers = { host: 'a.example', 'x-forwarded-host': 'B.example:8443' };
    expect(await visitor.named('/', headers)).toBe(cookie);
    expect(await visitor.named('/', { ...headers, 'x-forwarded-for': '192.0.2.1' })).toBe(cookie);
  });

  it('are none where a request names no host', async () => {
    const visitor = await start(name, { options: HOSTS });
    const answer = await askRaw(visitor.url, 'GET / HTTP/1.0\r\n\r\n');
    expect(answer).toMatch(/^HTTP\/1\.1 200[^]*set-cookie: sid=/i);
  });

  it.each([
    '//shop', '/shop//x', '/shop/../x', '/x/../shop', '/shop/%2e%2e/x', '/shop%2fx', '/shop%2Fx', '/shop\\x',
    '/shop%5cx', '/shop%00', '/shop%', '/shop%zz', '/shop%ff', '/./shop',
  ])('are none at %s, and nothing breaks', async (path) => {
    const visitor = await start(name, { options: HOSTS });
    const answer = await visitor.ask(path, { host: 'a.example' });
    const set = answer.cookies.map((line) => line.split('=')[0]);
    expect(answer.status).toBeLessThan(500);
    expect(['sid', undefined]).toContain(set[0]);
    expect(await visitor.named('/shop')).toBe('shop');
  }); // prettier-ignore

  it('take the path as it was asked for, below a global prefix too', async () => {
    const visitor = await start(name, {
      options: { contexts: [{ path: '/api/shop', ...named('shop') }] },
      prefix: 'api',
    });
    expect([await visitor.named('/api/shop/1'), await visitor.named('/api/x')]).toEqual(['shop', 'sid']);
  });

  it('hold where the application mounts the middleware itself', async () => {
    const visitor = await start(name, {
      options: { contexts: [{ path: '/shop/admin', ...named('admin') }] },
      extras: { mount: false },
      mountAt: 'shop/*rest',
    });
    expect([await visitor.named('/shop/admin'), await visitor.named('/shop/x')]).toEqual(['admin', 'sid']);
  });

  it('compare a prefix byte by byte', async () => {
    const visitor = await start(name, {
      options: { contexts: [{ path: '/sh', match: 'prefix', ...named('sh') }] },
    });
    const cookies = [await visitor.named('/shop'), await visitor.named('/SHOP'), await visitor.named('/s')];
    expect(cookies).toEqual(['sh', 'sid', 'sid']);
  });

  it('keep the session that they share with everything else', async () => {
    const visitor = await start(name, { options: { contexts: [{ path: '/shop', session: { idleTimeout: 60 } }] } });
    const counts: unknown[] = [];
    for (const path of ['/', '/shop', '/', '/shop/x']) counts.push((await visitor.ask(path)).body.n);
    expect(counts).toEqual([1, 2, 3, 4]);
  }); // prettier-ignore

  it('keep sessions apart that have a cookie of their own', async () => {
    const visitor = await start(name, {
      options: {
        store: memoryStore(),
        contexts: [
          { path: '/shop', ...named('shop'), crypto: { secrets: [OTHER_SECRET], cipher: 'chacha20' } },
          { path: '/own', ...named('own'), store: memoryStore() },
        ],
      },
    });
    const counts: unknown[] = [];
    for (const path of ['/', '/shop', '/own', '/', '/shop', '/own', '/own'])
      counts.push((await visitor.ask(path)).body.n);
    expect(counts).toEqual([1, 1, 1, 2, 2, 2, 3]);
    expect([...visitor.jar.keys()]).toEqual(['sid', 'shop', 'own']);
  });

  it('never open what another one sealed', async () => {
    const visitor = await start(name, {
      options: {
        contexts: [
          { path: '/keys', ...named('keys'), crypto: { secrets: [OTHER_SECRET] } },
          { path: '/name', ...named('name') },
          { path: '/audience', ...named('audience'), crypto: { audience: 'b' } },
        ],
      },
    });
    await visitor.ask('/');
    const sid = visitor.jar.get('sid')!;
    for (const cookie of ['keys', 'name', 'audience'])
      expect((await visitor.ask(`/${cookie}/read`, { cookie: `${cookie}=${sid}; sid=${sid}` })).body.n).toBe(null);
  }); // prettier-ignore

  it('have cookie and cache headers of their own', async () => {
    const visitor = await start(name, {
      options: {
        contexts: [
          { path: '/kept', cookie: { lifetime: 77 } },
          { path: '/private', cache: { limiter: 'private', expire: 2 } },
        ],
      },
    });
    const [kept, secret, other] = [
      await visitor.ask('/kept'),
      await visitor.ask('/private'),
      await visitor.ask('/'),
    ];
    expect(kept.cookies[0]).toContain('; Max-Age=77;');
    expect(secret.headers['cache-control']).toMatch(/^private, max-age=120/);
    expect(other.headers['cache-control']).toMatch(/no-store/);
  });
});

describe.each(ADAPTER_NAMES)("the router's case rule on %s", (name) => {
  const options: Options = {
    contexts: [{ path: '/Shop', ...named('shop') }],
    session: { exclude: ['/Off'] },
  };
  const loose = { express: {}, fastify: { routerOptions: { caseSensitive: false } } };
  const strict = { express: { 'case sensitive routing': true }, fastify: {} };

  it.each([
    { title: 'loose', given: loose, cookies: ['shop', 'shop', undefined] },
    { title: 'strict', given: strict, cookies: ['sid', 'shop', 'sid'] },
  ])('holds for contexts when it is $title', async ({ given, cookies }) => {
    const visitor = await start(name, { options, ...given });
    const seen = [await visitor.named('/shop'), await visitor.named('/Shop'), await visitor.named('/off')];
    expect(seen).toEqual(cookies);
  });
});

it("Fastify's older way to say the case rule counts too", async () => {
  const options: Options = { contexts: [{ path: '/Shop', ...named('shop') }] };
  const visitor = await start('fastify', { options, fastify: { caseSensitive: false } });
  expect(await visitor.named('/shop')).toBe('shop');
});

describe.each(ADAPTER_NAMES)('no sessions on %s', (name) => {
  const store = () => {
    const calls: string[] = [];
    const inner = memoryStore();
    const watched = new Proxy(inner, {
      get: (target, key) => {
        const value: unknown = Reflect.get(target, key);
        if (typeof value !== 'function') return value;
        return (...args: unknown[]) => {
          calls.push(String(key));
          return (value as (...all: unknown[]) => unknown).apply(target, args);
        };
      },
    });
    return { calls, watched };
  };

  it.each<{ title: string; session: Options['session']; off: string[]; on: string[] }>([
    { title: 'enabled: false', session: { enabled: false }, off: ['/', '/a'], on: [] },
    { title: 'include', session: { include: ['/in'] }, off: ['/', '/inn', '/in%2fx'], on: ['/in', '/in/x'] },
    {
      title: 'exclude',
      session: { exclude: ['/out'] },
      off: ['/out', '/out/x', '/%6fut'],
      on: ['/', '/outer'],
    },
    {
      title: 'both',
      session: { include: ['/in'], exclude: ['/in/out'] },
      off: ['/in/out', '/x'],
      on: ['/in/o'],
    },
  ])('with $title: nothing is read, stored or sent', async ({ session, off, on }) => {
    for (const kind of ['cookie', 'memory'] as const) {
      const { calls, watched } = store();
      const visitor = await start(name, {
        options: { ...(session && { session }), ...(kind === 'memory' && { store: watched }) },
      });
      for (const path of on) expect((await visitor.ask(path)).body.n).toBe(on.indexOf(path) + 1);
      const jar = visitor.cookie || `sid=${'A'.repeat(120)}`;
      calls.length = 0;
      for (const path of off) {
        const answer = await visitor.ask(path, { cookie: jar });
        const { status, cookies, headers, body } = answer;
        const vary = headers['vary'] ?? '';
        expect({ path, status, cookies, vary }).toEqual({ path, status, cookies: [], vary: '' });
        expect(headers['cache-control']).toBeUndefined();
        if (status === 200) expect(body.code).toBe('ERR_SESSION_READONLY');
        if (status === 200) expect(body.message).toMatch(/^Sessions are off for this host or path/);
      }
      expect(calls.filter((call) => !['now', 'open', 'close'].includes(call))).toEqual([]);
    }
  });

  it('are read as empty there, whatever the cookie', async () => {
    const visitor = await start(name, { options: { session: { exclude: ['/read'] } } });
    await visitor.ask('/');
    expect((await visitor.ask('/read/x')).body).toEqual({ n: null });
    expect((await visitor.ask('/x/read')).body).toEqual({ n: 1 });
  });

  it('is for a context to say, and to take back', async () => {
    const visitor = await start(name, {
      options: {
        session: { enabled: false },
        contexts: [
          { path: '/on', session: { enabled: true } },
          { path: '/on/off', session: { enabled: false } },
        ],
      },
    });
    const seen = [await visitor.named('/'), await visitor.named('/on'), await visitor.named('/on/off')];
    expect(seen).toEqual([undefined, 'sid', undefined]);
  });
});

describe('one cookie name for two audiences', () => {
  it('on one host ends the session at every turn', async () => {
    const visitor = await start('express', {
      options: { contexts: [{ path: '/shop', crypto: { audience: 'shop' } }] },
    });
    const counts: unknown[] = [];
    for (const path of ['/', '/shop', '/', '/shop']) counts.push((await visitor.ask(path)).body.n);
    expect(counts).toEqual([1, 1, 1, 1]);
  });
});

describe('what contexts share', () => {
  it('is one ring: a callback is asked once', async () => {
    let asked = 0;
    const secret = () => (asked++, SECRET);
    const visitor = await start('express', {
      options: {
        crypto: { secrets: [secret] },
        contexts: [
          { path: '/a', session: { idleTimeout: 9 } },
          { path: '/b', ...named('b') },
        ],
      },
    });
    expect(asked).toBe(1);
    await visitor.sessions.reloadKeys();
    expect(asked).toBe(2);
  });

  it('is not read where a context has its own, and both are read again', async () => {
    const asked = { base: 0, own: 0 };
    const events: number[] = [];
    const visitor = await start('express', {
      options: {
        crypto: { secrets: [() => (asked.base++, SECRET)] },
        contexts: [
          { path: '/a', ...named('a'), crypto: { secrets: [() => (asked.own++, OTHER_SECRET), SECRET] } },
        ],
      },
    });
    visitor.sessions.events.on('keysReloaded', ({ keys }) => events.push(keys));
    expect(asked).toEqual({ base: 1, own: 1 });
    await visitor.sessions.reloadKeys();
    expect(asked).toEqual({ base: 2, own: 2 });
    expect(events.toSorted()).toEqual([1, 2]);
  });

  it('is refused when one context cannot read its keys', async () => {
    const crypto = { secrets: [() => Promise.reject(new Error('vault is sealed'))] };
    const starting = start('express', { options: { contexts: [{ path: '/a', ...named('a'), crypto }] } });
    await expect(starting).rejects.toThrow(/crypto\.secrets\[0\]/);
  });

  const logged = (title: string, log: string[], extra: Partial<SessionStore> = {}) =>
    Object.assign(memoryStore(), {
      open: () => void log.push(`open ${title}`),
      close: () => void log.push(`close ${title}`),
      prune: () => Promise.resolve((log.push(`prune ${title}`), 3)),
      ...extra,
    });

  it('is one store, opened, pruned and closed once; its own ones besides', async () => {
    const log: string[] = [];
    const base = logged('base', log);
    const contexts = [
      { path: '/a', session: { idleTimeout: 9 } },
      { path: '/b', ...named('b'), store: base },
      { path: '/c', ...named('c'), store: logged('own', log) },
    ];
    const visitor = await start('express', { options: { store: base, contexts } });
    expect(log).toEqual(['open base', 'open own']);
    expect(await visitor.sessions.prune()).toBe(6);
    await visitor.running.close();
    expect(log.slice(2)).toEqual(['prune base', 'prune own', 'close base', 'close own']);
  });

  it('is pruned in a context also where the base has a cookie store', async () => {
    const log: string[] = [];
    const contexts = [{ path: '/c', ...named('c'), store: logged('own', log) }];
    const visitor = await start('express', { options: { contexts } });
    expect(await visitor.sessions.prune()).toBe(3);
  });

  it('waits at shutdown for saves to the stores of contexts', async () => {
    const log: string[] = [];
    const saving = new Latch();
    const begun = new Latch();
    const create = async () => {
      begun.open();
      await saving.opened;
      log.push('saved');
    };
    const contexts = [{ path: '/c', ...named('c'), store: logged('own', log, { create }) }];
    const visitor = await start('express', { options: { contexts } });
    const answer = visitor.ask('/c').catch(() => undefined);
    await begun.opened;
    const closed = visitor.running.close();
    saving.open();
    await Promise.all([answer, closed]);
    expect(log).toEqual(['open own', 'saved', 'close own']);
  });

  it('is the store that a test puts in the place of theirs', async () => {
    const given = memoryStore();
    const own = memoryStore();
    const visitor = await start('fastify', {
      options: {
        store: memoryStore(),
        contexts: [
          { path: '/a', ...named('a') },
          { path: '/c', ...named('c'), store: own },
        ],
      },
      store: given,
    });
    for (const path of ['/', '/a', '/c']) await visitor.ask(path);
    expect([await given.count!(), await own.count!()]).toEqual([2, 1]);
  });
});

describe('sessions.open', () => {
  it('takes the context of an upgrade request', async () => {
    const visitor = await start('express', {
      options: {
        cookie: PLAIN,
        contexts: [{ host: 'a.example', path: '/ws', ...named('ws') }, { path: '/off', session: { enabled: false } }],
      },
    });
    await visitor.ask('/');
    await visitor.ask('/ws', { host: 'a.example' });
    await visitor.ask('/ws', { host: 'a.example' });
    const open = (url: string, host: string) => {
      const upgrade = { url, headers: { host, cookie: visitor.cookie }, socket: {} };
      return visitor.sessions.open(upgrade as unknown as IncomingMessage) as Promise<Session<unknown>>;
    };
    const counts: unknown[] = [];
    for (const [url, host] of [['/', 'a.example'], ['/ws', 'a.example:80'], ['/ws/x', 'b.example'], ['/off', 'a.example'], ['/ws/../x', 'a.example']] as const)
      counts.push((await open(url, host) as Session<Visits>).get('n') ?? null);
    expect(counts).toEqual([1, 2, 1, null, 1]);
  }); // prettier-ignore
});

describe('the clocks of a context', () => {
  it.each(['cookie', 'memory'] as const)('end its sessions with the %s store', async (kind) => {
    const app = await ScriptApp.start({
      ...(kind === 'memory' && { store: memoryStore() }),
      contexts: [{ path: '/run', cookie: { name: 'run' }, session: { idleTimeout: 100 } }],
    });
    const client = app.client();
    await client.run((session) => session.set('n', 1));
    app.ahead = 90;
    expect(await client.result((session) => session.get('n') ?? null)).toBe(1);
    app.ahead = 300;
    expect(await client.result((session) => session.get('n') ?? null)).toBe(null);
  });
});

describe.each(ADAPTER_NAMES)('the response of a context with a store of its own on %s', (name) => {
  it('waits for its commit as long as the options of the context say', async () => {
    const left: number[] = [];
    const own = memoryStore();
    const { create } = own;
    const noting = Object.assign(own, {
      create(row: SessionRow, until = Infinity) {
        left.push(until - performance.now());
        return create.call(own, row);
      },
    });
    const client = await start(name, {
      options: {
        cookie: PLAIN,
        store: memoryStore(),
        session: { commitTimeout: 1 },
        contexts: [{ path: '/own', ...named('own'), store: noting, session: { commitTimeout: 60 } }],
      },
    });
    await client.ask('/own');
    expect(left).toEqual([expect.closeTo(60_000, -4)]);
  });
});
