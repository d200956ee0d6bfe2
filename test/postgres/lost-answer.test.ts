import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { DataSource } from 'typeorm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { typeOrmStore } from 'nestjs-session-crypto/typeorm';
import { ADAPTER_NAMES } from '../support/adapters.js';
import { cleanUp } from '../support/cleanup.js';
import { onServer, testDatabase, type TestDatabase } from '../support/database.js';
import { ScriptApp } from '../support/script-app.js';

/** A connection to PostgreSQL that is reset when the server has done a statement, before its answer arrives. */
class CuttingProxy {
  /** The answer to the next statement with this text or name is lost. */
  cutAt: string | undefined;
  cuts = 0;
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
      client.resetAndDestroy();
      database.destroy();
    });
    client.on('close', () => database.destroy());
    database.on('close', () => client.destroy());
  }
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
      ['a login', '_move', { login: true }],
      ['a regeneration', '_move', { login: false }],
    ])('of %s, the client gets its cookie and keeps its cart', async (_, statement, { login }) => {
      const proxy = new CuttingProxy();
      const url = await proxy.listen(new URL(process.env['TEST_DATABASE_URL']!));
      const dataSource = await new DataSource({ type: 'postgres', url, poolSize: 4 }).initialize();
      cleanUp(() => dataSource.destroy());
      const app = await ScriptApp.start(
        { store: typeOrmStore({ dataSource, table: database.table }) },
        adapter,
      );
      const client = app.client();
      await client.run((session) => session.set('cart', ['tea']));
      proxy.cutAt = statement;
      const answer = await client.run((session) => (login ? session.login('ada') : session.regenerate()));
      expect([proxy.cuts, answer.status, answer.cookies.length]).toEqual([1, 201, 1]);
      expect(await client.result((session) => session.get('cart'))).toEqual(['tea']);
      expect(await client.result((session) => session.subject ?? null)).toBe(login ? 'ada' : null);
    });
  },
);
