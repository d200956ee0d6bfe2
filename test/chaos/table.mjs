// The session table as the database itself shows it.
import { sessionMigration } from 'nestjs-session-crypto/typeorm';
import { DataSource } from 'typeorm';
import { ask } from './server.mjs';
import { now } from './journal.mjs';

export const TABLE = 'chaos_session';

export async function createTable(url) {
  const dataSource = await new DataSource({ type: 'postgres', url }).initialize();
  const runner = dataSource.createQueryRunner();
  await new (sessionMigration({ table: TABLE }))().up(runner);
  await runner.release();
  await dataSource.destroy();
}

/** Every row by its key: what a write would change, and when its session was last seen, in milliseconds before now. */
export async function snapshot(url) {
  const rows = await ask(
    url,
    `SELECT encode("key", 'hex') AS "key", concat_ws(':', "version", "state", md5("sealed")) AS "is",
      extract(epoch FROM now() - "last_seen_at")::float8 * 1000 AS "age" FROM ${TABLE}`,
  );
  const at = now();
  return { at, rows: Object.fromEntries(rows.map(({ key, is, age }) => [key, [is, at - age]])) };
}
