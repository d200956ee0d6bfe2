import { isDeepStrictEqual } from 'node:util';
import { cbcSelfTest } from '../crypto/cbc-self-test.js';
import { KeyRingProvider, type ReloadListener, type ReloadOptions } from '../crypto/key-ring-provider.js';
import type { CryptoDriver } from '../crypto/crypto-driver.interface.js';
import type { KeySource } from '../crypto/key-source.interface.js';
import { codeOf } from '../errors/session-store.error.js';
import { kindOf, SessionConfigError, type ConfigFault } from '../errors/session-config.error.js';
import { HTTP_TOKEN } from '../http/cookie-syntax.js';
import { OptionReader } from '../options/option-reader.js';
import type {
  AuditFinding,
  DriverClaim,
  MigrationSource,
  HeaderExchange,
  SessionFormat,
  StartedFormat,
} from '../persistence/session-format.interface.js';
import { APACHE_CIPHERS, missingCipher, type ApacheCipherName } from './sealing/apache-cipher.js';
import { auditApache } from './audit-apache.js';
import { ApacheRingMaker } from './sealing/apache-ring.js';
import { apacheKeySource, type ApacheSecretOption } from './sealing/apache-secrets.js';
import { ApacheCodec } from './text/apache.codec.js';
import { ApacheEnvelope } from './sealing/apache.envelope.js';
import { ApacheExchange } from './apache-exchange.js';
import type { FormAuth } from './auth/form-auth.js';
import { FormLoginKeys } from './auth/form-login.js';

/** Sessions as Apache httpd seals and opens them. */
export interface ApacheOptions {
  /** Passphrases of httpd: the first seals, all open. As bytes; no length is too short for httpd, the audit lists short
   *  ones. @see httpd `SessionCryptoPassphrase`, `SessionCryptoPassphraseFile` */
  readonly secrets: readonly (ApacheSecretOption | undefined)[];
  /** Both sides must have the same: nothing in a value tells it. @default 'aes256' @see httpd `SessionCryptoCipher` */
  readonly cipher?: ApacheCipherName;
  /** How session text is read: as httpd 2.4 does, or as its trunk. @default '2.4' */
  readonly rules?: '2.4' | 'trunk';
  /** Cipher keys that are remembered, so that opening a session again costs no PBKDF2; 0 for none. @default 1000 */
  readonly keyCache?: number;
  /** Seal under one salt as long as the first passphrase stays, each value with an IV of its own. @default true */
  readonly reuseSalt?: boolean;
  /** Name of a response header whose text is merged into the session, and which is then removed.
   *  @default none @see httpd `SessionHeader` */
  readonly header?: string;
  /** Tell a backend behind this application the session's text in the request header `Session`. A visitor's own header
   *  of that name is dropped in any case. @default false @see httpd `SessionEnv` */
  readonly env?: boolean;
  /** Take the session's cookie out of the request's headers. @default false @see httpd `SessionCookieRemove` */
  readonly cookieRemove?: boolean;
  /** The login that httpd's mod_auth_form keeps in the session. @default none: its entries are data like all others */
  readonly auth?: {
    /** @see httpd `AuthName` */
    readonly name: string;
    /** Whether the password is that user's: then the user is the session's subject. Asked whenever a session is
     *  opened, but for one that `session.login()` has made that user's. */
    readonly verify?: (user: string, password: string) => boolean | Promise<boolean>;
    /** Believe the name without a password. @default false */
    readonly trustUserKey?: boolean;
  };
  /** The cookie that sessions come in. Needed in `crypto.accept`, and only there. */
  readonly cookie?: { readonly name: string; readonly path?: string; readonly domain?: string };
  /** No session is taken over after that. Needed in `crypto.accept`, and only there. */
  readonly until?: Date;
}

interface ResolvedApache {
  readonly secrets: readonly unknown[];
  readonly cipher: ApacheCipherName;
  readonly rules: '2.4' | 'trunk';
  readonly keyCache: number;
  readonly reuseSalt: boolean;
  readonly auth: FormAuth | undefined;
  readonly origin: MigrationSource | undefined;
  readonly exchange: HeaderExchange;
}

