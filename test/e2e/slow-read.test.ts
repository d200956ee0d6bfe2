import { Controller, Module, Post } from '@nestjs/common';
import { APP_INTERCEPTOR } from '@nestjs/core';
import { describe, expect, it } from 'vitest';
import {
  CurrentSession,
  memoryStore,
  SessionCryptoModule,
  SessionInterceptor,
  type Session,
  type SessionStore,
} from 'nestjs-session-crypto';
import { ADAPTER_NAMES } from '../support/adapters.js';
import { ScriptApp, type Client, type Script } from '../support/script-app.js';
import { startApp } from '../support/test-app.js';
import { Latch, underWay } from './support/hold.js';

const OLD = `hex:${'22'.repeat(32)}`;
const NEW = `hex:${'33'.repeat(32)}`;
const read: Script = (session) => session.subject ?? null;
const logIn: Script = (session) => session.login('ada');
const regenerate: Script = (session) => session.regenerate();
const fail: Script = () => undefined;

@Module({ providers: [{ provide: APP_INTERCEPTOR, useClass: SessionInterceptor }] })
class Intercepted {}

/** Counts the loads of a store while `act` runs. */
async function loadsOf(store: SessionStore, act: () => Promise<unknown>): Promise<number> {
  const { load } = store;
  let loads = 0;
  store.load = (key) => (loads++, load.call(store, key));
  await act();
  store.load = load;
  return loads;
}

describe.each(ADAPTER_NAMES)('a slow read with an old cookie on %s', (adapter) => {
  /** A browser whose id was renewed, and a second request of it that was sent before with the old id. */
  async function renewed(store = memoryStore()): Promise<{ app: ScriptApp; browser: Client; old: Client }> {
    const app = await ScriptApp.start({ store }, adapter);
    const browser = app.client();
    await browser.run((session) => session.set('cart', 'tea'));
    const old = browser.copy();
    app.ahead += 900;
    await browser.run(read);
    expect(browser.cookie).not.toBe(old.cookie);
    return { app, browser, old };
  }

  it.each([
    ['login', logIn],
    ['regenerate', regenerate],
  ])('does not overwrite the cookie of a %s that came meanwhile', async (_what, move) => {
    const { browser, old } = await renewed();
    const slow = await underWay(old, read);
    await browser.run(move);
    expect((await slow.finish()).cookies).toEqual([]);
  });

  it('does not overwrite it with what it has saved before', async () => {
    const { browser, old } = await renewed();
    const saved = new Latch();
    const told = new Latch();
    const slow = old.run(async (session) => {
      session.set('seen', 1);
      await session.save();
      saved.open();
      await told.opened;
    });
    await saved.opened;
    await browser.run(logIn);
    told.open();
    expect((await slow).cookies).toEqual([]);
  });

  /** A slow request that has renewed the id by an early save, and a login that came after it. `last` is what it does then. */
  async function renewedBefore(
    last: Script,
  ): Promise<{ status: number; cookies: readonly string[]; user: unknown }> {
    const store = memoryStore();
    const app = await ScriptApp.start({ store }, adapter);
    const browser = app.client();
    await browser.run((session) => session.set('cart', 'tea'));
    app.ahead += 900;
    const saved = new Latch();
    const told = new Latch();
    const { load } = store;
    const slow = browser.copy().run(async (session) => {
      session.set('seen', 1);
      await session.save();
      saved.open();
      await told.opened;
      await last(session);
      if (last === fail)
        store.load = () => Promise.reject(Object.assign(new Error('down'), { code: 'DOWN' }));
    });
    await saved.opened;
    await browser.run(logIn);
    told.open();
    const { status, cookies } = await slow;
    store.load = load;
    return { status, cookies, user: await browser.result(read) };
  }

  it('does not overwrite it with an id that it has renewed before', async () => {
    expect(await renewedBefore(read)).toEqual({ status: 201, cookies: [], user: 'ada' });
  });

  it('does not do so where the store cannot be asked', async () => {
    expect(await renewedBefore(fail)).toEqual({ status: 201, cookies: [], user: 'ada' });
  });

  it('does not do so with an error', async () => {
    const tooLarge: Script = (session) => session.set('more', 'x'.repeat(2_000_000));
    expect(await renewedBefore(tooLarge)).toEqual({ status: 500, cookies: [], user: 'ada' });
  });

  it('gets the new id where nobody has logged in, for one load more', async () => {
    const store = memoryStore();
    const { browser, old } = await renewed(store);
    expect(await loadsOf(store, () => old.run(read))).toBe(3);
    expect(old.cookie).toBe(browser.cookie);
    expect(await loadsOf(store, () => old.run(read))).toBe(1);
  });

  it('is answered where the store cannot be asked again', async () => {
    const store = memoryStore();
    const { app, old } = await renewed(store);
    const { load } = store;
    const slow = await underWay(old, read);
    store.load = () => Promise.reject(Object.assign(new Error('db down'), { code: 'DOWN' }));
    const { status, cookies } = await slow.finish();
    store.load = load;
    expect([status, cookies]).toEqual([201, []]);
    expect(app.seen('touchFailed')).toHaveLength(1);
  });

  it('costs a login that is saved in the handler no load', async () => {
    const store = memoryStore();
    const app = await ScriptApp.start({ store }, adapter);
    const client = app.client();
    await client.run((session) => session.set('cart', 'tea'));
    const login: Script = async (session) => {
      await session.login('ada');
      await session.save();
    };
    expect(await loadsOf(store, () => client.run(login))).toBe(1);
    expect(await client.result(read)).toBe('ada');
  });

  it('costs one that is saved twice no load either', async () => {
    const store = memoryStore();
    const app = await ScriptApp.start({ store }, adapter);
    const client = app.client();
    const login: Script = async (session) => {
      await session.login('ada');
      await session.save();
      session.set('cart', 'tea');
      await session.save();
    };
    expect(await loadsOf(store, () => client.run(login))).toBe(0);
    expect(await client.result(read)).toBe('ada');
  });
});

