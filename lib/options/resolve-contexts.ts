import type { ConfigFault } from '../errors/session-config.error.js';
import type { PathMatch } from '../http/request-target.js';
import { OptionReader } from './option-reader.js';
import type { ContextOptions, CryptoOptions, SessionCryptoOptions } from './options.interface.js';
import type { ResolvedCookies } from './resolve-cookie.js';
import type { ResolvedCrypto } from './resolve-crypto.js';
import type { ResolvedContext, ResolvedOptions } from './resolved-options.interface.js';
import { checkPath, PATH_MATCHES } from './resolve-scope.js';

/** Options of one context, read at `path`, where `shared` stands for what it does not override. */
type Resolve = (
  path: string,
  options: SessionCryptoOptions,
  shared: Partial<ResolvedOptions>,
) => ResolvedOptions;

const GROUPS = ['crypto', 'cookie', 'id', 'session', 'cache'] as const;
/** An underscore is no letter of a host name, but stands in many: names of containers, mostly. */
const HOST = /^(?:\*\.)?[a-z0-9_-]+(?:\.[a-z0-9_-]+)*$|^\[[0-9a-f:.]+\]$/i;

/** Complete option sets of all contexts: what a context does not say is as in `base`. */
export function resolveContexts(
  reader: OptionReader,
  raw: SessionCryptoOptions,
  base: ResolvedOptions,
  faults: ConfigFault[],
  resolve: Resolve,
): ResolvedContext[] {
  const keys: KnownKeys = [{ said: membersOf(membersOf(raw)['crypto']), crypto: base.crypto }];
  const contexts = Array.from(reader.list('contexts', 'contexts'), (option, i) => {
    const at = `contexts[${i}]`;
    const said = membersOf(option) as ContextOptions;
    const place = readPlace(new OptionReader(at, option, faults));
    for (const key of ['driver', 'driverParams'])
      if (membersOf(said.crypto)[key] !== undefined)
        reader.addFault(`${at}.crypto.${key}`, `is one for the whole process; set crypto.${key}`);
    const set = merged(raw, said);
    const options = resolve(at, set, sharedWith(keys, set, said.store === undefined ? base : undefined));
    keys.push({ said: membersOf(set.crypto), crypto: options.crypto });
    return Object.freeze({ ...place, options });
  });
  refuseTwins(reader, contexts);
  refuseSharedCookies(reader, base, contexts);
  return contexts;
}

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

/** `/a/` covers the same segments as `/a`. */
const withoutSlash = (path: string): string => path.replace(/\/$/, '') || '/';

function readHosts(reader: OptionReader): string[] {
  const given = reader.take('host');
  const hosts: unknown[] = given === undefined ? [] : Array.isArray(given) ? Array.from(given) : [given];
  if (given !== undefined && !hosts.length)
    reader.addFault('host', 'is an empty list, which would be any host; leave it away where any is meant');
  return hosts.flatMap((host) => {
    if (typeof host === 'string' && HOST.test(host)) return [host.toLowerCase()];
    reader.addValueFault('host', host, 'the name of a host without port, or *. and the name of its parent');
    return [];
  });
}

/** The members of a group; one that stands there as `undefined` asks for the default instead of the base's. */
const membersOf = (group: unknown): Record<string, unknown> => (isGroup(group) ? { ...group } : {});

const isGroup = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What a context says of `crypto`, without the driver, of which there is one. */
function cryptoOf({ crypto }: ContextOptions): Partial<CryptoOptions> {
  const { driver: _driver, driverParams: _params, ...said } = membersOf(crypto);
  return said;
}

function merged(raw: SessionCryptoOptions, context: ContextOptions): SessionCryptoOptions {
  const result: Record<string, unknown> = {
    ...raw,
    ...(context.store !== undefined && { store: context.store }),
  };
  delete result['contexts'];
  for (const group of GROUPS)
    if (context[group] !== undefined)
      result[group] = { ...membersOf(raw[group]), ...membersOf(context[group]) };
  if (context.crypto !== undefined) result['crypto'] = mergedCrypto(membersOf(raw.crypto), cryptoOf(context));
  return result as unknown as SessionCryptoOptions;
}

