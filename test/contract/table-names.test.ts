import { randomBytes } from 'node:crypto';
import { DataSource, DefaultNamingStrategy, type DataSourceOptions } from 'typeorm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { dbdStore, dbdTableSql } from 'nestjs-session-crypto/apache';
import {
  createTableSql,
  sessionEntity,
  sessionMigration,
  typeOrmStore,
  type SessionTable,
} from 'nestjs-session-crypto/typeorm';
import { openTypeOrm03, testDatabase, type TestDatabase } from '../support/database.js';

let database: TestDatabase;
/** A schema of the test's own. */
let web: string;

beforeAll(async () => {
  database = await testDatabase();
});
beforeEach(async () => {
  web = `web_${randomBytes(6).toString('hex')}`;
  await database.dataSource.query(`CREATE SCHEMA ${web}`);
});
afterAll(() => database.close());

/** How each major of TypeORM opens a DataSource. */
const MAJORS: Record<string, (options: DataSourceOptions) => Promise<DataSource>> = {
  '1': (options) => new DataSource(options).initialize(),
  '0.3': openTypeOrm03,
};

/** Returns an open DataSource with options of its own, and with a table of migrations that no other test uses. */
async function dataSourceWith(options: Partial<DataSourceOptions>, major = '1'): Promise<DataSource> {
  const all = { ...database.dataSource.options, migrationsTableName: `m_${web}`, ...options };
  return MAJORS[major]!(all as DataSourceOptions);
}

/** As some naming strategies do, this one changes names that were given, and names indexes in its own way. */
class Plural extends DefaultNamingStrategy {
  override tableName(target: string, given: string | undefined): string {
    return `${super.tableName(target, given)}s`;
  }
  override indexName(table: string, columns: string[]): string {
    return `ix_${table}_${columns.join('_')}`;
  }
}

const NAMES: readonly [string, () => [Partial<DataSourceOptions>, SessionTable], () => string][] = [
  ['the schema of the DataSource', () => [{ schema: web }, {}], () => `${web}.session_crypto`],
  [
    'the entityPrefix of the DataSource',
    () => [{ entityPrefix: `${web}_` }, {}],
    () => `public.${web}_session_crypto`,
  ],
  [
    'both, and a table of its own',
    () => [{ schema: web, entityPrefix: 'app_' }, { table: 'visits' }],
    () => `${web}.app_visits`,
  ],
  [
    'a schema of its own, which counts more',
    () => [{ schema: 'public' }, { schema: web }],
    () => `${web}.session_crypto`,
  ],
  [
    'an empty schema as none',
    () => [{ schema: web }, { schema: '', table: 'visits' }],
    () => `${web}.visits`,
  ],
  [
    'the naming strategy of the DataSource',
    () => [{ schema: web, namingStrategy: new Plural() }, { table: 'Visit' }],
    () => `${web}."Visits"`,
  ],
  [
    'a name of 62 bytes',
    () => [{ schema: web }, { table: 'a'.repeat(62) }],
    () => `${web}.${'a'.repeat(62)}`,
  ],
  [
    'a name of 63 bytes with its prefix',
    () => [{ schema: web, entityPrefix: 'é_' }, { table: 'b'.repeat(60) }],
    () => `${web}."é_${'b'.repeat(60)}"`,
  ],
];

describe.each(NAMES)('a session table with %s', (_, setup, place) => {
  it.each(Object.keys(MAJORS))('is one place for all that touch it, in TypeORM %s', async (major) => {
    const [options, where] = setup();
    const migrations = [sessionMigration(where)];
    const entities = [sessionEntity(where)];
    const dataSource = await dataSourceWith({ ...options, migrations, entities }, major);
    await dataSource.runMigrations();
    const store = typeOrmStore({ ...where, dataSource });
    await store.open(() => undefined);
    const now = new Date();
    const key = randomBytes(32);
    const deadline = new Date(now.getTime() + 60_000);
    await store.create({
      key,
      sealed: Buffer.from('x'),
      subject: 'ada',
      createdAt: now,
      lastSeenAt: now,
      deadline,
    });

    expect(await dataSource.query(`SELECT subject FROM ${place()}`)).toEqual([{ subject: 'ada' }]);
    expect(await dataSource.getRepository(sessionEntity(where).options.name).count()).toBe(1);
    expect(createTableSql(where, dataSource)[0]).toContain(place().split('.')[1]!.replaceAll('"', ''));
    const { upQueries } = await dataSource.driver.createSchemaBuilder().log();
    expect(upQueries.map(({ query }) => query)).toEqual([]);

    await dataSource.undoLastMigration();
    await expect(dataSource.query(`SELECT FROM ${place()}`)).rejects.toMatchObject({ code: '42P01' });
    await dataSource.destroy();
  });
});

