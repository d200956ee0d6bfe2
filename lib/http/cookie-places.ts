import { isIP } from 'node:net';
import type { PlatformRequest } from './connection.js';
import type { Cookie, CookiePlace } from './cookie.js';
import { COOKIE_DOMAIN, COOKIE_PATH } from './cookie-syntax.js';
import { targetOf } from './request-target.js';

/** Parent domains, paths and lines at most: a head of several kilobytes does not fit into the buffers of some proxies. */
const MAX_PARENTS = 3;
const MAX_PATHS = 8;
const MAX_LINES = 32;

/** Returns Set-Cookie lines that make a browser delete the cookies of this name at every place but the cookie's own, from
 *  which the request can have brought one: host-only or for a domain above the host, at a path above the request's, in a
 *  partition or not. */
export function clearElsewhere(cookie: Cookie, request: PlatformRequest): string[] {
  if (cookie.isHostOnly) return placesAt([undefined], ['/'], cookie).map((place) => cookie.clearAt(place));
  const places = placesAt(domainsOf(request, cookie.place.domain), pathsOf(request), cookie);
  return places.slice(0, MAX_LINES).map((place) => cookie.clearAt(place));
}

function placesAt(
  domains: readonly (string | undefined)[],
  paths: readonly string[],
  { secure, place: own }: Cookie,
): CookiePlace[] {
  const places: CookiePlace[] = [];
  for (const partitioned of secure ? [false, true] : [false])
    for (const path of paths) for (const domain of domains) places.push({ domain, path, partitioned });
  return places.filter((place) => !isSame(place, own));
}

const isSame = (one: CookiePlace, other: CookiePlace): boolean =>
  one.domain === other.domain && one.path === other.path && one.partitioned === other.partitioned;

/** Returns the domains whose cookies reach a host: the host itself and every domain above it with at least two labels.
 *  `configured` counts too, because a proxy may have replaced the host. */
function domainsOf(request: PlatformRequest, configured: string | undefined): (string | undefined)[] {
  return [undefined, ...new Set([targetOf(request).host, configured ?? ''].flatMap(withParents))];
}

function withParents(host: string): string[] {
  if (isIP(host) || !COOKIE_DOMAIN.test(host)) return [];
  const labels = host.split('.');
  const parents = labels.slice(1, -1).map((_, i) => labels.slice(i + 1).join('.'));
  return [host, ...parents.slice(-MAX_PARENTS)];
}

/** Returns the paths whose cookies reach a request's path (RFC 6265bis §5.1.4), the shortest first. */
function pathsOf({ originalUrl, url = '/' }: PlatformRequest): string[] {
  const path = (originalUrl ?? url).split(/[?#]/, 1)[0]!;
  const paths = ['/'];
  for (let end = path.indexOf('/', 1); end > 0 && paths.length < MAX_PATHS; end = path.indexOf('/', end + 1))
    paths.push(path.slice(0, end), path.slice(0, end + 1));
  paths.push(path);
  return [...new Set(paths)].filter((one) => COOKIE_PATH.test(one));
}
