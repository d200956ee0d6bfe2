import type { ApacheCipherName } from '../sealing/ciphers.js';
import type { CookieAttributes } from './cookie-attributes.js';
import type { PassphraseSource } from './passphrase-source.js';

/** An excerpt of httpd's configuration after it was read, merged and checked. No program was run and no file was opened. */
export interface DirectiveModel {
  /** The settings of a request that no context matches: the main server, `<Location />` and the root directory merged. */
  readonly server: EffectiveConfig;
  /** The places whose settings differ from `server`. If several match a request, the last one applies: contexts for any
   *  host come before those for named hosts, and in each group outer paths come before inner ones. */
  readonly contexts: readonly DirectiveContext[];
  /** `SessionCryptoDriver`, if the text has it. */
  readonly driver?: DriverSetting;
  /** The directives of mod_dbd, which mod_session_dbd uses. */
  readonly dbd: DbdSettings;
  /** Things that httpd does silently, or that this package does in another way. They do not stop the start. */
  readonly findings: readonly Finding[];
}

/** A remark about one line of the excerpt. */
export interface Finding {
  /** Physical line, from 1. */
  readonly line: number;
  readonly message: string;
}

/** A place with its own settings. It names hosts, or a path, or both. */
export interface DirectiveContext {
  /** Names from ServerName and ServerAlias in lower case; those of ServerAlias may hold `*` and `?`. Empty for any host. */
  readonly hosts: readonly string[];
  /** The line of each name in `hosts`. */
  readonly hostLines: readonly number[];
  /** A decoded path that begins with `/` and has no slash at its end. It covers itself and all below. `undefined` for all
   *  paths. */
  readonly path: string | undefined;
  /** First line of the innermost section that makes the difference. */
  readonly line: number;
  readonly config: EffectiveConfig;
}

/** One value for each directive that makes a setting. Durations are seconds. */
export interface Settings {
  /** `Session` */
  readonly enabled: boolean;
  /** `SessionMaxAge`; 0 for no limit. */
  readonly maxAge: number;
  /** `SessionExpiryUpdateInterval`: seconds during which httpd does not write a session only to move its expiry. */
  readonly updateInterval: number;
  /** `SessionHeader` */
  readonly header: string | undefined;
  /** `SessionEnv` */
  readonly env: boolean;
  /** `SessionInclude`: paths with sessions; empty for all paths. */
  readonly includes: readonly PathPrefix[];
  /** `SessionExclude`: paths without sessions. They win over the included ones. */
  readonly excludes: readonly PathPrefix[];
  /** `SessionCookieName` */
  readonly cookie: CookieSetting | undefined;
  /** `SessionCookieName2`, for Set-Cookie2. httpd reads this name only, if there is one. */
  readonly cookie2: CookieSetting | undefined;
  /** `SessionCookieRemove` */
  readonly cookieRemove: boolean;
  /** `SessionCookieMaxAge`, of trunk: the cookie gets a Max-Age from `maxAge`. */
  readonly cookieMaxAge: boolean;
  /** `SessionDBDCookieName` */
  readonly dbdCookie: CookieSetting | undefined;
  /** `SessionDBDCookieName2`, for Set-Cookie2. */
  readonly dbdCookie2: CookieSetting | undefined;
  /** `SessionDBDCookieRemove` */
  readonly dbdCookieRemove: boolean;
  /** `SessionDBDPerUser`: a session is found by the name of its user. */
  readonly dbdPerUser: boolean;
  /** `SessionDBDSelectLabel`: the label of a `DBDPrepareSQL`, as for the three below. */
  readonly selectLabel: string;
  readonly insertLabel: string;
  readonly updateLabel: string;
  readonly deleteLabel: string;
  /** `SessionCryptoPassphrase` and `SessionCryptoPassphraseFile` in the order of the text; the first seals. */
  readonly passphrases: readonly PassphraseSource[];
  /** `SessionCryptoCipher` */
  readonly cipher: ApacheCipherName;
  /** `AuthName`, the realm. mod_auth_form's keys in the session begin with it. */
  readonly authName: string | undefined;
  /** `AuthType`; only `Form` concerns sessions. */
  readonly authType: string | undefined;
  /** True if there is an `AuthFormSitePassphrase`. The secret itself is not kept. */
  readonly sitePassphrase: boolean;
}

/** The complete settings of one place. */
export interface EffectiveConfig extends Settings {
  /** The line of each setting. A setting that is not listed has httpd's default. */
  readonly lines: SettingLines;
}

/** Line numbers by setting. */
export type SettingLines = Readonly<Partial<Record<keyof Settings, number>>>;

/** A path of SessionInclude or SessionExclude. httpd compares it with the bytes of the request's path, so `/app` covers
 *  `/apple` too. */
export interface PathPrefix {
  readonly prefix: string;
  readonly line: number;
}

/** SessionCookieName and its variants. */
export interface CookieSetting {
  readonly name: string;
  readonly attributes: CookieAttributes;
  readonly line: number;
}

/** SessionCryptoDriver. */
export interface DriverSetting {
  readonly name: string;
  /** A parameter without a value is `true`. */
  readonly params: Readonly<Record<string, string | true>>;
  readonly line: number;
}

/** The directives of mod_dbd. */
export interface DbdSettings {
  /** `DBDriver` */
  readonly driver?: { readonly name: string; readonly line: number };
  /** True if there are `DBDParams`. They may hold a password, so their text is not kept. */
  readonly params: boolean;
  /** `DBDPrepareSQL`, by label. */
  readonly statements: ReadonlyMap<string, DbdStatement>;
}

/** One `DBDPrepareSQL`. */
export interface DbdStatement {
  readonly sql: string;
  readonly line: number;
}
