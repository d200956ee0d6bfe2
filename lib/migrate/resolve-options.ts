import { kindOf, type ConfigFault } from '../errors/session-config.error.js';
import { COOKIE_DOMAIN, COOKIE_PATH } from '../http/cookie-syntax.js';
import { OptionReader } from '../options/option-reader.js';
import type { MigrationSource } from '../persistence/session-format.interface.js';
import type { MigrationOptions, Secret } from './options.interface.js';

/** Names that the package `cookies` allows too, such as `koa:sess`. */
const COOKIE_NAME = /^[!#-+\--:<>-~]{1,128}$/;

/** The options that all formats have. */
export interface ResolvedMigration {
  readonly source: MigrationSource;
  readonly subjectFrom: MigrationOptions['subjectFrom'];
}

/** Reads the options that all formats have. Adds a fault for each wrong one. `fallback` is the name of the cookie. */
export function resolveMigration(reader: OptionReader, fallback: string, signed = false): ResolvedMigration {
  const cookie = reader.sub('cookie');
  const name = cookie.text('name', fallback, COOKIE_NAME, 'the name of a cookie') || fallback;
  if (!name) cookie.addFault('name', 'is missing; give the name of the cookie that the other package sets');
  const path = cookie.text('path', '/', COOKIE_PATH, 'a path that begins with /');
  const domain = cookie.text('domain', '', COOKIE_DOMAIN, 'a domain name') || undefined;
  cookie.end();
  const signature = signed ? `${name}.sig` : undefined;
  return {
    source: { cookie: { name, path, domain, signature }, until: resolveUntil(reader) },
    subjectFrom: resolveSubjectFrom(reader),
  };
}

function resolveUntil(reader: OptionReader): Date {
  const until = reader.take('until');
  if (until instanceof Date && !Number.isNaN(until.getTime())) return until;
  reader.addFault('until', `is ${kindOf(until)}; allowed is a Date, after which no session is migrated`);
  return new Date(0);
}

function resolveSubjectFrom(reader: OptionReader): MigrationOptions['subjectFrom'] {
  const value = reader.take('subjectFrom');
  if (value === undefined || typeof value === 'function') return value as MigrationOptions['subjectFrom'];
  const allowed = 'a function, such as (data) => data.passport?.user';
  reader.addFault('subjectFrom', `is ${kindOf(value)}; allowed is ${allowed}`);
  return undefined;
}

/** Reads one secret, or a list of them. A fault names the kind of a value, and never shows it. `read` returns the bytes of
 *  one secret, or says what is wrong with it. */
export function resolveSecrets(
  reader: OptionReader,
  key: string,
  read: (secret: Secret) => Buffer | string = bytesOf,
): Buffer[] {
  const given = reader.take(key);
  const list = Array.isArray(given) ? (given as unknown[]) : [given];
  if (!list.length) reader.addFault(key, 'is an empty list; give the secret of the other package');
  return list.flatMap((one, i) => {
    const bytes = isSecret(one)
      ? read(one)
      : `is ${kindOf(one)}; allowed is the secret of the other package, a text or bytes`;
    if (typeof bytes !== 'string') return [bytes];
    reader.addFault(Array.isArray(given) ? `${key}[${i}]` : key, bytes);
    return [];
  });
}

const isSecret = (value: unknown): value is Secret =>
  (typeof value === 'string' || value instanceof Uint8Array) && value.length > 0;

export const bytesOf = (secret: Secret): Buffer => Buffer.from(secret as string);

/** Reads the options of a format by `read`, whose option paths begin at the options. */
export function readOptions<R>(given: unknown, read: (reader: OptionReader) => R): [R, ConfigFault[]] {
  const faults: ConfigFault[] = [];
  const reader = new OptionReader('', given, faults);
  const resolved = read(reader);
  reader.end();
  return [resolved, faults];
}
