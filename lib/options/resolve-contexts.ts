import type { ConfigFault } from '../errors/session-config.error.js';
import type { PathMatch } from '../http/request-target.js';
import { isHostPattern } from './context-place.js';
import { CookieReach, type PlacedOptions } from './cookie-reach.js';
import { OptionReader } from './option-reader.js';
import type { CryptoOptions } from './crypto-options.interface.js';
import type { ContextOptions, SessionCryptoOptions } from './options.interface.js';
import type { ResolvedCookies } from './resolve-cookie.js';
import type { ResolvedCrypto } from './resolve-crypto.js';
import type { ResolvedContext, ResolvedOptions } from './resolved-options.interface.js';
import { hasForeignSeconds, inForeignSeconds } from './seconds.js';
import { checkPath, PATH_MATCHES } from './resolve-scope.js';

/** Resolves the options of one context at the option path `path`. `shared` holds the parts that it has in common with
 *  the base or an earlier context. */
type Resolve = (
  path: string,
  options: SessionCryptoOptions,
  shared: Partial<ResolvedOptions>,
) => ResolvedOptions;

const GROUPS = ['crypto', 'cookie', 'id', 'session', 'csrf', 'cache'] as const;

/** Returns the complete options of every context: `raw` is what `forRoot` got, and `base` the resolved base options,
 *  from which a context inherits what it leaves out. Adds a fault if two contexts cover the same host and path, or would
 *  read each other's cookies. */
export function resolveContexts(
  reader: OptionReader,
  raw: SessionCryptoOptions,
  base: ResolvedOptions,
  faults: ConfigFault[],
  resolve: Resolve,
): ResolvedContext[] {
  const keys: KnownKeys = [{ given: membersOf(membersOf(raw)['crypto']), crypto: base.crypto }];
  const contexts = Array.from(reader.list('contexts', 'contexts'), (option, i) => {
    const at = `contexts[${i}]`;
    const given = membersOf(option) as ContextOptions;
    const place = readPlace(new OptionReader(at, option, faults));
    refuseDriver(reader, at, given);
    const set = mergeOptions(raw, given);
    const options = resolve(at, set, sharedParts(keys, set, given.store === undefined ? base : undefined));
    keys.push({ given: membersOf(set.crypto), crypto: options.crypto });
    return Object.freeze({ ...place, options });
  });
  assertUniquePlaces(reader, contexts);
  assertSeparateCookies(reader, base, contexts);
  return contexts;
}

function refuseDriver(reader: OptionReader, at: string, { crypto }: ContextOptions): void {
  for (const key of ['driver', 'driverParams'])
    if (membersOf(crypto)[key] !== undefined)
      reader.addFault(
        `${at}.crypto.${key}`,
        `cannot be set in a context, because the whole process has one driver; set crypto.${key}`,
      );
}

/** Reads where a context applies. The groups and the store are only marked as known here. */
function readPlace(reader: OptionReader): Omit<ResolvedContext, 'options'> {
  const given = reader.take('path');
  const path = given !== undefined && checkPath(reader, 'path', given) ? given : '/';
  const match = reader.choice<PathMatch>('match', 'segments', PATH_MATCHES);
  const place = { host: readHosts(reader), path: match === 'segments' ? withoutSlash(path) : path, match };
  for (const key of GROUPS) reader.sub(key);
  reader.take('store');
  reader.end();
  return place;
}

/** Removes a slash at the end: `/a/` covers the same segments as `/a`. */
const withoutSlash = (path: string): string => path.replace(/\/$/, '') || '/';

function readHosts(reader: OptionReader): string[] {
  const given = reader.take('host');
  const hosts: unknown[] = given === undefined ? [] : Array.isArray(given) ? Array.from(given) : [given];
  if (given !== undefined && !hosts.length)
    reader.addFault('host', 'is an empty list; name at least one host, or remove the option for every host');
  return hosts.flatMap((host) => {
    if (typeof host === 'string' && isHostPattern(host)) return [host.toLowerCase()];
    reader.addValueFault('host', host, 'a host name without port, such as "shop.example" or "*.example.com"');
    return [];
  });
}

/** Returns the members of a group, or nothing if the value is no group. A member that is present as `undefined` asks for
 *  the default instead of the base's value. */
const membersOf = (group: unknown): Record<string, unknown> => (isGroup(group) ? { ...group } : {});

const isGroup = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Returns the group `crypto` of a context without the driver, which it cannot choose. */
function cryptoOf({ crypto }: ContextOptions): Partial<CryptoOptions> {
  const { driver: _driver, driverParams: _params, ...others } = membersOf(crypto);
  return others;
}

/** Returns the options as if the context's were written into the base options. */
function mergeOptions(raw: SessionCryptoOptions, context: ContextOptions): SessionCryptoOptions {
  const result: Record<string, unknown> = {
    ...raw,
    ...(context.store !== undefined && { store: context.store }),
  };
  delete result['contexts'];
  for (const group of GROUPS)
    if (context[group] !== undefined) result[group] = mergeGroups(raw[group], context[group]);
  if (context.crypto !== undefined) result['crypto'] = mergeCrypto(membersOf(raw.crypto), cryptoOf(context));
  return result as unknown as SessionCryptoOptions;
}

