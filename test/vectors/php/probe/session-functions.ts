import { randomBytes } from 'node:crypto';
import { PHP_SERIALIZERS, sessionFromJson, sessionToJson } from 'nestjs-session-crypto/php';
import { sessionIdFromBytes } from '../../../../lib/php/shared/session-id.js';
import { IDS_ARE_MADE_HERE, OPTIONS_ARE_FIXED } from './differences.js';
import { PhpException, plainOf, varsOf, type PhpVars } from './php-probe.js';
import { isOn } from './faulty-settings.js';
import type { PhpFunctions, PhpRequest } from './php-request.js';

const COOKIE_KEYS = ['lifetime', 'path', 'domain', 'secure', 'httponly', 'samesite', 'partitioned'];

const text = (value: unknown): string => (value === true ? '1' : value === false || value === null ? '' : String(value));
const name = (request: PhpRequest): string => request.setting('session.name') ?? 'PHPSESSID';

function cookieParams(this: PhpRequest, given: unknown[]): boolean {
  if (this.isActive) return false;
  if (this.setting('session.use_cookies') === '0') return this.needless(false);
  const [first] = given;
  const named = first instanceof Map ? [...(first as PhpVars)] : COOKIE_KEYS.map((key, i) => [key, given[i]] as const);
  const known = named.filter(([key, value]) => COOKIE_KEYS.includes(String(key).toLowerCase()) && value !== undefined);
  if (!known.length) {
    this.needless(false);
    throw new PhpException(
      'ValueError: session_set_cookie_params(): Argument #1 ($lifetime_or_options) must contain at least 1 valid key',
    );
  }
  for (const [key, value] of known) {
    const setting = `session.cookie_${String(key).toLowerCase()}`;
    this.settings = { ...this.settings, [setting]: text(value) };
  }
  return true;
}

const PARAMS = { lifetime: Number, path: String, domain: String, secure: isOn, httponly: isOn, samesite: String };
const DEFAULT_PARAMS: Readonly<Record<string, string>> = { lifetime: '0', path: '/' };

/** PHP's session functions, implemented with this package. */
export const SESSION_FUNCTIONS: PhpFunctions = {
  session_start([options]) {
    return this.begin(options);
  },
  session_write_close() {
    return this.close();
  },
  session_commit() {
    return this.close();
  },
  session_status() {
    return this.isActive ? 2 : 1;
  },
  sid() {
    return this.isActive || this.live ? this.live.id : '';
  },
  session_id([given]) {
    if (given !== undefined && this.isActive) return this.needless(false);
    if (given !== undefined) return this.needless('', IDS_ARE_MADE_HERE);
    return this.isActive ? this.live.id : '';
  },
  session_name([given]) {
    const before = name(this);
    if (given === undefined) return before;
    if (this.isActive) return false;
    if (this.isOpen) return this.needless(before, OPTIONS_ARE_FIXED);
    this.settings = { ...this.settings, 'session.name': text(given) };
    return before;
  },
  async session_regenerate_id() {
    if (!this.isActive) return this.needless(false);
    this.write();
    await this.live.regenerate();
    await this.live.save();
    return true;
  },
  async session_destroy() {
    if (!this.isActive) return this.needless(false);
    await this.live.logout();
    await this.live.save();
    this.destroyed = true;
    this.forget();
    return true;
  },
  session_unset() {
    if (!this.isActive) return this.needless(false);
    this.vars.clear();
    return true;
  },
  session_abort() {
    if (!this.isActive) return this.needless(false);
    this.forget();
    return this.needless(true);
  },
  session_reset() {
    return this.needless(this.isActive);
  },
  session_gc() {
    return this.isActive ? this.place.sessions.prune() : this.needless(false);
  },
  session_encode() {
    if (!this.live || !(this.vars instanceof Map)) return this.needless(false);
    const written = serializerOf(this).encode(sessionFromJson(plainOf(this.vars) as Record<string, never>));
    return written.length ? written.toString() : false;
  },
  session_decode([given]) {
    if (!this.isActive) return this.needless(false);
    const session = serializerOf(this).decode(Buffer.from(String(given)));
    if (typeof session === 'string') return this.needless(false);
    const json = sessionToJson(session);
    for (const [key, value] of varsOf(json) as PhpVars) this.vars.set(key, value);
    return true;
  },
  session_create_id([prefix = '']) {
    if (!/^[A-Za-z0-9,-]{0,256}$/.test(String(prefix))) return this.needless(false, IDS_ARE_MADE_HERE);
    return this.needless(String(prefix) + sessionIdFromBytes(randomBytes(32), 32, 4), IDS_ARE_MADE_HERE);
  },
  session_module_name: () => 'files',
  session_set_cookie_params: cookieParams,
  session_get_cookie_params() {
    const params = Object.entries(PARAMS).map(([key, read]) => {
      const said = this.setting(`session.cookie_${key}`) ?? DEFAULT_PARAMS[key] ?? '';
      return [key, read(said)] as const;
    });
    return new Map<string, unknown>(params);
  },
  session_cache_limiter([given]) {
    return given === undefined ? (this.setting('session.cache_limiter') ?? 'nocache') : this.change('session.cache_limiter', given);
  },
  session_cache_expire([given]) {
    return given === undefined ? Number(this.setting('session.cache_expire') ?? 180) : this.change('session.cache_expire', given);
  },
  ini_set([key, value]) {
    const before = this.setting(String(key)) ?? '';
    return this.change(String(key), value) ? before : false;
  },
  ini_get([key]) {
    return this.setting(String(key)) ?? this.needless(DEFAULTS[String(key)]);
  },
  async setcookie([cookie, value, options]) {
    const response = await this.open();
    const attributes = options instanceof Map ? attributesOf(options as PhpVars) : '';
    response.appendHeader('set-cookie', `${String(cookie)}=${String(value)}${attributes}`);
    return true;
  },
  async header([line, replace]) {
    const response = await this.open();
    const [field, value] = String(line).split(/: ?/, 2) as [string, string];
    if (replace === false) response.appendHeader(field, value);
    else response.setHeader(field, value);
    return null;
  },
  async echo([what]) {
    (await this.open()).write(String(what));
    return null;
  },
  async flush() {
    (await this.open()).flushHeaders();
    return null;
  },
};

