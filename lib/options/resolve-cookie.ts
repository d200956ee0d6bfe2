import { Cookie, plainAttributes, type CookieAttributes } from '../http/cookie.js';
import {
  COOKIE_DOMAIN,
  COOKIE_PATH,
  COOKIE_PREFIX,
  HTTP_TOKEN,
  MAX_COOKIE_LIFETIME,
} from '../http/cookie-syntax.js';
import { DEFAULT_SESSION } from './default-session.js';
import type { OptionReader } from './option-reader.js';

/** The session's cookie. It has one name on secure connections and another on plain ones. */
export interface ResolvedCookies {
  /** The cookie on a secure connection; `undefined` with `cookie.secure: false`. */
  readonly secure: Cookie | undefined;
  /** The cookie on a plain connection; `undefined` with `cookie.secure: true`. */
  readonly plain: Cookie | undefined;
  /** True if the plain cookie is only for a browser and a server on one machine (`cookie.secure: 'auto'`). */
  readonly plainOnLoopbackOnly: boolean;
  /** The hosts and paths to which a browser sends either cookie. Without a domain: to the host that set it. */
  readonly reach: { readonly domain: string | undefined; readonly path: string };
}

/** Reads the group `cookie` for the session named `session`, whose default cookie name contains that name. A store with
 *  its own default cookie name gives it as `storeName`. */
export function resolveCookies(reader: OptionReader, session: string, storeName?: string): ResolvedCookies {
  const secure = reader.choice<'auto' | boolean>('secure', 'auto', ['auto', true, false]);
  const given =
    reader.text('name', '', HTTP_TOKEN, "a cookie name: letters, digits and !#$%&'*+-.^_`|~") || undefined;
  const attributes = readAttributes(reader);
  reader.end();
  checkSecure(reader, secure, attributes);
  if (given) checkPrefix(reader, given, secure, attributes);
  const name = given ?? defaultName(attributes, session, storeName);
  const plainName = name.replace(COOKIE_PREFIX, '') || 'sid';
  return {
    secure: secure === false ? undefined : new Cookie(name, true, attributes),
    plain: secure === true ? undefined : new Cookie(plainName, false, plainAttributes(attributes)),
    plainOnLoopbackOnly: secure === 'auto',
    reach: { domain: attributes.domain, path: attributes.path },
  };
}

function readAttributes(reader: OptionReader): CookieAttributes {
  return {
    domain: reader.text('domain', '', COOKIE_DOMAIN, 'a domain name') || undefined,
    path: reader.text('path', '/', COOKIE_PATH, 'a path that begins with / and has no semicolon'),
    httpOnly: reader.choice('httpOnly', true, [true, false]),
    sameSite: reader.choice('sameSite', 'lax', ['strict', 'lax', 'none']),
    partitioned: reader.choice('partitioned', false, [true, false]),
    priority: reader.choice<'low' | 'medium' | 'high'>('priority', 'high', ['low', 'medium', 'high']),
    lifetime: reader.integer('lifetime', 0, 'seconds', [0, MAX_COOKIE_LIFETIME]),
  };
}

function defaultName({ domain, path }: CookieAttributes, session: string, storeName?: string): string {
  const prefix = domain || path !== '/' ? '__Secure-' : '__Host-';
  return `${storeName ?? `${prefix}sid`}${session === DEFAULT_SESSION ? '' : `-${session}`}`;
}

function checkSecure(
  reader: OptionReader,
  secure: 'auto' | boolean,
  { sameSite, partitioned }: CookieAttributes,
): void {
  if (secure !== false) return;
  const remedy = 'needs a secure cookie; remove cookie.secure: false';
  if (sameSite === 'none') reader.addFault('sameSite', `"none" ${remedy}`);
  if (partitioned) reader.addFault('partitioned', remedy);
}

/** Adds a fault if the attributes break a condition of the name's prefix, so that browsers would drop the cookie
 *  (RFC 6265bis §4.1.3, and the layered-cookies draft for the `Http-` prefixes). */
function checkPrefix(
  reader: OptionReader,
  name: string,
  secure: 'auto' | boolean,
  attributes: CookieAttributes,
): void {
  const prefix = COOKIE_PREFIX.exec(name)?.[0].toLowerCase();
  if (!prefix) return;
  const refuse = (condition: string) =>
    reader.addFault('name', `begins with ${name.slice(0, prefix.length)}, which ${condition}`);
  if (secure === false)
    refuse('needs a secure cookie; remove cookie.secure: false, or choose a name without a prefix');
  if (prefix.includes('http-') && !attributes.httpOnly) refuse('needs cookie.httpOnly: true');
  if (!prefix.includes('host-')) return;
  if (attributes.domain) refuse('allows no domain; remove cookie.domain, or use the prefix __Secure-');
  if (attributes.path !== '/')
    refuse('needs cookie.path: "/"; remove cookie.path, or use the prefix __Secure-');
}
