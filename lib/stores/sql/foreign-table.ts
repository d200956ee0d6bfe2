/** Tables of other programs, by columns that only they have. */
const KNOWN: readonly [columns: readonly string[], owner: string][] = [
  [['sid', 'sess', 'expire'], 'connect-pg-simple (express-session)'],
  [['sid', 'sess', 'expired'], 'connect-session-knex (express-session)'],
  [['sid', 'expires', 'data'], 'connect-session-sequelize (express-session)'],
  [['id', 'sid', 'data', 'expiresAt'], 'prisma-session-store (express-session)'],
  [['expiredAt', 'json'], 'connect-typeorm (express-session)'],
  [
    ['key', 'value', 'expiry'],
    "httpd's mod_session_dbd; dbdStore() of nestjs-session-crypto/apache shares it",
  ],
  [['session_key', 'session_data', 'expire_date'], 'Django'],
  [['session_id', 'data', 'created_at', 'updated_at'], 'Rails (activerecord-session_store)'],
  [['payload', 'last_activity'], 'Laravel'],
  [['sess_id', 'sess_data', 'sess_time'], "Symfony's PdoSessionHandler"],
  [['sessionToken', 'userId', 'expires'], 'Auth.js'],
];

/** Columns that are shown of a table that nobody knows. */
const SHOWN = 8;

/** Returns what a table with these columns is: `belongs to …` for a known program, else its columns. */
export function describeTable(columns: readonly string[]): string {
  const owner = KNOWN.find(([own]) => own.every((column) => columns.includes(column)))?.[1];
  if (owner) return `belongs to ${owner}`;
  if (!columns.length) return 'is the table of another program';
  const shown = columns.slice(0, SHOWN).map((column) => `"${column}"`);
  return `is the table of another program: its columns are ${shown.join(', ')}${columns.length > SHOWN ? ', …' : ''}`;
}

/** The columns of the table or view that $1, a quoted name, means. No row if there is none. */
export const COLUMNS_SQL = `SELECT "attname"::text AS "name" FROM "pg_catalog"."pg_attribute"
  WHERE "attrelid" = to_regclass($1) AND "attnum" > 0 AND NOT "attisdropped" ORDER BY "attnum"`;
