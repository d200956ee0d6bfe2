/** Where the sessions stand. */
export interface SessionTable {
  /** @default 'session' */
  readonly table?: string;
  /** @default the connection's search path */
  readonly schema?: string;
}

export const DEFAULT_TABLE = 'session';

const quote = (name: string) => `"${name.replaceAll('"', '""')}"`;

/** The table's name as SQL writes it. */
export const qualifiedName = ({ table = DEFAULT_TABLE, schema }: SessionTable): string =>
  schema ? `${quote(schema)}.${quote(table)}` : quote(table);

/** One statement an element. Payloads move out of line late and pages keep room, so that an update stays on its page
 *  (HOT); the deadline is rounded up to the hour so that its index entry seldom moves. */
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

export const dropTableSql = (where: SessionTable = {}): string[] => [`DROP TABLE ${qualifiedName(where)}`];
