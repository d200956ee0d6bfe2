import type { ForeignRow } from '../../manager/read-foreign.js';
import { NEVER } from '../../record/session-lifetime.js';
import { COLUMNS_SQL } from '../../stores/sql/foreign-table.js';
import { qualifiedName, quote } from '../../stores/sql/table-place.js';
import { CommandError } from '../command.error.js';
import { EXIT } from '../exit-codes.js';
import type { SessionSource, SourceFlags, SourcePage } from './session-source.interface.js';
import { asked } from './sql-fault.js';
import { checkColumns, SQL_LAYOUTS, type SqlLayout } from './sql-layouts.js';

/** A client of `pg`, as far as it is used. */
export interface SqlClient {
  query(text: string, values?: readonly unknown[]): Promise<{ rows: Record<string, unknown>[] }>;
  end(): Promise<void>;
}

/** The sessions of connect-pg-simple or connect-typeorm in Postgres. */
export class SqlSource implements SessionSource {
  /** A place is an id. */
  readonly serverRun = '';

  private constructor(
    private readonly client: SqlClient,
    readonly name: string,
    readonly database: string,
    private readonly table: string,
    private readonly layout: SqlLayout,
    /** The condition of a row that was not ended. */
    private readonly live: string,
  ) {}

  /** Looks at the table first. Rejects with a CommandError if it is not the package's. */
  static async open(client: SqlClient, { from, table = 'session', schema }: SourceFlags): Promise<SqlSource> {
    const layout = SQL_LAYOUTS[from]!;
    const quoted = qualifiedName({ table, schema });
    const found = await asked(quoted, () =>
      client.query(`SELECT "nspname" || '.' || "relname" AS "name" FROM "pg_catalog"."pg_class" "c"
        JOIN "pg_catalog"."pg_namespace" "n" ON "n"."oid" = "relnamespace" WHERE "c"."oid" = to_regclass($1)`, [quoted]),
    ); // prettier-ignore
    const name = found.rows[0]?.['name'];
    if (name === undefined)
      throw new CommandError(
        EXIT.noInput,
        `the database has no table ${quoted}; name the old one by --table and --schema`,
      );
    const { rows } = await asked(quoted, () => client.query(COLUMNS_SQL, [quoted]));
    const columns = rows.map((row) => String(row['name']));
    checkColumns(quoted, columns, from);
    const { endedAt } = layout;
    const live = endedAt !== undefined && columns.includes(endedAt) ? `${quote(endedAt)} IS NULL` : 'true';
    const database = await asked(quoted, () => databaseOf(client));
    return new SqlSource(client, `${from} ${String(name)}`, database, quoted, layout, live);
  }

  async count(): Promise<number> {
    const [row] = await this.ask(
      `SELECT count(*)::float8 AS "count" FROM ${this.table} WHERE ${this.live}`,
      [],
    );
    return Number(row!['count']);
  }

  async *pages(after: string | undefined, size: number): AsyncGenerator<SourcePage> {
    const { id, json, end } = this.layout;
    const text = `SELECT ${id}::text AS "id", ${json}::text AS "text", coalesce(floor(${end})::float8, 0) AS "end"
      FROM ${this.table} WHERE ($1::text IS NULL OR ${id} > $1) AND ${this.live} ORDER BY ${id} LIMIT $2`;
    for (let place = after; ;) {
      const rows = (await this.ask(text, [place ?? null, size])).map(rowOf);
      const last = rows.at(-1);
      if (!last) return;
      place = last.id;
      yield { rows, place };
      if (rows.length < size) return;
    }
  }

  async alive(ids: readonly string[]): Promise<ReadonlySet<string>> {
    const { id, alive } = this.layout;
    const rows = await this.ask(
      `SELECT ${id}::text AS "id" FROM ${this.table} WHERE ${id} = ANY($1::text[]) AND ${alive} AND ${this.live}`,
      [ids],
    );
    return new Set(rows.map((row) => String(row['id'])));
  }

  async close(): Promise<void> {
    await this.client.end();
  }

  private async ask(text: string, values: readonly unknown[]): Promise<Record<string, unknown>[]> {
    return (await asked(this.table, () => this.client.query(text, values))).rows;
  }
}

/** The cluster and the database in it. Not every server tells its cluster to everybody: then the name counts. */
async function databaseOf(client: SqlClient): Promise<string> {
  const ask = async (cluster: string) => {
    const { rows } = await client.query(
      `SELECT ${cluster} || '/' || "oid"::text AS "database" FROM "pg_catalog"."pg_database" WHERE "datname" = current_database()`,
    );
    return String(rows[0]?.['database']);
  };
  const cluster = '(SELECT "system_identifier"::text FROM "pg_catalog".pg_control_system())';
  return ask(cluster).catch(() => ask('"datname"::text'));
}

/** A row without an end is dead for its package, which asks for a later one; `infinity` has none. */
const rowOf = ({ id, text, end }: Record<string, unknown>): ForeignRow => ({
  id: String(id),
  text: typeof text === 'string' ? text : undefined,
  expiresAt: Number(end) < NEVER ? Number(end) : undefined,
});
