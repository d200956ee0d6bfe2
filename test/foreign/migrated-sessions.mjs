// Migrates sessions that the real express-session has kept in a real connect store. A real application of Nest opens them, on
// Express and on Fastify, over pgStore().
// oxlint-disable-next-line no-unassigned-import -- Nest's decorators need it
import 'reflect-metadata';
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { Controller, Get, Inject, Module, Param } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { SessionCryptoModule, SessionService } from '../../dist/esm/index.js';
import { fromExpressSession } from '../../dist/esm/migrate.js';
import { createTableSql, pgStore } from '../../dist/esm/pg.js';

const secret = 'the secret of the old application';
const DATA = { passport: { user: 'ada' }, cart: ['tea', 'größe'], visits: 3 };

/** Serves the old application and returns its address. */
async function oldApplication(session, store) {
  const cookie = { maxAge: 3_600_000 };
  const middleware = session({ secret, store, cookie, resave: false, saveUninitialized: false });
  const server = createServer((request, response) =>
    middleware(request, response, (error) => {
      if (!error) Object.assign(request.session, DATA);
      response.writeHead(error ? 500 : 200).end();
    }),
  );
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return { url: `http://127.0.0.1:${server.address().port}/`, close: () => server.close() };
}

/** What a handler of the new application does with the session of its request. */
const ACTS = {
  read: (session) => [session.id, session.subject ?? null, session.all()],
  add: (session, key) => session.set(key, 1),
  logout: (session) => session.logout(),
};

class AppController {
  constructor(sessions) {
    this.sessions = sessions;
  }

  async act(name, key) {
    return { result: await ACTS[name](await this.sessions.current(), key) };
  }
}
Controller()(AppController);
Inject(SessionService)(AppController, undefined, 0);
Get(':name/:key')(
  AppController.prototype,
  'act',
  Object.getOwnPropertyDescriptor(AppController.prototype, 'act'),
);
Param('name')(AppController.prototype, 'act', 0);
Param('key')(AppController.prototype, 'act', 1);

async function newApplication(adapter, store, pool, table) {
  const subjectFrom = (data) => data.passport?.user;
  const accept = [
    fromExpressSession({ secret, store, until: new Date(Date.now() + 3_600_000), subjectFrom }),
  ];
  const crypto = { secrets: [`hex:${'11'.repeat(32)}`], accept };
  class AppModule {}
  Module({
    imports: [
      SessionCryptoModule.forRoot({ crypto, store: pgStore({ pool, table }), session: { commitTimeout: 2 } }),
    ],
    controllers: [AppController],
  })(AppModule);
  const platform = adapter === 'fastify' ? [new FastifyAdapter()] : [];
  const app = await NestFactory.create(AppModule, ...platform, { logger: false });
  await app.listen(0, '127.0.0.1');
  return { url: await app.getUrl(), close: () => app.close() };
}

/** Asks with a cookie. Returns the status, the result of the handler, and the cookies that were set, by name. */
async function ask(url, cookie) {
  const response = await fetch(url, { headers: { cookie } });
  const pairs = response.headers.getSetCookie().map((line) => line.split(';', 1)[0].split('='));
  const body = response.ok ? await response.json().catch(() => ({})) : {};
  return { status: response.status, result: body.result, cookies: Object.fromEntries(pairs) };
}

const CASES = {
  async 'has its data and its user, once, and its row is removed'({ old, url, stored }) {
    const cookie = await old();
    assert.equal(await stored(cookie), true);
    const { result, cookies } = await ask(`${url}/read/-`, cookie);
    assert.deepEqual(result.slice(1), ['ada', DATA]);
    assert.deepEqual(Object.keys(cookies), ['sid', 'connect.sid']);
    assert.equal(cookies['connect.sid'], '');
    assert.equal(await stored(cookie), false);
    const again = await ask(`${url}/read/-`, `sid=${cookies.sid}`);
    assert.deepEqual(again.result.slice(1), result.slice(1));
  },
  async 'that six requests bring at once is one session, with the changes of all'({ old, url }) {
    const cookie = await old();
    const keys = ['a', 'b', 'c', 'd', 'e', 'f'];
    const answers = await Promise.all(keys.map((key) => ask(`${url}/add/${key}`, cookie)));
    const seen = await Promise.all(answers.map(({ cookies }) => ask(`${url}/read/-`, `sid=${cookies.sid}`)));
    assert.equal(new Set(seen.map(({ result }) => result[0])).size, 1);
    for (const key of keys) assert.equal(seen[0].result[2][key], 1);
  },
  async 'does not come back after a logout'({ old, url }) {
    const cookie = await old();
    await ask(`${url}/logout/-`, cookie);
    assert.deepEqual((await ask(`${url}/read/-`, cookie)).result.slice(1), [null, {}]);
  },
  async 'whose cookie was changed is nobody'({ old, url, stored }) {
    const cookie = await old();
    const forged = cookie.replace(/.{6}$/, 'AAAAAA');
    assert.deepEqual((await ask(`${url}/read/-`, forged)).result.slice(1), [null, {}]);
    assert.equal(await stored(cookie), true);
  },
};

/** Runs all cases over each store and returns the number of failures. A store in `away` cannot be reached. */
export async function migrateSessions({ session, stores, away, pool }) {
  let failures = 0;
  const check = (title, run) =>
    run().catch((error) => {
      failures++;
      console.log(`FAILED ${title}: ${error.message}`);
    });
  const table = 'migrated_sessions';
  for (const sql of createTableSql({ table })) await pool.query(sql);
  for (const [name, store] of Object.entries(stores))
    for (const adapter of ['express', 'fastify']) {
      const before = await oldApplication(session, store);
      const after = await newApplication(adapter, store, pool, table);
      const old = async () => {
        const { cookies } = await ask(before.url, '');
        return `connect.sid=${cookies['connect.sid']}`;
      };
      const stored = (cookie) => isStored(store, cookie);
      for (const [title, run] of Object.entries(CASES))
        await check(`a session of ${name} on ${adapter} ${title}`, () =>
          run({ old, stored, url: after.url }),
        );
      const gone = await newApplication(adapter, away[name], pool, table);
      await check(`a session of ${name} on ${adapter} is 503 while its store is away`, async () => {
        const { status, cookies } = await ask(`${gone.url}/read/-`, await old());
        assert.deepEqual([status, cookies], [503, {}]);
      });
      console.log(`migrated from ${name} on ${adapter}: ${Object.keys(CASES).length + 1} cases`);
      before.close();
      await Promise.all([after.close(), gone.close()]);
    }
  return failures;
}

function isStored(store, cookie) {
  const id = decodeURIComponent(cookie)
    .replace(/^connect\.sid=s:/, '')
    .split('.')[0];
  return new Promise((resolve, reject) =>
    store.get(id, (error, found) => (error ? reject(error) : resolve(Boolean(found)))),
  );
}
