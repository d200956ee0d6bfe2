import type { Settings } from './model.interface.js';

/** The kind of arguments that a directive takes; values.ts has a reader for most kinds. `presence`: one word, of
 *  which only its presence is kept. `expressionOfRequest`: a string expression that is evaluated at each request. */
export type Arguments =
  | 'flag'
  | 'seconds'
  | 'header'
  | 'prefix'
  | 'cookie'
  | 'label'
  | 'cipher'
  | 'secrets'
  | 'file'
  | 'driver'
  | 'statement'
  | 'word'
  | 'expression'
  | 'expressionOfRequest'
  | 'presence'
  | 'digits'
  | 'field'
  | 'size'
  | 'words';

/** The way in which an inner section is merged with an outer one. `resets`: a section with any directive of mod_session_dbd
 *  begins again from the default of this setting. */
export type Merge = 'inner wins' | 'appended' | 'list replaced' | 'resets' | 'none';

/** One directive of httpd. */
export interface Directive {
  readonly name: string;
  readonly module: string;
  readonly args: Arguments;
  /** The setting that the directive makes. Absent if it makes none, or if it concerns the whole model. */
  readonly key?: keyof Settings;
  /** httpd's default, as the documentation shows it. */
  readonly default: string;
  /** The places where httpd allows the directive: S server, V virtual host, D directory and location, H `.htaccess`. */
  readonly contexts: string;
  readonly merge: Merge;
  /** The first version of httpd that has the directive. */
  readonly since: string;
  /** The option of `forRoot` that replaces the directive, as Markdown. */
  readonly option: string;
  /** The difference between this package and httpd, as Markdown. */
  readonly difference: string;
  /** True if the arguments are a secret and must never be shown. */
  readonly secret: boolean;
}

type Row = readonly [string, Arguments, keyof Settings | undefined, string, string, Merge, string, string];

/** Directives whose arguments no message may show. */
const SECRET = new Set(['SessionCryptoPassphrase', 'AuthFormSitePassphrase', 'DBDParams']);

/** Turns the rows of one module into directives. The columns are name, arguments, setting, default, contexts, merge, first
 *  version, option. */
export const rowsOf = (module: string, rows: readonly Row[]): Directive[] =>
  rows.map(([name, args, key, fallback, contexts, merge, since, option]) => ({
    name,
    module,
    args,
    ...(key && { key }),
    default: fallback,
    contexts,
    merge,
    since,
    option,
    difference: DIFFERENCES[name] ?? '',
    secret: SECRET.has(name),
  }));

const COOKIE2 =
  'Not sent, because no browser reads Set-Cookie2. A fault alone or beside another name, because httpd then reads this name only; a finding beside the same name';
const LABEL =
  "The store has its own statements for httpd's table. A label without a DBDPrepareSQL is a fault";
const PREFIX =
  'Must begin with `/`. Compared by whole segments, unless `session.match` is `prefix`, as in httpd';

/** The differences to httpd, by directive. docs/apache.md shows them. */
const DIFFERENCES: Readonly<Record<string, string>> = {
  Session: '`On` without a passphrase or without a store is a fault',
  SessionMaxAge: 'Text that is not a number is a fault (httpd reads it as 0), and so is a negative number',
  SessionEnv: "A visitor's own `Session` header is always removed",
  SessionInclude: PREFIX,
  SessionExclude: PREFIX,
  SessionCookieName:
    'A name that no cookie can have and a misspelt attribute are faults. Without `path=`, the path here is `/`; httpd sends none, and a finding says so. `Expires` and attributes that no option expresses are not sent; a finding names each. `Max-Age` counts before SessionMaxAge, as in a browser',
  SessionCookieName2: COOKIE2,
  SessionCookieMaxAge:
    "Only with `rules: 'trunk'`; otherwise a fault, because httpd 2.4 does not start with it",
  SessionCryptoPassphrase:
    'An empty word and an undefined `${NAME}` are faults. `exec:` is not accepted in `.htaccess`. A program runs in its own directory with an empty environment, as in httpd; one that fails stops the start',
  SessionCryptoPassphraseFile: 'A file without a passphrase stops the start',
  SessionCryptoCipher: 'An unknown name stops the start',
  SessionCryptoDriver:
    'The names are openssl and nss (docs/drivers.md). An unknown parameter is a fault, even where httpd ignores it. `engine=` must compute known answers correctly',
  SessionDBDCookieName: 'As for SessionCookieName',
  SessionDBDCookieName2: COOKIE2,
  SessionDBDSelectLabel: LABEL,
  SessionDBDInsertLabel: LABEL,
  SessionDBDUpdateLabel: LABEL,
  SessionDBDDeleteLabel: LABEL,
  DBDriver: 'Read, and not used: the DataSource decides',
  DBDParams: 'Not kept, because it may hold a password',
  DBDPrepareSQL:
    'Read for its label, table and columns, and not run: rows are shared if it is the statement of the manual. Other columns are a fault; other conditions and constants are a finding. Each label has one statement',
  AuthName:
    'The keys of the form login begin with it. Escapes count as in httpd; a variable (`%{NAME}`) is a fault',
  AuthType: 'The form login counts only with `AuthType Form`',
  AuthFormSitePassphrase: 'Not kept, because it is a secret',
};

// One row is one directive; the columns are those of `rowsOf`.

