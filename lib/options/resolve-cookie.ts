import { Cookie, type CookieAttributes } from '../http/cookie.js';
import { DEFAULT_SESSION } from './default-session.js';
import type { OptionReader } from './option-reader.js';

/** The cookie under each name that it has. */
export interface ResolvedCookies {
  /** On a secure connection. */
  readonly secure: Cookie | undefined;
  /** On a plain one. */
  readonly plain: Cookie | undefined;
  /** Plain only between a local browser and a local server. */
  readonly plainOnLoopbackOnly: boolean;
}

/** Longest lifetime that a browser heeds: 400 days (RFC 6265bis §5.5). */
const MAX_LIFETIME = 34_560_000;
/** RFC 9110 §5.6.2 */
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,128}$/;
const DOMAIN = /^\.?(?!-)[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*$/;
const PATH = /^\/[\x20-\x3a\x3c-\x7e]{0,1000}$/;
const PREFIX = /^__(?:Host-Http-|Http-|Host-|Secure-)/i;

/** The cookies of the session `session`; by default each session has a name of its own. `storeName`: the default of a
 *  store that has one. */
export function resolveCookies(reader: OptionReader, session: string, storeName?: string): ResolvedCookies {
  const secure = reader.choice<'auto' | boolean>('secure', 'auto', ['auto', true, false]);
  const given =
    reader.text('name', '', TOKEN, "a cookie name: letters, digits and !#$%&'*+-.^_`|~") || undefined;
  const attributes: CookieAttributes = {
    domain: reader.text('domain', '', DOMAIN, 'a domain name') || undefined,
    path: reader.text('path', '/', PATH, 'a path that begins with / and holds no semicolon'),
    httpOnly: reader.choice('httpOnly', true, [true, false]),
    sameSite: reader.choice('sameSite', 'lax', ['strict', 'lax', 'none']),
    partitioned: reader.choice('partitioned', false, [true, false]),
    priority:
      reader.choice<'low' | 'medium' | 'high' | ''>('priority', '', ['low', 'medium', 'high']) || undefined,
    lifetime: reader.integer('lifetime', 0, 'seconds', [0, MAX_LIFETIME]),
  };
  reader.end();
  checkSecure(reader, secure, attributes);
  if (given) checkPrefix(reader, given, secure, attributes);
  const name = given ?? defaultName(attributes, session, storeName);
  const plainName = name.replace(PREFIX, '') || 'sid';
  return {
    secure: secure === false ? undefined : new Cookie(name, true, attributes),
    plain: secure === true ? undefined : new Cookie(plainName, false, onPlain(attributes)),
    plainOnLoopbackOnly: secure === 'auto',
  };
}

function defaultName({ domain, path }: CookieAttributes, session: string, storeName?: string): string {
  const prefix = domain || path !== '/' ? '__Secure-' : '__Host-';
  return `${storeName ?? `${prefix}sid`}${session === DEFAULT_SESSION ? '' : `-${session}`}`;
}

/** A browser drops SameSite=None and Partitioned without Secure. */
const onPlain = (attributes: CookieAttributes): CookieAttributes => ({
  ...attributes,
  sameSite: attributes.sameSite === 'none' ? 'lax' : attributes.sameSite,
  partitioned: false,
});

function checkSecure(
  reader: OptionReader,
  secure: 'auto' | boolean,
  { sameSite, partitioned }: CookieAttributes,
): void {
  if (secure !== false) return;
  const remedy = 'needs a secure cookie; take cookie.secure: false away';
  if (sameSite === 'none') reader.addFault('sameSite', `"none" ${remedy}`);
  if (partitioned) reader.addFault('partitioned', remedy);
}

/** What the prefixes promise (RFC 6265bis §4.1.3, and the layered-cookies draft for the Http ones). */
function checkPrefix(
  reader: OptionReader,
  name: string,
  secure: 'auto' | boolean,
  attributes: CookieAttributes,
): void {
  const prefix = PREFIX.exec(name)?.[0].toLowerCase();
  if (!prefix) return;
  const refuse = (what: string) =>
    reader.addFault('name', `begins with ${name.slice(0, prefix.length)}, which ${what}`);
  if (secure === false)
    refuse('needs a secure cookie; take cookie.secure: false away, or choose a name without prefix');
  if (prefix.includes('http-') && !attributes.httpOnly) refuse('needs cookie.httpOnly: true');
  if (!prefix.includes('host-')) return;
  if (attributes.domain) refuse('allows no domain; take cookie.domain away, or use the prefix __Secure-');
  if (attributes.path !== '/') refuse('needs cookie.path: "/"');
}