describe('a slow read with an old cookie', () => {
  it('asks the store once, with SessionInterceptor too', async () => {
    const store = memoryStore();
    const app = await ScriptApp.start({ store }, 'express', [], [Intercepted]);
    const client = app.client();
    await client.run((session) => session.set('cart', 'tea'));
    const old = client.copy();
    app.ahead += 900;
    await client.run(read);
    expect(await loadsOf(store, () => old.run(read))).toBe(3);
    expect(old.cookie).toBe(client.cookie);
  });
});

it('a slow read with a cookie of an old key does not overwrite that of a login', async () => {
  const store = memoryStore();
  const before = await ScriptApp.start({ store, crypto: { secrets: [OLD] } });
  const browser = before.client();
  await browser.run((session) => session.set('cart', 'tea'));
  const now = await ScriptApp.start({ store, crypto: { secrets: [NEW, OLD] } });
  await now.sessions.reseal();
  const slow = await underWay(browser.copy(now.url), read);
  const same = browser.copy(now.url);
  await same.run(logIn);
  expect((await slow.finish()).cookies).toEqual([]);
  expect(await loadsOf(store, () => browser.copy(now.url).run(read))).toBe(1); // its session has ended
});

@Controller()
class TwoSessions {
  @Post('both')
  both(
    @CurrentSession() read: Session<{ n: number }>,
    @CurrentSession('refused') refused: Session<{ n: number }>,
  ) {
    if (read.isNew) read.set('n', 1);
    refused.set('n', 1);
    return { n: read.get('n') };
  }
}

it('a read with an old cookie is answered beside a session that may not be stored', async () => {
  let ahead = 0;
  const store = memoryStore({ now: () => new Date(Date.now() + ahead) });
  const crypto = { secrets: [NEW] };
  const app = await startApp({
    imports: [
      SessionCryptoModule.forRoot({ crypto, store }),
      SessionCryptoModule.forRoot({
        name: 'refused',
        crypto,
        store: memoryStore(),
        cookie: { name: 'refused', secure: true },
      }),
    ],
    controllers: [TwoSessions],
  });
  const visitor = app.visitor();
  await visitor.post('/both', '');
  const old = visitor.copy();
  ahead = 900_000;
  await visitor.post('/both', '');
  expect((await old.post('/both', '')).body).toEqual({ n: 1 });
  expect(old.cookie).toBe(visitor.cookie);
});