describe('two session tables of one schema', () => {
  it('differ by their prefixes alone, with all their names', async () => {
    for (const entityPrefix of ['a_', 'b_']) {
      const dataSource = await dataSourceWith({
        schema: web,
        entityPrefix,
        migrations: [sessionMigration()],
        migrationsTableName: `m_${entityPrefix}`,
      });
      await dataSource.runMigrations();
      await expect(typeOrmStore({ dataSource }).open(() => undefined)).resolves.toBeUndefined();
      await dataSource.destroy();
    }
  });

  it('differ in the last of 63 bytes, or in case alone', async () => {
    const tables = [...'xy'].map((last) => 'c'.repeat(62) + last).concat('visits', 'Visits', 'a-b', 'a_b');
    const migrations = tables.map((table) => sessionMigration({ table }));
    const dataSource = await dataSourceWith({ schema: web, migrations });
    await dataSource.runMigrations();
    for (const table of tables)
      await expect(typeOrmStore({ dataSource, table }).open(() => undefined)).resolves.toBeUndefined();
    await dataSource.destroy();
  });
});

describe('the table of remember-me', () => {
  it('has the schema and prefix of its DataSource beside the session table', async () => {
    const tables = [{}, { table: 'remember_me' }];
    const migrations = tables.map((where) => sessionMigration(where));
    const dataSource = await dataSourceWith({ schema: web, entityPrefix: 'app_', migrations });
    await dataSource.runMigrations();
    for (const where of tables)
      await expect(typeOrmStore({ dataSource, ...where }).open(() => undefined)).resolves.toBeUndefined();
    const found = await dataSource.query(`SELECT FROM ${web}.app_remember_me`);
    expect(found).toEqual([]);
    await dataSource.destroy();
  });
});

describe("httpd's table", () => {
  it('has the schema of the DataSource, and the name that httpd knows', async () => {
    const dataSource = await dataSourceWith({ schema: web, entityPrefix: 'app_' });
    const open = (where: SessionTable) => dbdStore({ dataSource, ...where }).open(() => undefined);
    await expect(open({})).rejects.toThrow(`"${web}"."session" does not exist`);
    await expect(open({})).rejects.toThrow(dbdTableSql({ schema: web }).join(';\n'));
    for (const sql of dbdTableSql({ schema: web })) await dataSource.query(sql);
    await expect(open({})).resolves.toBeUndefined();
    await expect(open({ schema: 'public', table: 'none' })).rejects.toThrow('"public"."none" does not exist');
    await dataSource.destroy();
  });

  it('may belong to another program', async () => {
    await database.dataSource.query(`CREATE TABLE ${web}.session ("sid" text, "sess" json, "expire" date)`);
    const opened = dbdStore({ dataSource: database.dataSource, schema: web, table: 'session' }).open(
      () => undefined,
    );
    await expect(opened).rejects.toThrow(/belongs to connect-pg-simple .*dbdStore\(\{ table \}\)/);
  });
});

describe('a session table that is created by synchronize', () => {
  it.each(Object.keys(MAJORS))('opens in TypeORM %s', async (major) => {
    const created = { schema: web, entityPrefix: 'app_', entities: [sessionEntity()], synchronize: true };
    const dataSource = await dataSourceWith(created, major);
    await expect(typeOrmStore({ dataSource }).open(() => undefined)).resolves.toBeUndefined();
    await dataSource.destroy();
  });
});

describe('printed SQL', () => {
  it('has the names that TypeORM gives, also without a DataSource', () => {
    const { dataSource } = database;
    expect(createTableSql({ table: 'visits' })).toEqual(createTableSql({ table: 'visits' }, dataSource));
    expect(createTableSql()).toEqual(createTableSql({}, dataSource));
  });
});

describe('a name that PostgreSQL or TypeORM would read as another one', () => {
  it.each([
    [{ table: 'a'.repeat(64) }, /^"a+" has 64 bytes/],
    [{ table: 'é'.repeat(32) }, /has 64 bytes/],
    [{ table: 'web.visits' }, /contains a dot.*schema: 'web'/],
    [{ table: '' }, /^is an empty string; allowed is a name of 1 to 63 bytes/],
    [{ table: 5 as never }, /^is a number/],
    [{ table: 'a\0b' }, /zero byte/],
  ])('%j is a fault of store, migration, entity and SQL', async (where, message) => {
    const refused = { faults: [{ path: 'store.table', message: expect.stringMatching(message) as string }] };
    const { dataSource } = database;
    await expect(typeOrmStore({ dataSource, ...where }).open(() => undefined)).rejects.toMatchObject(refused);
    for (const make of [sessionMigration, sessionEntity, createTableSql])
      await expect((async () => make(where))()).rejects.toMatchObject(refused);
  });

  it('may be too long only with its prefix', async () => {
    const dataSource = await dataSourceWith({ entityPrefix: 'prefix_' });
    const opened = typeOrmStore({ dataSource, table: 'a'.repeat(60) }).open(() => undefined);
    await expect(opened).rejects.toMatchObject({
      faults: [{ path: 'store.table', message: expect.stringContaining('67 bytes') as string }],
    });
    await dataSource.destroy();
  });
});
