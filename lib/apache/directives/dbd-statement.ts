// The SQL of DBDPrepareSQL is not run here. It says which table httpd uses, and its parameters show whether it can work.

/** The place of a table, as PostgreSQL reads its name. */
export interface TableName {
  readonly schema?: string;
  readonly table: string;
}

/** Blanks and comments. Both kinds of comment end at the first end mark; PostgreSQL would nest those with stars. */
const GAP = String.raw`(?:\s|--[^\n]*(?:\n|$)|/\*(?:[^*]|\*(?!/))*\*/)`;
/** A name in quotes, or without. */
const NAME = String.raw`(?:"(?:[^"]|"")+"|[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*)`;
const INSERT = new RegExp(
  `^${GAP}*insert${GAP}+into(?:${GAP}+|(?="))(${NAME}(?:${GAP}*\\.${GAP}*${NAME})*)(?![\\w$"])`,
  'i',
);
const PART = new RegExp(NAME, 'g');

/** Returns the table that an INSERT writes to, or `undefined` for any other statement. A name without quotes is folded to
 *  small letters, as PostgreSQL does. */
export function insertTarget(sql: string): TableName | undefined {
  const written = INSERT.exec(sql)?.[1];
  if (!written) return undefined;
  const parts = (written.replace(new RegExp(`(${NAME})|${GAP}+`, 'g'), '$1').match(PART) ?? []).map(
    foldedName,
  );
  const table = parts.at(-1)!;
  const schema = parts.at(-2);
  return schema === undefined ? { table } : { schema, table };
}

/** Returns a written name as PostgreSQL takes it. */
export const foldedName = (written: string): string =>
  written.startsWith('"') ? written.slice(1, -1).replaceAll('""', '"') : foldAscii(written);

/** PostgreSQL folds other letters only in some one-byte encodings. */
const foldAscii = (name: string): string => name.replace(/[A-Z]/g, (letter) => letter.toLowerCase());

/** A parameter as APR writes it, or an escaped percent sign: apr_dbd.c, apr_dbd_prepare. */
const PARAMETER = /%(?:%|pD[a-z]|(?:hh|h|ll|l)?[dufs])/g;

/** Returns the number of parameters of a statement. */
export const parameterCount = (sql: string): number =>
  (sql.match(PARAMETER) ?? []).filter((one) => one !== '%%').length;

/** PostgreSQL's reserved words, which no prepared statement is called by (its SQL key words, "reserved" in any way). */
const RESERVED = new Set(
  (
    'all analyse analyze and any array as asc asymmetric authorization binary both case cast check collate collation column ' +
    'concurrently constraint create cross current_catalog current_date current_role current_schema current_time ' +
    'current_timestamp current_user default deferrable desc distinct do else end except false fetch for foreign freeze from full ' +
    'grant group having ilike in initially inner intersect into is isnull join lateral leading left like limit localtime ' +
    'localtimestamp natural not notnull null offset on only or order outer overlaps placing primary references returning right ' +
    'select session_user similar some symmetric table tablesample then to trailing true union unique user using variadic verbose ' +
    'when where window with'
  ).split(' '),
);

/** True for a name in small letters that PostgreSQL takes without quotes. */
export const isSqlName = (name: string): boolean =>
  /^[a-z_\u0080-\uffff][\w$\u0080-\uffff]*$/.test(name) && !RESERVED.has(name);
