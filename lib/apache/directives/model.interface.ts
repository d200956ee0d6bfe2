import type { ApacheCipherName } from '../sealing/apache-cipher.js';
import type { CookieAttributes } from './cookie-attributes.js';
import type { PassphraseSource } from './passphrase.js';

/** An excerpt of httpd's configuration: read, merged and checked. Nothing was run and no file was opened. */
export interface DirectiveModel {
  /** What a request gets that no context matches: the main server, `<Location />` and the root directory merged. */
  readonly server: EffectiveConfig;
  /** Places whose settings differ. The last one that matches is the one: contexts for any host before those for named
   *  hosts, and in each group outer paths before inner ones. */
  readonly contexts: readonly DirectiveContext[];
  /** `SessionCryptoDriver`, when it is there. */
  readonly driver?: WrittenDriver;
  readonly dbd: WrittenDbd;
  /** Things that httpd does in silence, or that are otherwise done here. None is a reason not to start. */
  readonly findings: readonly Finding[];
}

export interface Finding {
  /** Physical line, from 1. */
  readonly line: number;
  readonly message: string;
}

export interface DirectiveContext {
  /** Lower-case names from ServerName and ServerAlias, the latter with `*` and `?`; none: any host. Either this or
   *  `path` is there. */
  readonly hosts: readonly string[];
  /** Begins with `/`, decoded, no slash at its end; matches itself and everything below. `undefined`: all paths. */
  readonly path: string | undefined;
  /** Where the innermost section begins that makes the difference. */
  readonly line: number;
  readonly config: EffectiveConfig;
}

/** One value for each directive; durations are seconds. */
export interface Settings {
  readonly enabled: boolean;
  /** 0: no limit. */
  readonly maxAge: number;
  readonly updateInterval: number;
  readonly header: string | undefined;
  readonly env: boolean;
  readonly includes: readonly PathPrefix[];
  readonly excludes: readonly PathPrefix[];
  readonly cookie: WrittenCookie | undefined;
  readonly cookie2: WrittenCookie | undefined;
  readonly cookieRemove: boolean;
  readonly cookieMaxAge: boolean;
  readonly dbdCookie: WrittenCookie | undefined;
  readonly dbdCookie2: WrittenCookie | undefined;
  readonly dbdCookieRemove: boolean;
  readonly dbdPerUser: boolean;
  readonly selectLabel: string;
  readonly insertLabel: string;
  readonly updateLabel: string;
  readonly deleteLabel: string;
  /** The first seals. */
  readonly passphrases: readonly PassphraseSource[];
  readonly cipher: ApacheCipherName;
  /** The realm: mod_auth_form's keys in the session begin with it. */
  readonly authName: string | undefined;
  readonly authType: string | undefined;
  /** Whether there is an `AuthFormSitePassphrase`; the secret itself is not kept. */
  readonly sitePassphrase: boolean;
}

/** Complete settings of one place. */
export interface EffectiveConfig extends Settings {
  /** Where a setting was made; a setting that is not listed has httpd's default. */
  readonly lines: SettingLines;
}

export type SettingLines = Readonly<Partial<Record<keyof Settings, number>>>;

/** Compared with the bytes of the path, without regard to segments. */
export interface PathPrefix {
  readonly prefix: string;
  readonly line: number;
}

export interface WrittenCookie {
  readonly name: string;
  readonly attributes: CookieAttributes;
  readonly line: number;
}

export interface WrittenDriver {
  readonly name: string;
  /** Parameters without a value are `true`. */
  readonly params: Readonly<Record<string, string | true>>;
  readonly line: number;
}

export interface WrittenDbd {
  readonly driver?: string;
  /** Whether there are `DBDParams`; they may hold a password and are not kept. */
  readonly params: boolean;
  /** `DBDPrepareSQL`, by label. */
  readonly statements: ReadonlyMap<string, { readonly sql: string; readonly line: number }>;
}