/** The compiled defaults that the cases ask for. */
const DEFAULTS: Readonly<Record<string, string>> = {
  'session.cookie_lifetime': '0',
  'session.serialize_handler': 'php',
};

const serializerOf = (request: PhpRequest) =>
  PHP_SERIALIZERS[(request.setting('session.serialize_handler') ?? 'php').toLowerCase() as 'php'];

/** PHP's manual deletes a cookie with the `expires` of 1. */
function attributesOf(options: PhpVars): string {
  const parts: string[] = [];
  if (options.get('expires') === 1) parts.push('expires=Thu, 01 Jan 1970 00:00:01 GMT', 'Max-Age=0');
  for (const key of ['path', 'domain', 'samesite']) if (options.get(key)) parts.push(`${key}=${String(options.get(key))}`);
  for (const key of ['secure', 'httponly']) if (options.get(key)) parts.push(key);
  return parts.map((part) => `; ${part}`).join('');
}

/** Functions of PHP that are not about sessions. */
export const PLAIN_FUNCTIONS: PhpFunctions = {
  strlen: ([one]) => Buffer.byteLength(String(one)),
  str_repeat: ([one, times]) => String(one).repeat(Number(times)),
  str_starts_with: ([one, start]) => String(one).startsWith(String(start)),
  str_contains: ([one, part]) => String(one).includes(String(part)),
  count: ([one]) => (one as PhpVars).size,
  substr: ([one, from, length]) => String(one).substr(Number(from), length === undefined ? undefined : Number(length)),
  strtolower: ([one]) => String(one).toLowerCase(),
  strtoupper: ([one]) => String(one).toUpperCase(),
  isset: (given) => given.every((one) => one !== undefined && one !== null),
  empty: ([one]) => !one || one === '0' || (one instanceof Map && !one.size),
  is_array: ([one]) => one instanceof Map,
  is_string: ([one]) => typeof one === 'string',
  array_keys: ([one]) => new Map([...(one as PhpVars).keys()].map((key, i) => [i, key])),
  implode: ([sign, one]) => [...(one as PhpVars).values()].join(String(sign)),
  ob_get_level: () => 0,
  ob_end_flush: () => true,
  ob_start: () => true,
};
