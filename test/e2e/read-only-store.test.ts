import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { memoryStore } from 'nestjs-session-crypto';
import { typeOrmStore } from 'nestjs-session-crypto/typeorm';
import { ADAPTER_NAMES } from '../support/adapters.js';
import { testDatabase, type TestDatabase } from '../support/database.js';
import { ScriptApp } from '../support/script-app.js';
import { SECRET } from '../support/test-app.js';
import { holdNext } from './support/hold.js';

const NEW_SECRET = `hex:${'22'.repeat(32)}`;

let database: TestDatabase;

beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());

/** Makes the database refuse every write to the table with one SQLSTATE. */
async function refuseWrites({ dataSource, table }: TestDatabase, sqlstate: string) {
  const name = `refuse_${table}`;
  await dataSource.query(`CREATE OR REPLACE FUNCTION "${name}"() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'no writes' USING ERRCODE = '${sqlstate}'; END $$`);
  await dataSource.query(`CREATE TRIGGER "refuse" BEFORE INSERT OR UPDATE OR DELETE ON "${table}"
    FOR EACH STATEMENT EXECUTE FUNCTION "${name}"()`);
  return () => dataSource.query(`DROP FUNCTION "${name}" CASCADE`);
}

const FAULTS = [
  ['read-only', '25006'],
  ['full', '53100'],
] as const;
const combinations = ADAPTER_NAMES.flatMap((adapter) => FAULTS.map((fault) => [...fault, adapter] as const));

describe.each(combinations)('while the database is %s (%s), on %s', (_, sqlstate, adapter) => {
  const start = (secrets: string[]) => {
    const { dataSource, table } = database;
    const store = typeOrmStore({ dataSource, table });
    return ScriptApp.start({ store, crypto: { secrets }, session: { onReuse: 'end' } }, adapter);
  };

  it.each([
    ['renewal of the id', 901, [SECRET]],
    ['touch', 100, [SECRET]],
    ['seal by a new key', 0, [NEW_SECRET, SECRET]],
  ])('a route that only reads is served although a %s is due', async (_due, ahead, secrets) => {
    const before = await start([SECRET]);
    const client = before.client();
    await client.run((session) => session.login('ada'));
    const app = await start(secrets);
    app.ahead = ahead;
    const reader = client.copy(app.url);
    const allowWrites = await refuseWrites(database, sqlstate);
    const { status, body } = await reader.run((session) => session.subject);
    const refused = await reader.run((session) => session.set('n', 1));
    await allowWrites();
    expect([status, body]).toEqual([201, { result: 'ada' }]);
    expect(refused.status).toBeGreaterThanOrEqual(500);
    expect(app.seen('touchFailed')).toEqual([{ session: 'default', code: sqlstate }]);
    expect(await reader.result((session) => session.subject)).toBe('ada');
  });
});

it.each(ADAPTER_NAMES)(
  'a read is served in the memory store too when its renewal fails, on %s',
  async (adapter) => {
    const store = memoryStore();
    const app = await ScriptApp.start({ store }, adapter);
    const client = app.client();
    await client.run((session) => session.login('ada'));
    app.ahead = 901;
    const move = holdNext(store, 'move');
    const answer = client.run((session) => session.subject);
    await move.begun;
    move.fail();
    expect((await answer).status).toBe(201);
    expect(app.seen('touchFailed')).toEqual([{ session: 'default', code: 'DOWN' }]);
  },
);
