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
  const parts = (written.replace(new RegExp(`(${NAME})|${GAP}+`, 'g'), '$1').match(PART) ?? []).map(nameOf);
  const table = parts.at(-1)!;
  const schema = parts.at(-2);
  return schema === undefined ? { table } : { schema, table };
}

const nameOf = (written: string): string =>
  written.startsWith('"') ? written.slice(1, -1).replaceAll('""', '"') : foldAscii(written);

/** PostgreSQL folds other letters only in some one-byte encodings. */
const foldAscii = (name: string): string => name.replace(/[A-Z]/g, (letter) => letter.toLowerCase());

/** A parameter as APR writes it, or an escaped percent sign: apr_dbd.c, apr_dbd_prepare. */
const PARAMETER = /%(?:%|pD[a-z]|(?:hh|h|ll|l)?[dufs])/g;

/** Returns the number of parameters of a statement. */
export const parameterCount = (sql: string): number =>
  (sql.match(PARAMETER) ?? []).filter((one) => one !== '%%').length;
