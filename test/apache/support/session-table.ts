import { randomBytes } from 'node:crypto';
import pg from 'pg';

export interface Row {
  readonly key: string;
  readonly value: string;
  /** Microseconds since 1970; `'0'` for never. */
  readonly expiry: string;
}

/** A table for mod_session_dbd that nobody else uses, on the server that TEST_DATABASE_URL names. */
export interface SessionTable {
  readonly name: string;
  readonly url: string;
  /** Directives that make httpd use it. */
  readonly config: string;
  rows(): Promise<Row[]>;
  insert(row: Row): Promise<void>;
  close(): Promise<void>;
}

/** What {@link SessionTable.config} needs to be loaded. */
export const DBD_MODULES = ['dbd', 'session_dbd'] as const;

export async function sessionTable(): Promise<SessionTable> {
  const url = process.env['TEST_DATABASE_URL']!;
  const name = `session_${randomBytes(6).toString('hex')}`;
  const client = new pg.Client(url);
  await client.connect();
  await client.query(
    `CREATE TABLE ${name} (key text PRIMARY KEY, value text NOT NULL, expiry bigint NOT NULL)`,
  );
  return {
    name,
    url,
    config: dbdConfig(new URL(url), name),
    async rows() {
      return (await client.query<Row>(`SELECT key, value, expiry FROM ${name} ORDER BY key`)).rows;
    },
    async insert({ key, value, expiry }) {
      await client.query(`INSERT INTO ${name} VALUES ($1, $2, $3)`, [key, value, expiry]);
    },
    async close() {
      await client.query(`DROP TABLE ${name}`);
      await client.end();
    },
  };
}

/** The statements of httpd's manual, with the select that leaves out what has expired. */
const dbdConfig = (url: URL, table: string) => `
DBDriver pgsql
DBDParams "${connection(url)}"
DBDPrepareSQL "SELECT value FROM ${table} WHERE key=%s AND (expiry=0 OR expiry>%lld)" selectsession
DBDPrepareSQL "INSERT INTO ${table}(value,expiry,key) VALUES(%s,%lld,%s)" insertsession
DBDPrepareSQL "UPDATE ${table} SET value=%s,expiry=%lld,key=%s WHERE key=%s" updatesession
DBDPrepareSQL "DELETE FROM ${table} WHERE key=%s" deletesession
`;

/** libpq's keywords and values. */
export function connection({ hostname, port, username, password, pathname }: URL): string {
  const parts = { host: hostname, port, user: username, password, dbname: pathname.slice(1) };
  const given = Object.entries(parts).filter(([, value]) => value !== '');
  return given.map(([key, value]) => `${key}=${decodeURIComponent(value)}`).join(' ');
}
