import { quoted, type Diagnostics } from './diagnostics.js';
import { nameOf } from './directive-names.js';
import { isSqlName, parameterCount } from './dbd-statement.js';
import { hasDbdCookie, usesCookieStore, usesDbd } from './store-kind.js';
import type { DbdSettings, DbdStatement, EffectiveConfig, Settings } from './model.interface.js';

const COOKIE: readonly (keyof Settings)[] = ['cookie', 'cookie2'];
const DBD: readonly (keyof Settings)[] = ['dbdCookie', 'dbdCookie2'];

/** The labels, with the values that httpd passes to each statement: mod_session_dbd.c, dbd_load, dbd_save and dbd_remove. */
const STATEMENTS = {
  selectLabel: ['key', 'time'],
  insertLabel: ['value', 'expiry', 'key'],
  updateLabel: ['value', 'expiry', 'new key', 'old key'],
  deleteLabel: ['key'],
} as const;
const LABELS = Object.keys(STATEMENTS) as (keyof typeof STATEMENTS)[];

/** Checks the settings of one place. If sessions are on there, a missing passphrase, store or SQL statement is a fault;
 *  httpd says nothing and sends sessions unencrypted, or loses them. */
export function checkConfig(config: EffectiveConfig, dbd: DbdSettings, diagnostics: Diagnostics): void {
  if (!config.enabled) return;
  const line = config.lines.enabled!;
  if (!config.lines.passphrases)
    diagnostics.addFault(
      line,
      'Session is On without a passphrase, and httpd would send the session unencrypted; add SessionCryptoPassphrase or SessionCryptoPassphraseFile',
    );
  checkStore(config, line, diagnostics);
  checkSetCookie2(config, diagnostics);
  if (!usesDbd(config)) return;
  checkLabels(config, config.lines[databaseKey(config)!]!, dbd, diagnostics);
  checkDriver(dbd, diagnostics);
  checkNames(dbd, diagnostics);
}

/** Checks that there is a store, and reports directives that have no effect beside another store. */
function checkStore(config: EffectiveConfig, line: number, diagnostics: Diagnostics): void {
  const inCookie = firstSet(config, COOKIE);
  const inDatabase = databaseKey(config);
  if (!inCookie && !inDatabase)
    diagnostics.addFault(
      line,
      'Session is On without a store; add SessionCookieName, SessionDBDCookieName or SessionDBDPerUser',
    );
  if (inCookie && inDatabase)
    diagnostics.addFinding(
      config.lines[inDatabase]!,
      `${nameOf(inDatabase)} has no effect beside ${nameOf(inCookie)}, because httpd uses the cookie store alone; remove one of them`,
    );
  if (config.dbdPerUser && hasDbdCookie(config))
    diagnostics.addFinding(
      config.lines.dbdPerUser!,
      `SessionDBDPerUser has no effect beside ${nameOf(firstSet(config, DBD)!)}; remove one of them`,
    );
}

/** Adds a fault for a cookie that only Set-Cookie2 sets: httpd reads no other one, and no browser has it. A second name that
 *  is the first is only superfluous. */
function checkSetCookie2(config: EffectiveConfig, diagnostics: Diagnostics): void {
  const [first, second] = usesCookieStore(config)
    ? (['cookie', 'cookie2'] as const)
    : (['dbdCookie', 'dbdCookie2'] as const);
  const [sent, read] = [config[first], config[second]];
  if (!read || (config.lines[first] && !sent)) return;
  const why = `${nameOf(second)} sends Set-Cookie2, which no browser reads`;
  if (sent?.name === read.name) return diagnostics.addFinding(read.line, `${why}; remove it`);
  diagnostics.addFault(
    read.line,
    `${why}, and httpd then reads no cookie but ${quoted(read.name)}, so it has no sessions; ${sent ? 'remove it' : `write ${nameOf(first)} in its place`}`,
  );
}

/** Checks that each label has a DBDPrepareSQL. A missing one is reported at the label, or at the store if the label is
 *  httpd's default. */
function checkLabels(
  config: EffectiveConfig,
  line: number,
  { statements }: DbdSettings,
  diagnostics: Diagnostics,
): void {
  for (const key of LABELS) {
    const statement = statements.get(config[key]);
    if (statement) checkParameters(key, config[key], statement, diagnostics);
    else
      diagnostics.addFault(
        config.lines[key] ?? line,
        `${nameOf(key)} is ${quoted(config[key])}${config.lines[key] ? '' : " (httpd's default)"}, but no DBDPrepareSQL has that label; add one`,
      );
  }
}

/** Adds a fault for a statement that cannot take the values that httpd passes. A SELECT may leave out the time. */
function checkParameters(
  key: keyof typeof STATEMENTS,
  label: string,
  { sql, line }: DbdStatement,
  diagnostics: Diagnostics,
): void {
  const values = STATEMENTS[key];
  const count = parameterCount(sql);
  if (count === values.length || (key === 'selectLabel' && count === 1)) return;
  diagnostics.addFault(
    line,
    `DBDPrepareSQL ${quoted(label)} has ${count} ${count === 1 ? 'parameter' : 'parameters'}, but httpd passes ${values.length}: ${values.join(', ')}; write a %s for each text and %lld for the time`,
  );
}

/** Adds a fault if httpd's database is known to be another one than PostgreSQL. */
function checkDriver({ driver }: DbdSettings, diagnostics: Diagnostics): void {
  if (driver && !DRIVERS.has(driver.name))
    diagnostics.addFault(
      driver.line,
      `DBDriver is ${quoted(driver.name)}; mod_session_dbd's table can be shared only in PostgreSQL, so allowed are pgsql, and odbc if it leads to PostgreSQL`,
    );
}

const DRIVERS = new Set(['pgsql', 'odbc']);

/** Adds a fault for each label that PostgreSQL refuses. httpd writes labels into `PREPARE label`, and if one of them fails,
 *  no statement works: apr_dbd_pgsql.c, dbd_pgsql_prepare. */
function checkNames({ driver, statements }: DbdSettings, diagnostics: Diagnostics): void {
  if (driver && driver.name !== 'pgsql') return;
  const names = new Map<string, number>();
  for (const [label, { line }] of statements) {
    const name = label.toLowerCase();
    const before = names.get(name);
    if (before !== undefined || !isSqlName(name))
      diagnostics.addFault(
        line,
        `DBDPrepareSQL has the label ${quoted(label)}, ${before === undefined ? 'which is no name in SQL' : `which PostgreSQL takes for that of line ${before}`}, so httpd's connection to the database fails; allowed is a name of letters, digits and _ of its own, such as selectsession`,
      );
    names.set(name, line);
  }
}

/** Returns the setting that keeps sessions in a database, if there is one. */
const databaseKey = (config: EffectiveConfig): keyof Settings | undefined =>
  firstSet(config, DBD) ?? (config.dbdPerUser ? 'dbdPerUser' : undefined);

const firstSet = (config: EffectiveConfig, keys: readonly (keyof Settings)[]) =>
  keys.find((key) => config.lines[key]);
