import { kindOf, type ConfigFault } from '../errors/session-config.error.js';
import { OptionReader } from '../options/option-reader.js';
import type { HeaderExchange, MigrationSource } from '../persistence/session-format.interface.js';
import { ApacheExchange } from './apache.exchange.js';
import type { FormAuth } from './auth/form-auth.js';
import { FormLoginKeys } from './auth/form-login.js';
import type { ApacheOptions } from './options.interface.js';
import { APACHE_CIPHERS, type ApacheCipherName } from './sealing/ciphers.js';
import { HTTP_TOKEN } from '../http/cookie-syntax.js';

/** {@link ApacheOptions} with all defaults filled in. `secrets` are not read yet. */
export interface ResolvedApacheOptions {
  readonly secrets: readonly unknown[];
  readonly cipher: ApacheCipherName;
  readonly rules: '2.4' | 'trunk';
  readonly keyCache: number;
  readonly reuseSalt: boolean;
  readonly auth: FormAuth | undefined;
  readonly migrationSource: MigrationSource | undefined;
  readonly exchange: HeaderExchange;
}

const CIPHERS = APACHE_CIPHERS.map(({ name }) => name);
/** A path of printable ASCII characters without `;` (RFC 6265 §4.1.1). */
const COOKIE_PATH = /^\/[\x20-\x3a\x3c-\x7e]*$/;
const DOMAIN = /^[A-Za-z0-9.-]+$/;

/** Reads the options of `apache()`. Adds each fault to `faults`, with a path that begins at these options. */
export function resolveApacheOptions(options: ApacheOptions, faults: ConfigFault[]): ResolvedApacheOptions {
  const reader = new OptionReader('', options, faults);
  const rules = reader.choice<'2.4' | 'trunk'>('rules', '2.4', ['2.4', 'trunk']);
  const auth = resolveAuth(reader);
  const resolved: ResolvedApacheOptions = {
    secrets: reader.list('secrets', 'passphrases, of which the first seals'),
    cipher: reader.choice<ApacheCipherName>('cipher', 'aes256', CIPHERS),
    rules,
    keyCache: reader.integer('keyCache', 1000, 'entries', [0, 1_000_000]),
    reuseSalt: reader.choice('reuseSalt', true, [true, false]),
    auth,
    migrationSource: resolveMigrationSource(reader),
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

/** Reads `auth`. A group with faults still gives a value, so that the other options are read too. */
function resolveAuth(reader: OptionReader): FormAuth | undefined {
  if (reader.take('auth') === undefined) return undefined;
  const auth = reader.sub('auth');
  const name = auth.text('name', '', /^[^]+$/, "the text of httpd's AuthName");
  const verify = auth.take('verify');
  const trustUserKey = auth.choice('trustUserKey', false, [true, false]);
  auth.end();
  if (!name) auth.addFault('name', "is missing; give the text of httpd's AuthName");
  if (verify !== undefined && typeof verify !== 'function')
    auth.addFault('verify', `is ${kindOf(verify)}; allowed is a function of user and password`);
  if (!verify && !trustUserKey)
    auth.addFault(
      '',
      'does not say how to check a user; give verify(user, password), or trustUserKey: true to accept the name alone',
    );
  return { keys: new FormLoginKeys(name || '-'), verify: verify as FormAuth['verify'], trustUserKey };
}

/** Reads `cookie` and `until`, which belong together: only `crypto.accept` needs them. */
function resolveMigrationSource(reader: OptionReader): MigrationSource | undefined {
  const until = reader.take('until');
  if (reader.take('cookie') === undefined && until === undefined) return undefined;
  const cookie = reader.sub('cookie');
  const name = cookie.text('name', '', HTTP_TOKEN, 'the name of a cookie');
  if (!name) cookie.addFault('name', 'is missing; give the name of the cookie that httpd sets');
  const path = cookie.text('path', '/', COOKIE_PATH, 'a path that begins with /');
  const domain = cookie.text('domain', '', DOMAIN, 'a domain name') || undefined;
  cookie.end();
  const isDate = until instanceof Date && !Number.isNaN(until.getTime());
  if (!isDate)
    reader.addFault('until', `is ${kindOf(until)}; allowed is a Date, after which no session is migrated`);
  return { cookie: { name, path, domain }, until: isDate ? until : new Date(0) };
}
