import { createHash } from 'node:crypto';
import { checkNames, type OptionNames } from '../../errors/check-names.js';
import { kindOf, SessionConfigError } from '../../errors/session-config.error.js';

/** The name and schema of the session table, as an operator writes them. */
export interface SessionTable {
  /** At most 63 bytes with the `entityPrefix` of the DataSource, which TypeORM puts before the name of every table.
   *  @default 'session_crypto' */
  readonly table?: string | undefined;
  /** @default the `schema` of the DataSource, or else the first schema of the connection's search path */
  readonly schema?: string | undefined;
}

const NAMES: OptionNames<SessionTable> = { table: true, schema: true };

/** The place of a table as the database knows it. */
export interface TablePlace {
  readonly table: string;
  readonly schema?: string | undefined;
}

/** The part of a TypeORM DataSource that says how its tables, constraints and indexes are called. */
export interface TableNaming {
  readonly options: { readonly schema?: string; readonly entityPrefix?: string };
  readonly namingStrategy?: {
    tableName(targetName: string, userSpecifiedName: string | undefined): string;
    prefixTableName(prefix: string, tableName: string): string;
    primaryKeyName(table: string, columns: string[]): string;
    indexName(table: string, columns: string[], where?: string): string;
  };
}

export const DEFAULT_TABLE = 'session_crypto';

/** The longest name in bytes. PostgreSQL cuts longer ones silently, so that two of them could mean one table. */
const MAX_NAME = 63;

/** Returns the place of the session table. The name and schema are those of {@link SessionTable}; the rest follows the
 *  DataSource, exactly as TypeORM does it for the entity. Throws a SessionConfigError if PostgreSQL or TypeORM would read the
 *  name as another one. */
export function placeOf({ table = DEFAULT_TABLE, schema }: SessionTable, naming?: TableNaming): TablePlace {
  checkName('table', table);
  if (schema) checkName('schema', schema);
  const { options, namingStrategy: strategy } = naming ?? { options: {} };
  const named = strategy ? strategy.tableName(entityName({ table, schema }), table) : table;
  const prefix = options.entityPrefix;
  const whole = prefix ? (strategy?.prefixTableName(prefix, named) ?? prefix + named) : named;
  checkLength('table', whole);
  return { table: whole, schema: schema || options.schema || undefined };
}

/** Checks what an operator wrote, for the function `call`. Throws a SessionConfigError for a wrong name or an unknown option. */
export function checkTable(call: string, where: SessionTable): void {
  checkNames(call, where, NAMES);
  placeOf(where);
}

/** Returns the name of the table's entity. */
export const entityName = ({ table = DEFAULT_TABLE, schema }: SessionTable): string =>
  `SessionCrypto_${schema ?? ''}_${table}`;

/** Returns the place's quoted name for SQL, with its schema if it has one. */
export const qualifiedName = ({ table, schema }: TablePlace): string =>
  schema ? `${quote(schema)}.${quote(table)}` : quote(table);

/** Returns a quoted identifier. */
export const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** Returns the name of the primary key as TypeORM gives it. It has at most 63 bytes, and no other table of the schema has it. */
export const primaryKeyName = ({ table }: TablePlace, column: string, naming?: TableNaming): string =>
  naming?.namingStrategy?.primaryKeyName(table, [column]) ?? hashedName('PK_', [table, column]);

/** Returns the name of an index as TypeORM gives it. The entity has no other way to learn it. */
export const indexName = (
  { table }: TablePlace,
  column: string,
  where: string | undefined,
  naming?: TableNaming,
): string =>
  naming?.namingStrategy?.indexName(table, [column], where) ??
  hashedName('IDX_', where === undefined ? [table, column] : [table, column, where]);

/** 30 characters, as `DefaultNamingStrategy` of TypeORM makes them. */
const hashedName = (kind: string, parts: readonly string[]): string =>
  kind +
  createHash('sha1')
    .update(parts.join('_'))
    .digest('hex')
    .slice(0, 30 - kind.length);

/** Returns a name that PostgreSQL does not cut: the name itself, or a hash of it. */
export const fittingName = (name: string): string =>
  Buffer.byteLength(name) <= MAX_NAME ? name : hashedName('IDX_', [name]);

function checkName(option: 'table' | 'schema', name: unknown): void {
  if (typeof name !== 'string' || !name)
    throw fault(option, `is ${kindOf(name)}; allowed is a name of 1 to ${MAX_NAME} bytes`);
  if (name.includes('\0')) throw fault(option, 'contains a zero byte; PostgreSQL allows none in a name');
  if (name.includes('.'))
    throw fault(
      option,
      `"${name}" contains a dot, at which TypeORM would divide it; write schema and table apart: ` +
        `{ schema: 'web', table: 'visits' }`,
    );
  checkLength(option, name);
}

function checkLength(option: 'table' | 'schema', name: string): void {
  const length = Buffer.byteLength(name);
  if (length <= MAX_NAME) return;
  throw fault(
    option,
    `"${name.slice(0, 2 * MAX_NAME)}" has ${length} bytes with its prefix; PostgreSQL cuts names after ${MAX_NAME}; choose a shorter one`,
  );
}

const fault = (option: string, message: string) =>
  new SessionConfigError([{ path: `store.${option}`, message }]);
