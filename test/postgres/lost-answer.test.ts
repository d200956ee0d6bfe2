import { randomBytes } from 'node:crypto';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { DataSource } from 'typeorm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MonitoredStore } from '../../lib/persistence/monitored.store.js';
import { SessionEvents } from '../../lib/persistence/session-events.js';
import { StoreHealth } from '../../lib/persistence/store-health.js';
import { apache, dbdStore, dbdTableSql } from 'nestjs-session-crypto/apache';
import { typeOrmStore } from 'nestjs-session-crypto/typeorm';
import { ADAPTER_NAMES } from '../support/adapters.js';
import { cleanUp } from '../support/cleanup.js';
import { onServer, testDatabase, type TestDatabase } from '../support/database.js';
import { ScriptApp } from '../support/script-app.js';

/** A connection to PostgreSQL that is reset when the server has done a statement, before its answer arrives; or it falls
 *  silent then, as behind a load balancer that has forgotten it. */
class CuttingProxy {
  /** The answer to the next statement with this text or name is lost. */
  cutAt: string | undefined;
  cuts = 0;
  silent = false;
  private readonly sockets = new Set<Socket>();

  async listen(target: URL): Promise<string> {
    const server = createServer((client) => this.join(client, target));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    cleanUp(async () => {
      for (const socket of this.sockets) socket.destroy();
      server.close();
    });
    const url = new URL(target);
    url.port = String((server.address() as AddressInfo).port);
    return url.href;
  }

  private join(client: Socket, target: URL): void {
    const database = connect(Number(target.port), target.hostname);
    let cutting = false;
    for (const socket of [client, database]) this.sockets.add(socket.on('error', () => undefined));
    client.on('data', (bytes) => {
      if (this.cutAt && bytes.includes(this.cutAt)) {
        cutting = true;
        this.cutAt = undefined;
      }
      database.write(bytes);
    });
    database.on('data', (bytes) => {
      if (!cutting) return void client.write(bytes);
      this.cuts++;
      if (this.silent) return;
      client.resetAndDestroy();
      database.destroy();
    });
    client.on('close', () => database.destroy());
    database.on('close', () => client.destroy());
  }
}

async function through(proxy: CuttingProxy): Promise<DataSource> {
  const url = await proxy.listen(new URL(process.env['TEST_DATABASE_URL']!));
  const dataSource = await new DataSource({ type: 'postgres', url, poolSize: 4 }).initialize();
  cleanUp(() => dataSource.destroy());
  return dataSource;
}

let database: TestDatabase;

beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());

describe.runIf(onServer).each(ADAPTER_NAMES)(
  'on %s, when PostgreSQL loses its answer after the commit',
  (adapter) => {
    it.each([
      ['a login', { login: true, silent: false }],
      ['a regeneration', { login: false, silent: false }],
      ['a login, and says nothing any more', { login: true, silent: true }],
    ])('of %s, the client gets its cookie and keeps its cart', async (_, { login, silent }) => {
      const proxy = new CuttingProxy();
      const dataSource = await through(proxy);
      const app = await ScriptApp.start(
        { store: typeOrmStore({ dataSource, table: database.table }) },
        adapter,
      );
      const client = app.client();
      await client.run((session) => session.set('cart', ['tea']));
      Object.assign(proxy, { cutAt: '_move', silent });
      const answer = await client.run((session) => (login ? session.login('ada') : session.regenerate()));
      expect([proxy.cuts, answer.status, answer.cookies.length]).toEqual([1, 201, 1]);
      expect(await client.result((session) => session.get('cart'))).toEqual(['tea']);
      expect(await client.result((session) => session.subject ?? null)).toBe(login ? 'ada' : null);
    });
  },
);

describe.runIf(onServer)('when PostgreSQL loses its answer to the end of sessions', () => {
  const start = async () => {
    const proxy = new CuttingProxy();
    const dataSource = await through(proxy);
    const app = await ScriptApp.start({ store: typeOrmStore({ dataSource, table: database.table }) });
    const subject = randomBytes(6).toString('hex');
    const clients = [app.client(), app.client(), app.client()];
    for (const client of clients) await client.run((session) => session.login(subject));
    return { proxy, app, subject, clients };
  };

  it('a logout is told of', async () => {
    const { proxy, app, subject, clients } = await start();
    proxy.cutAt = '_destroy';
    expect((await clients[0]!.run((session) => session.logout())).status).toBe(201);
    expect([proxy.cuts, app.seen('signedOut')]).toMatchObject([1, [{ subject, why: 'logout' }]]);
  });

  it('all sessions of a user are counted', async () => {
    const { proxy, app, subject, clients } = await start();
    await clients[2]!.run((session) => session.logout());
    proxy.cutAt = '_destroySubject';
    expect(await app.sessions.revokeSubject(subject)).toBe(2);
    expect([proxy.cuts, app.seen('signedOut').at(-1)]).toMatchObject([1, { subject, sessions: 2 }]);
  });
});

