import { DataSource } from 'typeorm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Session } from 'nestjs-session-crypto';
import { typeOrmStore } from 'nestjs-session-crypto/typeorm';
import { ADAPTER_NAMES } from '../support/adapters.js';
import { cleanUp } from '../support/cleanup.js';
import { onServer, testDatabase, type TestDatabase } from '../support/database.js';
import { ScriptApp } from '../support/script-app.js';

const POOL = 4;
let database: TestDatabase;

describe.skipIf(!onServer)('a session that is saved inside of a transaction', () => {
  beforeAll(async () => {
    database = await testDatabase();
  });
  afterAll(() => database.close());

  it.each(ADAPTER_NAMES)('is saved though transactions hold the whole pool, on %s', async (adapter) => {
    const url = process.env['TEST_DATABASE_URL']!;
    const dataSource = await new DataSource({ type: 'postgres', url, poolSize: POOL }).initialize();
    cleanUp(() => dataSource.destroy());
    const store = typeOrmStore({ dataSource, table: database.table });
    const app = await ScriptApp.start({ store }, adapter);
    let begun = 0;
    let allBegun: () => void;
    const whole = new Promise<void>((resolve) => (allBegun = resolve));
    const save = (session: Session<Record<string, unknown>>) =>
      dataSource.transaction(async (manager) => {
        await manager.query('SELECT 1');
        if (++begun === POOL) allBegun();
        await whole;
        session.set('n', 1);
        await session.save();
      });
    const clients = Array.from({ length: POOL }, () => app.client());
    const answers = await Promise.all(clients.map((client) => client.run(save)));
    expect(answers.map(({ status }) => status)).toEqual(Array(POOL).fill(201));
    for (const client of clients) expect(await client.result((session) => session.get('n'))).toBe(1);
  });
});
