/** The name and schema of the session table. */
export interface SessionTable {
  /** @default 'session' */
  readonly table?: string;
  /** @default the first schema of the connection's search path */
  readonly schema?: string;
}

export const DEFAULT_TABLE = 'session';

const quote = (name: string) => `"${name.replaceAll('"', '""')}"`;

/** Returns the table's quoted name for SQL, with its schema if it has one. */
export const qualifiedName = ({ table = DEFAULT_TABLE, schema }: SessionTable): string =>
  schema ? `${quote(schema)}.${quote(table)}` : quote(table);

/** Returns the statements that create the table and its indexes. The free space of the fill factor lets an update stay on
 *  its page, without new index entries (HOT). For the same reason the stored deadline is rounded up to the hour. */
export function createTableSql(where: SessionTable = {}): string[] {
  const { table = DEFAULT_TABLE } = where;
  const name = qualifiedName(where);
  return [
    `CREATE TABLE ${name} (
  "key" bytea NOT NULL,
  "sealed" bytea NOT NULL,
  "subject" text,
  "created_at" timestamptz NOT NULL,
  "last_seen_at" timestamptz NOT NULL,
  "deadline" timestamptz NOT NULL,
  "version" int4 NOT NULL,
  "state" int2 NOT NULL,
  CONSTRAINT ${quote(`${table}_pkey`)} PRIMARY KEY ("key")
) WITH (fillfactor = 90)`,
    `CREATE INDEX ${quote(`${table}_deadline_idx`)} ON ${name} ("deadline")`,
    `CREATE INDEX ${quote(`${table}_subject_idx`)} ON ${name} ("subject") WHERE "subject" IS NOT NULL`,
  ];
}

/** Returns the statements that drop the table. */
export const dropTableSql = (where: SessionTable = {}): string[] => [`DROP TABLE ${qualifiedName(where)}`];