function mergedCrypto(all: Partial<CryptoOptions>, said: Partial<CryptoOptions>): Partial<CryptoOptions> {
  const { reload } = said;
  const nested = isGroup(reload) && { reload: { ...all.reload, ...membersOf(reload) } };
  return { ...inherited(all, said), ...said, ...nested };
}

/** Our own form's secrets and accepted forms, and another format, exclude each other: what the context says counts. */
function inherited(all: Partial<CryptoOptions>, said: Partial<CryptoOptions>): Partial<CryptoOptions> {
  const { format: _format, ...ours } = all;
  if ('secrets' in said) return ours;
  const { secrets: _secrets, accept: _accept, ...others } = all;
  return said.format === undefined || said.format === 'native' ? all : others;
}

/** What makes keys, and the keys. */
type KnownKeys = { readonly said: Record<string, unknown>; readonly crypto: ResolvedCrypto }[];

/** Keys of which the same is said, and stores that are not overridden, are one and the same, also at run time. */
function sharedWith(
  keys: KnownKeys,
  set: SessionCryptoOptions,
  storeOf: ResolvedOptions | undefined,
): Partial<ResolvedOptions> {
  const known = keys.find(({ said }) => isSame(said, membersOf(set.crypto)));
  return { ...(known && { crypto: known.crypto }), ...(storeOf && { store: storeOf.store }) };
}

const isSame = (a: Record<string, unknown>, b: Record<string, unknown>): boolean =>
  Object.keys({ ...a, ...b }).every((key) => Object.is(a[key], b[key]));

/** Of two contexts for one host and path, the later would hold for nobody. */
function refuseTwins(reader: OptionReader, contexts: readonly ResolvedContext[]): void {
  contexts.forEach((context, i) => {
    const first = contexts.findIndex((other) => areTwins(other, context));
    if (first < i)
      reader.addFault(`contexts[${i}]`, `is for the same host and path as contexts[${first}]; keep one`);
  });
}

const areTwins = (a: ResolvedContext, b: ResolvedContext): boolean =>
  a.path === b.path &&
  a.match === b.match &&
  (a.host.length ? a.host.some((host) => b.host.includes(host)) : !b.host.length);

/** Two ways to seal under one cookie name would clear each other's sessions. */
function refuseSharedCookies(
  reader: OptionReader,
  base: ResolvedOptions,
  contexts: readonly ResolvedContext[],
): void {
  const all = [base, ...contexts.map(({ options }) => options)];
  contexts.forEach(({ options }, i) => {
    const rival = all
      .slice(0, i + 1)
      .findIndex((other) => !isKin(options, other) && shareCookie(options, other));
    if (rival < 0) return;
    const whose = rival ? `contexts[${rival - 1}]` : 'all other requests';
    reader.addFault(
      `contexts[${i}]`,
      `overrides crypto, cookie or store under the cookie name of ${whose}; give it a cookie.name or crypto.audience of its own`,
    );
  });
}

/** Whether each reads what the other seals. */
const isKin = (a: ResolvedOptions, b: ResolvedOptions): boolean =>
  sameKeys(a.crypto, b.crypto) && a.store === b.store && sameCookies(a.cookies, b.cookies);

function sameKeys(a: ResolvedCrypto, b: ResolvedCrypto): boolean {
  return a === b || Boolean(a.format && b.format && a.format.sharesWith?.(b.format));
}

/** Whether it is all one which of them sets the cookie, but for how long it is kept. */
const sameCookies = (a: ResolvedCookies, b: ResolvedCookies): boolean =>
  a.secure?.clear() === b.secure?.clear() && a.plain?.clear() === b.plain?.clear();

function shareCookie(a: ResolvedOptions, b: ResolvedOptions): boolean {
  if (a.crypto.audience !== b.crypto.audience) return false;
  const names = ({ secure, plain }: ResolvedCookies) => [secure?.name, plain?.name].filter(Boolean);
  return names(a.cookies).some((name) => names(b.cookies).includes(name));
}