const CIPHERS = APACHE_CIPHERS.map(({ name }) => name);

/** httpd's form of sessions, as `crypto.format` or in `crypto.accept`. */
export class ApacheFormat implements SessionFormat {
  readonly name = 'apache';
  readonly migrationSource: MigrationSource | undefined;
  readonly exchange: HeaderExchange;
  readonly #resolved: ResolvedApache;
  private readonly faults: ConfigFault[] = [];

  constructor(
    options: ApacheOptions,
    /** What is known besides, such as by whoever read the options from directives. */
    private readonly findings: readonly AuditFinding[] = [],
  ) {
    this.#resolved = resolve(new OptionReader('', options, this.faults));
    this.migrationSource = this.#resolved.origin;
    this.exchange = this.#resolved.exchange;
  }

  check(path: string, driver?: DriverClaim): ConfigFault[] {
    const found = this.faults.map((fault) => ({ ...fault, path: `${path}.${fault.path}` }));
    const { sources, faults } = this.sources(path);
    const noSecrets = sources.length ? [] : this.noSecrets(path);
    return [...found, ...faults, ...noSecrets, ...this.noCipher(path, driver)];
  }

  /** Whether each opens what the other seals. */
  sharesWith(other: SessionFormat): boolean {
    if (!(other instanceof ApacheFormat)) return false;
    const [ours, theirs] = [this.#resolved, other.#resolved];
    return ours.cipher === theirs.cipher && isDeepStrictEqual(ours.secrets, theirs.secrets);
  }

  audit(path: string): AuditFinding[] {
    return [...this.findings, ...auditApache(path, this.#resolved)];
  }

  async start(
    path: string,
    reload: ReloadOptions,
    listener: ReloadListener,
    driver: CryptoDriver,
  ): Promise<StartedFormat> {
    const { rules, auth, ...options } = this.#resolved;
    const { sources, faults } = this.sources(path);
    const claim = { name: driver.name, cbcCiphers: driver.cbc?.ciphers ?? [] };
    const wrong = [...faults, ...this.noCipher(path, claim)];
    if (wrong.length) throw new SessionConfigError(wrong);
    await this.test(driver);
    const keys = await new KeyRingProvider(
      sources,
      new ApacheRingMaker(`${path}.secrets`),
      reload,
      listener,
    ).start();
    const { cipher, keyCache, reuseSalt } = options;
    const envelope = new ApacheEnvelope({ keys, cipher, driver, keyCache, reuseSalt });
    return { keys, codec: (parts) => new ApacheCodec({ ...parts, envelope, keys, rules, auth }) };
  }

  private sources(path: string): { sources: KeySource[]; faults: ConfigFault[] } {
    const sources: KeySource[] = [];
    const faults: ConfigFault[] = [];
    this.#resolved.secrets.forEach((secret, i) => {
      const at = `${path}.secrets[${i}]`;
      const source = apacheKeySource(at, secret as ApacheSecretOption | undefined);
      if (typeof source !== 'string') return void sources.push(source);
      const [member = ''] = /^\.\w+/.exec(source) ?? [];
      faults.push({ path: at + member, message: source.slice(member.length).trimStart() });
    });
    return { sources, faults };
  }

  private noCipher(path: string, driver: DriverClaim | undefined): ConfigFault[] {
    const { cipher } = this.#resolved;
    const message = driver?.cbcCiphers && missingCipher(driver, driver.cbcCiphers, cipher);
    return message ? [{ path: `${path}.cipher`, message }] : [];
  }

  /** Known answers of the cipher, from the driver that is there now. */
  private async test(driver: CryptoDriver): Promise<void> {
    const cipher = APACHE_CIPHERS.find(({ name }) => name === this.#resolved.cipher)!;
    const fault = await cbcSelfTest(driver, cipher).catch((error: unknown) => `it threw (${codeOf(error)})`);
    const message = `"${driver.name}" fails its self-test: ${fault}`;
    if (fault) throw new SessionConfigError([{ path: 'crypto.driver', message }]);
  }

  private noSecrets(path: string): ConfigFault[] {
    const { secrets } = this.#resolved;
    if (secrets.length) return [];
    return [
      {
        path: `${path}.secrets`,
        message: 'is an empty list; httpd needs a passphrase too, or it seals nothing',
      },
    ];
  }

  /** Shows nothing of what it holds. */
  toJSON(): object {
    return { name: this.name, cipher: this.#resolved.cipher, secrets: this.#resolved.secrets.length };
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return `ApacheFormat { cipher: ${this.#resolved.cipher}, secrets: ${this.#resolved.secrets.length} }`;
  }
}

/** Sessions as Apache httpd's mod_session_crypto seals them: in place of our own form in `crypto.format`, or in
 *  `crypto.accept` to lead them over to ours. */
export const apache = (options: ApacheOptions): ApacheFormat => new ApacheFormat(options);

function resolve(reader: OptionReader): ResolvedApache {
  const rules = reader.choice<'2.4' | 'trunk'>('rules', '2.4', ['2.4', 'trunk']);
  const auth = resolveAuth(reader);
  const resolved: ResolvedApache = {
    secrets: reader.list('secrets', 'passphrases, of which the first seals'),
    cipher: reader.choice<ApacheCipherName>('cipher', 'aes256', CIPHERS),
    rules,
    keyCache: reader.integer('keyCache', 1000, 'entries', [0, 1_000_000]),
    reuseSalt: reader.choice('reuseSalt', true, [true, false]),
    auth,
    origin: resolveOrigin(reader),
    exchange: new ApacheExchange({
      header: reader.text('header', '', HTTP_TOKEN, 'the name of a header') || undefined,
      env: reader.choice('env', false, [true, false]),
      cookieRemove: reader.choice('cookieRemove', false, [true, false]),
      rules,
      userKey: auth?.keys.user,
    }),
  };
  reader.end();
  return resolved;
}

function resolveAuth(reader: OptionReader): FormAuth | undefined {
  if (reader.take('auth') === undefined) return undefined;
  const auth = reader.sub('auth');
  const name = auth.text('name', '', /^[^]+$/, 'the AuthName of httpd');
  const verify = auth.take('verify');
  const trustUserKey = auth.choice('trustUserKey', false, [true, false]);
  auth.end();
  if (!name) auth.addFault('name', 'is missing; allowed is the AuthName of httpd');
  if (verify !== undefined && typeof verify !== 'function')
    auth.addFault('verify', `is ${kindOf(verify)}; allowed is a function of user and password`);
  if (!verify && !trustUserKey)
    auth.addFault('', 'says not how a name is believed; give verify(user, password) or trustUserKey: true');
  return { keys: new FormLoginKeys(name || '-'), verify: verify as FormAuth['verify'], trustUserKey };
}

function resolveOrigin(reader: OptionReader): MigrationSource | undefined {
  const until = reader.take('until');
  if (reader.take('cookie') === undefined && until === undefined) return undefined;
  const cookie = reader.sub('cookie');
  const name = cookie.text('name', '', HTTP_TOKEN, 'the name of a cookie');
  if (!name) cookie.addFault('name', 'is missing; allowed is the name of the cookie that httpd sets');
  const path = cookie.text('path', '/', /^\/[\x20-\x3a\x3c-\x7e]*$/, 'a path that begins with /');
  const domain = cookie.text('domain', '', /^[A-Za-z0-9.-]+$/, 'a domain name') || undefined;
  cookie.end();
  const isDate = until instanceof Date && !Number.isNaN(until.getTime());
  if (!isDate)
    reader.addFault('until', `is ${kindOf(until)}; allowed is a Date, after which no session is taken over`);
  return { cookie: { name, path, domain }, until: isDate ? until : new Date(0) };
}
