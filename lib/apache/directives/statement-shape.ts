import { foldedName, parameterCount } from './dbd-statement.js';

// Compares the SQL of DBDPrepareSQL with the statements of httpd's manual. Only those surely find and make the rows that
// this package finds and makes, because this package has its own statements.

/** The columns of the values that httpd passes, in its order: mod_session_dbd.c, dbd_load, dbd_save and dbd_remove. */
const COLUMNS = {
  select: ['key', 'expiry'],
  insert: ['value', 'expiry', 'key'],
  update: ['value', 'expiry', 'key', 'key'],
  delete: ['key'],
} as const;

/** The kind of a statement, by the work that httpd does with it. */
export type StatementKind = keyof typeof COLUMNS;

/** A table among the words. */
const TABLE = '(\\S+(?: \\. \\S+)*)';
/** The statements of the manual. A SELECT may leave out the time, because the session has its own. */
const KNOWN: Readonly<Record<StatementKind, RegExp>> = {
  select: new RegExp(
    `^select value from ${TABLE} where key = \\?(?: and \\( (?:expiry = 0 or expiry >=? \\?|expiry >=? \\? or expiry = 0) \\))?(?: ;)?$`,
  ),
  insert: new RegExp(
    `^insert into ${TABLE} \\( value , expiry , key \\) values \\( \\? , \\? , \\? \\)(?: ;)?$`,
  ),
  update: new RegExp(`^update ${TABLE} set value = \\? , expiry = \\? , key = \\? where key = \\?(?: ;)?$`),
  delete: new RegExp(`^delete from ${TABLE} where key = \\?(?: ;)?$`),
};

/** Returns the table of a statement that is the one of httpd's manual but for blanks, comments and that table. */
export const tableOfKnown = (kind: StatementKind, sql: string): string | undefined =>
  KNOWN[kind].exec(wordsOf(sql).join(' '))?.[1];

/** Returns the first column that is surely not the one of the shared table, and the one that should stand there. Returns
 *  `undefined` for SQL that is not understood. */
export function wrongColumn(kind: StatementKind, sql: string): { found: string; meant: string } | undefined {
  const words = wordsOf(sql);
  if (words.filter((word) => word === '?').length !== parameterCount(sql)) return undefined;
  const pairs = kind === 'insert' ? insertedPairs(words) : comparedPairs(kind, words);
  const wrong = pairs.find(([found, meant]) => isName(found) && meant !== undefined && found !== meant);
  return wrong && { found: wrong[0]!, meant: wrong[1]! };
}

type Pair = readonly [found: string | undefined, meant: string | undefined];

/** Returns each column of `( a , b ) values ( ? , ? )` that has a parameter, with the column that httpd means by it. */
function insertedPairs(words: readonly string[]): Pair[] {
  const begin = words.indexOf('(');
  const end = words.indexOf(')');
  const values = words.slice(end);
  if (begin < 0 || values[1] !== 'values' || values[2] !== '(') return [];
  const columns = listOf(words.slice(begin + 1, end));
  const given = listOf(values.slice(3, values.indexOf(')', 1)));
  if (columns.length !== given.length) return [];
  let parameter = 0;
  return columns.flatMap((column, i): Pair[] =>
    given[i] === '?' ? [[column, COLUMNS.insert[parameter++]]] : [],
  );
}

/** Returns the items of a list whose items are single words, or `[]`. */
function listOf(words: readonly string[]): string[] {
  const isList = words.every((word, i) => (word === ',') === (i % 2 === 1));
  return isList ? words.filter((word) => word !== ',') : [];
}

const OPERATORS = new Set<string | undefined>(['=', '>', '>=']);
/** The words in front of a column that stands alone. */
const BEFORE = new Set<string | undefined>(['where', 'and', 'or', 'set', ',', '(', '.']);

/** Returns each column that is compared with a parameter or set to one, and the first column of a SELECT. */
function comparedPairs(kind: StatementKind, words: readonly string[]): Pair[] {
  let parameter = 0;
  const pairs = words.flatMap((word, i): Pair[] => {
    if (word !== '?') return [];
    const meant = COLUMNS[kind][parameter++];
    const isCompared = OPERATORS.has(words[i - 1]) && BEFORE.has(words[i - 3]);
    return isCompared ? [[words[i - 2], meant]] : [];
  });
  const selected: Pair[] =
    words[0] === 'select' && ['from', ','].includes(words[2]!) ? [[words[1], 'value']] : [];
  return [...selected, ...pairs];
}

const isName = (word: string | undefined): boolean =>
  word !== undefined && /^[a-z_\u0080-\uffff"]/.test(word);

/** Blanks or a comment; a name with or without quotes; a text; a parameter; or anything else. Whatever is not closed ends with
 *  the statement, so no alternative fails late. */
const WORD =
  /\s+|--[^\n]*|\/\*(?:[^*]|\*(?!\/))*(?:\*\/)?|("(?:[^"]|"")*"?|[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*)|'[^']*'?|%%|(%pD[a-z]|%(?:hh|h|ll|l)?[dufs])|\d+|[<>=!]+|[^]/g;

/** Returns the words of a statement without comments: names as PostgreSQL takes them, `?` for a parameter. */
const wordsOf = (sql: string): string[] =>
  Array.from(sql.matchAll(WORD), ([word, name, parameter]) => {
    if (parameter) return '?';
    if (name) return shownName(foldedName(name));
    return /^(?:\s|--|\/\*)/.test(word) ? '' : word;
  }).filter(Boolean);

/** Keeps quotes around a name that needs them, and no blank in it. */
const shownName = (name: string): string =>
  /^[a-z_][\w$]*$/.test(name) ? name : JSON.stringify(name).replace(/\s/g, '_');
