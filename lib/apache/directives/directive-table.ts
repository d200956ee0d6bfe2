import type { Settings } from './model.interface.js';

/** How the words after the name are read. `presence`: that there are some; `left`: nothing of it is needed here. */
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
  | 'presence'
  | 'left';

/** What an inner section does with what an outer one said. `restarts`: a section with any directive of mod_session_dbd
 *  begins from the default again. */
export type Merge = 'inner wins' | 'appended' | 'list replaced' | 'restarts' | 'none';

export interface Directive {
  readonly name: string;
  readonly module: string;
  readonly args: Arguments;
  /** The setting that it makes; without one it belongs to the whole model, or to nobody. */
  readonly key?: keyof Settings;
  readonly default: string;
  /** Where httpd takes it: S server, V virtual host, D directory and location, H `.htaccess`. */
  readonly contexts: string;
  readonly merge: Merge;
  /** The first httpd that has it. */
  readonly since: string;
  /** What to write in `forRoot`, as Markdown. */
  readonly option: string;
  /** What is otherwise here, as Markdown. */
  readonly difference: string;
  /** Its words must never be shown. */
  readonly secret: boolean;
}

type Row = readonly [string, Arguments, keyof Settings | undefined, string, string, Merge, string, string];

const SECRET = new Set(['SessionCryptoPassphrase', 'AuthFormSitePassphrase', 'DBDParams']);

/** Rows of one module: name, arguments, key, default, contexts, merge, since, option. */
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

const COOKIE2 = 'Set-Cookie2 is obsolete and no browser reads it: a finding says so';
const LABEL =
  "The store has statements of its own for httpd's table; a label that no DBDPrepareSQL has is a fault";
const PREFIX =
  'Must begin with `/`. Whole segments, unless `session.match` is `prefix`, which is as in httpd';

const DIFFERENCES: Readonly<Record<string, string>> = {
  Session: 'On without a passphrase or without a store is a fault',
  SessionMaxAge: 'Text that is no number is a fault, not 0, and so is a negative number',
  SessionEnv: "A client's own `Session` header is dropped always",
  SessionInclude: PREFIX,
  SessionExclude: PREFIX,
  SessionCookieName: 'The name must be one that a cookie may have; an attribute that is misspelt is a fault',
  SessionCookieName2: COOKIE2,
  SessionCookieMaxAge: "Only read with `rules: 'trunk'`; otherwise a fault, since 2.4 does not start with it",
  SessionCryptoPassphrase:
    'An empty word and an undefined `${NAME}` are faults; `exec:` is not taken from `.htaccess`; a program that fails stops the start',
  SessionCryptoPassphraseFile: 'A file without a secret stops the start',
  SessionCryptoCipher: 'An unknown name is a fault at the start',
  SessionCryptoDriver:
    'Names are openssl and nss (docs/drivers.md). An unknown parameter is a fault, also where httpd passes it over; `engine=` has to answer known vectors rightly',
  SessionDBDCookieName: 'As with SessionCookieName',
  SessionDBDCookieName2: COOKIE2,
  SessionDBDSelectLabel: LABEL,
  SessionDBDInsertLabel: LABEL,
  SessionDBDUpdateLabel: LABEL,
  SessionDBDDeleteLabel: LABEL,
  DBDriver: 'Noted; the DataSource decides',
  DBDParams: 'Its presence is noted and nothing is kept: it may hold a password',
  DBDPrepareSQL: 'Read for its label and not run; one label has one statement',
  AuthName: 'The keys of the form login begin with it',
  AuthType: 'Noted',
  AuthFormSitePassphrase: 'Its presence is noted and nothing is kept',
};

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
  ['SessionDBDSelectLabel', 'label', 'selectLabel', 'selectsession', 'SVDH', 'restarts', '2.3', '`dbdStore({ … })`'],
  ['SessionDBDInsertLabel', 'label', 'insertLabel', 'insertsession', 'SVDH', 'restarts', '2.3', '`dbdStore({ … })`'],
  ['SessionDBDUpdateLabel', 'label', 'updateLabel', 'updatesession', 'SVDH', 'restarts', '2.3', '`dbdStore({ … })`'],
  ['SessionDBDDeleteLabel', 'label', 'deleteLabel', 'deletesession', 'SVDH', 'restarts', '2.3', '`dbdStore({ … })`'],
];

const DBD: readonly Row[] = [
  ['DBDriver', 'word', undefined, 'none', 'SV', 'none', '2.2', '`dbdStore({ dataSource })`'],
  ['DBDParams', 'presence', undefined, 'none', 'SV', 'none', '2.2', '`dbdStore({ dataSource })`'],
  ['DBDPrepareSQL', 'statement', undefined, 'none', 'SV', 'none', '2.2', '`dbdStore({ … })`'],
];

const AUTH: readonly Row[] = [
  ['AuthName', 'word', 'authName', 'none', 'DH', 'inner wins', '2.0', '`apache({ auth: { name } })`'],
  ['AuthType', 'word', 'authType', 'none', 'DH', 'inner wins', '2.0', ''],
];

const FORM: readonly Row[] = [
  ['AuthFormSitePassphrase', 'presence', 'sitePassphrase', 'none', 'DH', 'inner wins', '2.3', ''],
];

/** Every directive about sessions: the reader works by this table, and `docs/apache.md` shows it. */
export const DIRECTIVES: readonly Directive[] = [
  ...rowsOf('mod_session', SESSION),
  ...rowsOf('mod_session_cookie', COOKIE),
  ...rowsOf('mod_session_crypto', CRYPTO),
  ...rowsOf('mod_session_dbd', DATABASE),
  ...rowsOf('mod_dbd', DBD),
  ...rowsOf('core', AUTH),
  ...rowsOf('mod_auth_form', FORM),
];
