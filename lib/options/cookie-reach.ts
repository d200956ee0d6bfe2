import { isUnder, pathOf } from '../http/request-target.js';
import { mostExact, type ContextPlace } from './context-place.js';
import type { ResolvedOptions } from './resolved-options.interface.js';

// Two sets of options may have one cookie name if no request carries the cookie of one set to the other. Hosts and paths are
// infinite, but only those that an option names make a difference. So this file tries each named host and path, and one that
// no option names beside or below it.

/** A set of options and the place that it serves. The base options have no place. */
export interface PlacedOptions {
  readonly place: ContextPlace | undefined;
  readonly options: ResolvedOptions;
}

/** A label that no host has, and a segment that no path has. */
const OTHER = '\u0001';

/** Finds out which sets of one `forRoot` receive the cookies of which others. */
export class CookieReach {
  private readonly contexts: readonly PlacedOptions[];
  private readonly base: PlacedOptions;
  /** The set that serves a target, by host, path and case rule. */
  private readonly servers = new Map<string, PlacedOptions>();

  constructor(all: readonly PlacedOptions[]) {
    this.base = all.find(({ place }) => !place)!;
    this.contexts = all.filter(({ place }) => place);
  }

  /** Reports whether a browser sends a cookie that `from` has set to a host and path that `to` serves. */
  reaches(from: PlacedOptions, to: PlacedOptions): boolean {
    if (!from.options.scope.enabled || !to.options.scope.enabled || isApart(from, to)) return false;
    const hosts = hostsOf([from, to]);
    const paths = pathsOf([from, to, ...this.contexts.filter((one) => isBeside(one, hosts))]);
    const sent = paths.filter((path) => isUnder(cookiePath(from), path, 'segments', true));
    return [true, false].some((caseSensitive) => {
      const served = (by: PlacedOptions, path: string) =>
        hosts.filter((host) => this.serverOf(host, path, caseSensitive) === by);
      const setters = paths.flatMap((path) => served(from, path));
      const receivers = sent.flatMap((path) => served(to, path));
      return receivers.some((host) => setters.some((setter) => isSent(from, setter, host)));
    });
  }

  private serverOf(host: string, path: string, caseSensitive: boolean): PlacedOptions {
    const key = `${host} ${caseSensitive} ${path}`;
    const known = this.servers.get(key);
    if (known) return known;
    const placeOf = ({ place }: PlacedOptions) => place!;
    const server = mostExact(this.contexts, placeOf, { host, path }, caseSensitive) ?? this.base;
    this.servers.set(key, server);
    return server;
  }
}

/** True for two sets of different named hosts whose cookies have no domain: the usual case, decided at once. */
function isApart(a: PlacedOptions, b: PlacedOptions): boolean {
  const [hostsA, hostsB] = [a, b].map((one) => one.place?.host ?? []);
  if (domainOf(a) || domainOf(b) || !hostsA!.length || !hostsB!.length) return false;
  return !hostsA!.some((one) =>
    hostsB!.some((other) => one === other || isWildcard(one) || isWildcard(other)),
  );
}

const isWildcard = (host: string) => host.startsWith('*');

const domainOf = ({ options }: PlacedOptions) =>
  options.cookies.reach.domain?.replace(/^\./, '').toLowerCase();

const cookiePath = ({ options }: PlacedOptions) => pathOf(options.cookies.reach.path) ?? '/';

/** Returns the hosts that the sets name, one below each domain, and one that no set names. */
function hostsOf(sets: readonly PlacedOptions[]): string[] {
  const named = sets.flatMap(({ place }) => place?.host ?? []).map((host) => host.replace(/^\*/, OTHER));
  const domains = sets.flatMap((set) => domainOf(set) ?? []);
  return [...new Set([...named, ...domains, ...domains.map((domain) => `${OTHER}.${domain}`), OTHER])];
}

/** Returns the paths that the sets and their cookies name, one below each, and one that begins with each. */
function pathsOf(sets: readonly PlacedOptions[]): string[] {
  const named = sets.flatMap((set) => [set.place?.path ?? '/', cookiePath(set)]);
  const bare = named.map((path) => path.replace(/\/$/, ''));
  return [...new Set(bare.flatMap((path) => [path || '/', `${path}/${OTHER}`, `${path || '/'}${OTHER}`]))];
}

/** True if a context can decide which set serves one of the hosts. */
const isBeside = ({ place }: PlacedOptions, hosts: readonly string[]): boolean =>
  !place!.host.length || place!.host.some((host) => isWildcard(host) || hosts.includes(host));

/** Reports whether a browser sends a cookie that `host` has set to `other` (RFC 6265 §5.1.3, §5.3). A host cannot set a
 *  cookie for a domain that it does not belong to. */
function isSent(from: PlacedOptions, host: string, other: string): boolean {
  const domain = domainOf(from);
  if (!domain) return host === other;
  return [host, other].every((one) => one === domain || one.endsWith(`.${domain}`));
}