// prettier-ignore
const SESSION: readonly Row[] = [
  ['Session', 'flag', 'enabled', 'Off', 'SVDH', 'inner wins', '2.3', '`session.enabled`'],
  ['SessionMaxAge', 'seconds', 'maxAge', '0 (none)', 'SVDH', 'inner wins', '2.3', '`session.idleTimeout`'],
  ['SessionExpiryUpdateInterval', 'seconds', 'updateInterval', '0', 'SVDH', 'inner wins', '2.4.41', '`session.touchInterval`'],
  ['SessionHeader', 'header', 'header', 'none', 'SVDH', 'inner wins', '2.3', '`apache({ header })`'],
  ['SessionEnv', 'flag', 'env', 'Off', 'SVDH', 'inner wins', '2.3', '`apache({ env })`'],
  ['SessionInclude', 'prefix', 'includes', 'all paths', 'SVDH', 'appended', '2.3', '`session.include`'],
  ['SessionExclude', 'prefix', 'excludes', 'no path', 'SVDH', 'appended', '2.3', '`session.exclude`'],
];

// prettier-ignore
const COOKIE: readonly Row[] = [
  ['SessionCookieName', 'cookie', 'cookie', 'none', 'SVDH', 'inner wins', '2.3', '`cookie.*`'],
  ['SessionCookieName2', 'cookie', 'cookie2', 'none', 'SVDH', 'inner wins', '2.3', ''],
  ['SessionCookieRemove', 'flag', 'cookieRemove', 'Off', 'SVDH', 'inner wins', '2.3', '`apache({ cookieRemove })`'],
  ['SessionCookieMaxAge', 'flag', 'cookieMaxAge', 'On', 'SVDH', 'inner wins', 'trunk', '`cookie.*`'],
];

// prettier-ignore
const CRYPTO: readonly Row[] = [
  ['SessionCryptoPassphrase', 'secrets', 'passphrases', 'none', 'SVDH', 'list replaced', '2.3', '`crypto.format: apache({ secrets })`'],
  ['SessionCryptoPassphraseFile', 'file', 'passphrases', 'none', 'SVD', 'list replaced', '2.3', '`crypto.format: apache({ secrets })`'],
  ['SessionCryptoCipher', 'cipher', 'cipher', 'aes256', 'SVDH', 'inner wins', '2.3', '`apache({ cipher })`'],
  ['SessionCryptoDriver', 'driver', undefined, 'openssl', 'S', 'none', '2.3', '`crypto.driver`, `crypto.driverParams`'],
];

// prettier-ignore
const DATABASE: readonly Row[] = [
  ['SessionDBDCookieName', 'cookie', 'dbdCookie', 'none', 'SVDH', 'inner wins', '2.3', '`cookie.*`'],
  ['SessionDBDCookieName2', 'cookie', 'dbdCookie2', 'none', 'SVDH', 'inner wins', '2.3', ''],
  ['SessionDBDCookieRemove', 'flag', 'dbdCookieRemove', 'On', 'SVDH', 'inner wins', '2.3', '`apache({ cookieRemove })`'],
  ['SessionDBDPerUser', 'flag', 'dbdPerUser', 'Off', 'SVDH', 'inner wins', '2.3', '`dbdStore({ perUser })`'],
  ['SessionDBDSelectLabel', 'label', 'selectLabel', 'selectsession', 'SVDH', 'resets', '2.3', '`dbdStore({ … })`'],
  ['SessionDBDInsertLabel', 'label', 'insertLabel', 'insertsession', 'SVDH', 'resets', '2.3', '`dbdStore({ … })`'],
  ['SessionDBDUpdateLabel', 'label', 'updateLabel', 'updatesession', 'SVDH', 'resets', '2.3', '`dbdStore({ … })`'],
  ['SessionDBDDeleteLabel', 'label', 'deleteLabel', 'deletesession', 'SVDH', 'resets', '2.3', '`dbdStore({ … })`'],
];

const DBD: readonly Row[] = [
  ['DBDriver', 'word', undefined, 'none', 'SV', 'none', '2.2', '`dbdStore({ dataSource })`'],
  ['DBDParams', 'presence', undefined, 'none', 'SV', 'none', '2.2', '`dbdStore({ dataSource })`'],
  ['DBDPrepareSQL', 'statement', undefined, 'none', 'SV', 'none', '2.2', '`dbdStore({ … })`'],
];

const AUTH: readonly Row[] = [
  ['AuthName', 'expression', 'authName', 'none', 'DH', 'inner wins', '2.0', '`apache({ auth: { name } })`'],
  ['AuthType', 'expression', 'authType', 'none', 'DH', 'inner wins', '2.0', ''],
];

const FORM: readonly Row[] = [
  ['AuthFormSitePassphrase', 'presence', 'sitePassphrase', 'none', 'DH', 'inner wins', '2.3', ''],
];

/** All directives that concern sessions. The reader works by this table, and `docs/apache.md` shows it. */
export const DIRECTIVES: readonly Directive[] = [
  ...rowsOf('mod_session', SESSION),
  ...rowsOf('mod_session_cookie', COOKIE),
  ...rowsOf('mod_session_crypto', CRYPTO),
  ...rowsOf('mod_session_dbd', DATABASE),
  ...rowsOf('mod_dbd', DBD),
  ...rowsOf('core', AUTH),
  ...rowsOf('mod_auth_form', FORM),
];
