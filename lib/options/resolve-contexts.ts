import type { ConfigFault } from '../errors/index.js';
import type { PathMatch } from '../http/index.js';
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

const GROUPS = ['crypto', 'cookie', 'session', 'cache'] as const;
const HOST = /^(?:\*\.)?[a-z0-9-]+(?:\.[a-z0-9-]+)*$|^\[[0-9a-f:.]+\]$/i;

/** Complete option sets of all contexts: what a context does not say is as in `base`. */
export function resolveContexts(
  reader: OptionReader,
  raw: SessionCryptoOptions,
  base: ResolvedOptions,
  faults: ConfigFault[],
  resolve: Resolve,
): ResolvedContext[] {
  const contexts = reader.list('contexts', 'contexts').map((option, i) => {
    const at = `contexts[${i}]`;
    const place = readPlace(new OptionReader(at, option, faults));
    if ((Object(option) as ContextOptions).crypto?.driver !== undefined)
      reader.note(`${at}.crypto.driver`, 'is one for the whole process; set crypto.driver');
    const options = resolve(
      at,
      merged(raw, Object(option) as ContextOptions),
      sharedWith(base, option as object),
    );
    return { ...place, options };
  });
  refuseTwins(reader, contexts);
  refuseSharedCookies(reader, base, contexts);
  return contexts;
}

function readPlace(reader: OptionReader): Omit<ResolvedContext, 'options'> {
  const path = reader.take('path') ?? '/';
  const place = {
    host: readHosts(reader),
    path: checkPath(reader, 'path', path) ? path : '/',
    match: reader.choice<PathMatch>('match', 'segments', PATH_MATCHES),
  };
  for (const key of [...GROUPS, 'store']) reader.take(key);
  reader.end();
  return place;
}

function readHosts(reader: OptionReader): string[] {
  const given = reader.take('host') ?? [];
  const hosts: unknown[] = Array.isArray(given) ? given : [given];
  return hosts.flatMap((host) => {
    if (typeof host === 'string' && HOST.test(host)) return [host.toLowerCase()];
    reader.noteValue('host', host, 'the name of a host without port, or *. and the name of its parent');
    return [];
  });
}

function merged(raw: SessionCryptoOptions, context: ContextOptions): SessionCryptoOptions {
  const result: Record<string, unknown> = { ...raw, store: context.store ?? raw.store };
  delete result['contexts'];
  for (const group of GROUPS)
    if (context[group] !== undefined) result[group] = { ...Object(raw[group]), ...Object(context[group]) };
  if (context.crypto) result['crypto'] = oneForm(result['crypto'] as CryptoOptions, context.crypto);
  return result as unknown as SessionCryptoOptions;
}

/** Secrets of our own form and another format exclude each other: what the context says counts. */
function oneForm({ secrets, format, ...rest }: CryptoOptions, said: Partial<CryptoOptions>): CryptoOptions {
  if (said.format && said.format !== 'native') return { ...rest, format, ...(said.secrets && { secrets }) };
  return said.secrets ? { ...rest, secrets } : { ...rest, secrets, format };
}

/** Keys and stores that are not overridden are one and the same, also at run time. */
function sharedWith(base: ResolvedOptions, context: object): Partial<ResolvedOptions> {
  const { crypto, store } = Object(context) as ContextOptions;
  return { ...(crypto ? {} : { crypto: base.crypto }), ...(store ? {} : { store: base.store }) };
}

function refuseTwins(reader: OptionReader, contexts: readonly ResolvedContext[]): void {
  const places = contexts.map(({ host, path, match }) => JSON.stringify([host.toSorted(), path, match]));
  places.forEach((place, i) => {
    const first = places.indexOf(place);
    if (first < i)
      reader.note(`contexts[${i}]`, `is for the same host and path as contexts[${first}]; keep one`);
  });
}

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
    reader.note(
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

/** Whether a browser takes them for one cookie. */
const sameCookies = (a: ResolvedCookies, b: ResolvedCookies): boolean =>
  a.secure?.clear() === b.secure?.clear() && a.plain?.clear() === b.plain?.clear();

function shareCookie(a: ResolvedOptions, b: ResolvedOptions): boolean {
  if (a.crypto.audience !== b.crypto.audience) return false;
  const names = ({ secure, plain }: ResolvedCookies) => [secure?.name, plain?.name].filter(Boolean);
  return names(a.cookies).some((name) => names(b.cookies).includes(name));
}
