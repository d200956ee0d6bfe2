import { EnvelopeContext, type ContextItems } from '../../envelope/envelope-context.js';
import { COOKIE_PREFIX } from '../../http/cookie-syntax.js';
import type { CookieEndpoint } from '../../manager/cookie-endpoint.js';
import type { SessionManager } from '../../manager/session-manager.js';
import type { SessionProfile } from '../../manager/session-profile.js';

/** A set of options and one of its two cookies: where a cookie can be at home. */
export interface Place {
  /** The options, as a person names them. */
  readonly label: string;
  readonly profile: SessionProfile;
  readonly endpoint: CookieEndpoint;
}

/** Names that the operator wants to have tried too. */
export interface MoreNames {
  readonly names?: readonly string[];
  readonly audiences?: readonly string[];
  readonly tenants?: readonly string[];
}

/** Returns the places of all cookies of an application: of the base options first. */
export function placesOf({ base, profiles }: SessionManager): Place[] {
  return profiles.flatMap((profile, i) => {
    const context = i ? base.options.contexts[i - 1] : undefined;
    const label = context ? `contexts[${i - 1}] (${whereOf(context)})` : 'the base options';
    return profile.endpoints.map((endpoint) => ({ label, profile, endpoint }));
  });
}

const whereOf = ({ host, path }: { readonly host: readonly string[]; readonly path: string }): string =>
  [host.length && `host ${host.join(', ')}`, path && `path ${path}`].filter(Boolean).join(', ');

/** Returns what the cookie of a place is bound to: by the store of its profile, a sealed session or a reference. */
export const homeOf = ({ profile, endpoint }: Place): EnvelopeContext =>
  profile.envelopeContext('session', profile.store.rows?.kind ?? 'cookie', endpoint.cookie.name);

/** The kinds of our stores. */
const KINDS = ['cookie', 'postgres', 'redis', 'files', 'memory'];
const USUAL = ['__Host-sid', '__Secure-sid', 'sid'];
/** Contexts that are tried for one cookie, at most. Each costs a few microseconds. */
const MAX_CONTEXTS = 20_000;

/** Returns what a value may have been sealed for instead: another cookie name, audience, tenant, store or purpose, of any set of
 *  options, and the usual ones. The most likely come first. */
export function otherContexts(
  places: readonly Place[],
  kind: 'envelope' | 'reference',
  name: string | undefined,
  more: MoreNames = {},
): EnvelopeContext[] {
  const homes = places.map((place) => homeOf(place).items);
  const names = unique([...homes.map((items) => items.name), ...(name ? [name] : []), ...(more.names ?? [])]);
  const stores = unique([...homes.map(({ store }) => store), ...KINDS]).filter(
    (store) => (store === 'cookie') === (kind === 'envelope'),
  );
  const tenants = unique([...homes.map(({ tenant }) => tenant), ...(more.tenants ?? []), '']);
  const audiences = unique([...homes.map(({ audience }) => audience), ...(more.audiences ?? []), '']);
  const all: ContextItems[] = [];
  for (const one of unique(names.flatMap(variantsOf).concat(USUAL)))
    for (const store of stores)
      for (const audience of audiences)
        for (const tenant of tenants) all.push({ purpose: 'session', store, name: one, tenant, audience });
  const others = kind === 'envelope' ? otherPurposes(tenants, audiences, places) : [];
  return [...all, ...others].slice(0, MAX_CONTEXTS).map((items) => new EnvelopeContext(items));
}

/** The name under each prefix and none. */
function variantsOf(name: string): string[] {
  const bare = name.replace(COOKIE_PREFIX, '');
  return [name, `__Host-${bare}`, `__Secure-${bare}`, bare].filter(Boolean);
}

/** What else the keys seal: tokens of remember-me, rows, and the values of createSealer(). */
function otherPurposes(
  tenants: readonly string[],
  audiences: readonly string[],
  places: readonly Place[],
): ContextItems[] {
  const tables = places.flatMap(({ profile: { store } }) => (store.rows ? [store.rows] : []));
  const kinds = unique([...tables.map(({ kind }) => kind), ...KINDS.slice(1)]);
  const names = unique([...tables.flatMap(({ name }) => [name, `${name}_remember`]), ...TABLES]);
  const remember = kinds.flatMap((store) =>
    names.map((name) => ({ purpose: 'remember-token', store, name })),
  );
  return [{ purpose: 'sealed', store: 'sealer', name: '' }, ...remember].flatMap((items) =>
    audiences.flatMap((audience) => tenants.map((tenant) => ({ ...items, tenant, audience }))),
  );
}

/** Usual tables of series. */
const TABLES = ['session_crypto', 'remember_me', 'session_crypto_remember', 'session_crypto:', 'memory'];

export const unique = <T>(values: readonly T[]): T[] => [...new Set(values)];
