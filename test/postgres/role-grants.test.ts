import { readFileSync } from 'node:fs';
import { DataSource } from 'typeorm';
import { describe, expect, it } from 'vitest';
import { createTableSql, typeOrmStore } from 'nestjs-session-crypto/typeorm';
import { ADAPTER_NAMES } from '../support/adapters.js';
import { cleanUp } from '../support/cleanup.js';
import { onServer } from '../support/database.js';
import { ScriptApp } from '../support/script-app.js';

const PAGE = readFileSync(new URL('../../docs/stores.md', import.meta.url), 'utf8');
/** The statements of docs/stores.md, for the role `shop` and the table `session_crypto`. */
const GRANTS = /```sql\n(CREATE ROLE shop[^]*?)```/.exec(PAGE)![1]!;

let schemas = 0;

/** Makes a schema with the table, and a role with the documented grants and nothing else. Returns the role's address. */
async function roleWithGrants(): Promise<{ url: string; schema: string; admin: DataSource }> {
  const url = new URL(process.env['TEST_DATABASE_URL']!);
  const admin = await new DataSource({ type: 'postgres', url: url.href, poolSize: 1 }).initialize();
  const [schema, role] = [`grants_${process.pid}_${++schemas}`, `shop_${process.pid}_${schemas}`];
  await admin.query(`CREATE SCHEMA ${schema}`);
  for (const sql of createTableSql({ schema })) await admin.query(sql);
  cleanUp(async () => {
    await admin.query(`DROP SCHEMA ${schema} CASCADE`);
    await admin.query(`DROP OWNED BY ${role}`);
    await admin.query(`DROP ROLE ${role}`);
    await admin.destroy();
  });
  const sql = GRANTS.replaceAll(/\bshop\b/g, role)
    .replaceAll(/SCHEMA public\b/g, `SCHEMA ${schema}`)
    .replaceAll('session_crypto', `${schema}.session_crypto`);
  for (const one of sql.split(';').filter((text) => text.trim())) await admin.query(one);
  url.username = role;
  url.password = 'secret';
  return { url: url.href, schema, admin };
}

const storeOf = ({ url, schema }: { url: string; schema: string }) =>
  typeOrmStore({ dataSource: { type: 'postgres', url, poolSize: 8 }, schema });

describe.runIf(onServer)('a role with the documented grants', () => {
  it.each(ADAPTER_NAMES)('runs all that requests, service and pruning need, on %s', async (adapter) => {
    const app = await ScriptApp.start(
      { store: storeOf(await roleWithGrants()), prune: { interval: 0 } },
      adapter,
    );
    const client = app.client();
    await client.result((session) => session.set('n', 1));
    await client.result((session) => session.login('ada'));
    await client.result((session) => session.regenerate());
    app.ahead += 120; // the touch is due
    await Promise.all(
      Array.from({ length: 12 }, () =>
        client.result((session) => session.increment('n', 1, { commit: true })),
      ),
    );
    expect(await client.result((session) => [session.get('n'), session.subject])).toEqual([13, 'ada']);
    const [listed] = await app.sessions.list('ada');
    await app.sessions.revoke(listed!.id, { subject: 'ada' });
    await client.result((session) => session.login('ada'));
    expect([await app.sessions.count(), await app.sessions.reseal()]).toEqual([1, 0]);
    expect(await app.sessions.revokeSubject('ada')).toBe(1);
    await client.result((session) => session.login('ada'));
    await client.result((session) => session.logout());
    await client.result((session) => session.set('n', 2));
    app.ahead += 1445;
    expect(await app.sessions.prune({ exact: true })).toBeGreaterThan(0);
    expect([app.seen('storeDown'), app.seen('touchFailed')]).toEqual([[], []]);
  });

  it('can do nothing else with the database', async () => {
    const place = await roleWithGrants();
    const own = await new DataSource({ type: 'postgres', url: place.url, poolSize: 1 }).initialize();
    cleanUp(() => own.destroy());
    const table = `${place.schema}.session_crypto`;
    for (const sql of [
      `DROP TABLE ${table}`,
      `ALTER TABLE ${table} ADD COLUMN x int`,
      `TRUNCATE ${table}`,
      `CREATE TABLE ${place.schema}.other (x int)`,
      `CREATE TRIGGER t BEFORE INSERT ON ${table} EXECUTE FUNCTION suppress_redundant_updates_trigger()`,
      'CREATE ROLE other',
    ])
      await expect(own.query(sql)).rejects.toThrow(/must be owner|permission denied/);
  });

  it.each(['SELECT', 'INSERT', 'UPDATE', 'DELETE'])('does not do without %s', async (right) => {
    const place = await roleWithGrants();
    const role = new URL(place.url).username;
    await place.admin.query(`REVOKE ${right} ON ${place.schema}.session_crypto FROM ${role}`);
    const store = storeOf(place);
    cleanUp(async () => store.close());
    const row = {
      key: Buffer.alloc(32, 1),
      sealed: Buffer.of(1),
      subject: undefined,
      createdAt: new Date(),
      lastSeenAt: new Date(),
      deadline: new Date(Date.now() + 9e6),
    };
    const use = async () => {
      await store.open(() => undefined);
      await store.create(row);
      await store.replace(row, 1);
      await store.prune();
    };
    await expect(use()).rejects.toMatchObject({ code: expect.stringMatching(/^ERR_SESSION_/) });
  });
});