function mergeGroups(base: object | undefined, own: object): object {
  const merged = { ...membersOf(base), ...membersOf(own) };
  return hasForeignSeconds(base) || hasForeignSeconds(own) ? inForeignSeconds(merged) : merged;
}

function mergeCrypto(base: Partial<CryptoOptions>, own: Partial<CryptoOptions>): Partial<CryptoOptions> {
  const { reload } = own;
  const nested = isGroup(reload) && { reload: { ...base.reload, ...membersOf(reload) } };
  return { ...inheritedCrypto(base, own), ...own, ...nested };
}

/** Returns the members of the base that a context inherits. The native format has `secrets` and `accept`, a foreign one
 *  has neither: the context's choice of a format removes the members of the other. */
function inheritedCrypto(base: Partial<CryptoOptions>, own: Partial<CryptoOptions>): Partial<CryptoOptions> {
  const { format: _format, ...ofNative } = base;
  if ('secrets' in own) return ofNative;
  const { secrets: _secrets, accept: _accept, ...ofForeign } = base;
  return own.format === undefined || own.format === 'native' ? base : ofForeign;
}

/** Each group `crypto` that was resolved, with the members that it was made of. */
type KnownKeys = { readonly given: Record<string, unknown>; readonly crypto: ResolvedCrypto }[];

/** Returns the parts that need not be made again: the keys of an earlier set with equal `crypto`, and the base's store if
 *  the context has none. They are then one object at run time too: one key ring, one connection. */
function sharedParts(
  keys: KnownKeys,
  set: SessionCryptoOptions,
  storeOf: ResolvedOptions | undefined,
): Partial<ResolvedOptions> {
  const known = keys.find(({ given }) => isEqual(given, membersOf(set.crypto)));
  return { ...(known && { crypto: known.crypto }), ...(storeOf && { store: storeOf.store }) };
}

const isEqual = (a: Record<string, unknown>, b: Record<string, unknown>): boolean =>
  Object.keys({ ...a, ...b }).every((key) => Object.is(a[key], b[key]));

/** Adds a fault for a context that no request can reach, because an earlier one covers its host and path. */
function assertUniquePlaces(reader: OptionReader, contexts: readonly ResolvedContext[]): void {
  contexts.forEach((context, i) => {
    const first = contexts.findIndex((other) => coverSamePlace(other, context));
    if (first < i)
      reader.addFault(
        `contexts[${i}]`,
        `covers the same host and path as contexts[${first}]; remove one of them`,
      );
  });
}

const coverSamePlace = (a: ResolvedContext, b: ResolvedContext): boolean =>
  a.path === b.path &&
  a.match === b.match &&
  (a.host.length ? a.host.some((host) => b.host.includes(host)) : !b.host.length);

/** Adds a fault for a context that seals differently under a cookie name that another set has too, if a browser sends the
 *  cookie of one set to the other. Each of the two would clear the other's cookie. */
function assertSeparateCookies(
  reader: OptionReader,
  base: ResolvedOptions,
  contexts: readonly ResolvedContext[],
): void {
  const all: PlacedOptions[] = [
    { place: undefined, options: base },
    ...contexts.map((place) => ({ place, options: place.options })),
  ];
  const reach = new CookieReach(all);
  contexts.forEach((_, i) => {
    const own = all[i + 1]!;
    const rival = all.slice(0, i + 1).findIndex((other) => areRivals(own, other, reach));
    if (rival < 0) return;
    const owner = rival ? `contexts[${rival - 1}]` : 'the base options';
    reader.addFault(
      `contexts[${i}]`,
      `overrides crypto, cookie or store, but has the cookie name of ${owner}; set its own cookie.name or crypto.audience`,
    );
  });
}

const areRivals = (a: PlacedOptions, b: PlacedOptions, reach: CookieReach): boolean =>
  !openEachOther(a.options, b.options) &&
  shareCookie(a.options, b.options) &&
  (reach.reaches(a, b) || reach.reaches(b, a));

/** Reports whether each set opens the sessions of the other. */
const openEachOther = (a: ResolvedOptions, b: ResolvedOptions): boolean =>
  sameKeys(a.crypto, b.crypto) && a.store === b.store && sameCookies(a.cookies, b.cookies);

function sameKeys(a: ResolvedCrypto, b: ResolvedCrypto): boolean {
  return a === b || Boolean(a.format && b.format && a.format.sharesWith?.(b.format));
}

/** Reports whether both sets write the same cookie, apart from its lifetime. */
const sameCookies = (a: ResolvedCookies, b: ResolvedCookies): boolean =>
  a.secure?.clear() === b.secure?.clear() && a.plain?.clear() === b.plain?.clear();

function shareCookie(a: ResolvedOptions, b: ResolvedOptions): boolean {
  if (a.crypto.audience !== b.crypto.audience) return false;
  const names = ({ secure, plain }: ResolvedCookies) => [secure?.name, plain?.name].filter(Boolean);
  return names(a.cookies).some((name) => names(b.cookies).includes(name));
}