describe.runIf(onServer).each(ADAPTER_NAMES)(
  'on %s, when the answer for the table of mod_session_dbd is lost',
  (adapter) => {
    it.each([
      ['a login', '_update', 'login'],
      ['an increment', '_update', 'increment'],
      ['a logout', '_delete', 'logout'],
      ['a new session', '_insert', 'create'],
    ] as const)('%s is done once, and the client is told so', async (_, statement, act) => {
      const proxy = new CuttingProxy();
      const dataSource = await through(proxy);
      const table = `dbd_${randomBytes(4).toString('hex')}`;
      for (const sql of dbdTableSql({ table })) await database.dataSource.query(sql);
      cleanUp(() => database.dataSource.query(`DROP TABLE "${table}"`));
      const secrets = ['a passphrase that is long enough'];
      const crypto = { format: apache({ secrets }) };
      const store = dbdStore({ dataSource, table });
      const app = await ScriptApp.start(
        { crypto, store, cookie: { name: 'session' }, prune: { interval: 0 } },
        adapter,
      );
      const [client, fresh] = [app.client(), app.client()];
      await client.run((session) => session.set('n', 1));
      const actor = act === 'create' ? fresh : client;
      const old = actor.copy();
      proxy.cutAt = statement;
      const answer = await actor.run((session) =>
        act === 'create'
          ? session.set('n', 1)
          : act === 'increment'
            ? session.increment('n')
            : session[act]('ada'),
      );
      expect([proxy.cuts, answer.status]).toEqual([1, 201]);
      const seen = (one: typeof client) =>
        one.result((session) => [session.subject ?? null, session.get('n') ?? null]);
      const expected = {
        login: ['ada', 1],
        increment: [null, 2],
        logout: [null, null],
        create: [null, 1],
      };
      expect(await seen(act === 'logout' ? old : actor)).toEqual(expected[act]);
    });
  },
);

describe.runIf(onServer)('a locked update in PostgreSQL', () => {
  const start = async (proxy: CuttingProxy) => {
    const store = typeOrmStore({ dataSource: await through(proxy), table: database.table });
    await store.open(() => undefined);
    const row = {
      key: randomBytes(32),
      sealed: Buffer.from('before'),
      subject: undefined,
      createdAt: new Date(),
      lastSeenAt: new Date(),
      deadline: new Date(Date.now() + 600_000),
    };
    await store.create(row);
    return {
      row,
      monitored: new MonitoredStore(store, new StoreHealth('default', new SessionEvents(), 5000)),
    };
  };

  it.each([
    ['COMMIT', 'COMMIT\0'],
    ['BEGIN', 'BEGIN'],
  ])('counts once when the answer to its %s is lost', async (_, statement) => {
    const proxy = new CuttingProxy();
    const { row, monitored } = await start(proxy);
    proxy.cutAt = statement;
    let calls = 0;
    const change = () => ({ row: { ...row, sealed: Buffer.from(`change ${++calls}`) } });
    expect(await monitored.updateLocked!(row.key, change)).toBe('saved');
    expect([proxy.cuts, calls]).toEqual([1, 1]);
    const { version, sealed } = (await monitored.load(row.key))!;
    expect([version, sealed.toString()]).toEqual([2, 'change 1']);
  });

  it('leaves the row as it was, and free, when its connection breaks before the COMMIT', async () => {
    const proxy = new CuttingProxy();
    const { row, monitored } = await start(proxy);
    const changed = { row: { ...row, sealed: Buffer.from('after') } };
    const breaking = () => {
      proxy.cutAt = 'UPDATE';
      return changed;
    };
    await expect(monitored.updateLocked!(row.key, breaking)).rejects.toMatchObject({ statusCode: 503 });
    expect((await monitored.load(row.key))!.sealed.toString()).toBe('before');
    expect(await monitored.updateLocked!(row.key, () => changed)).toBe('saved');
  });
});
