import { isLoopback, isSecure, type PlatformRequest } from './connection.js';
import type { Cookie } from './cookie.js';
import { targetOf } from './request-target.js';

/** Why a browser will not send a cookie back to where it sent a request. `path`: the request is outside of the cookie's path.
 *  `domain`: the browser refuses the cookie, because its domain is not the host's. `secure`: the browser refuses the cookie,
 *  because it is Secure and the connection is plain. */
export type Unreachable = 'path' | 'domain' | 'secure';

/** Returns why a cookie will not come back to where the request went, or `undefined` if it will. A proxy may have changed host,
 *  path and protocol, so this is no proof. */
export function whyUnreachable({ secure, place }: Cookie, request: PlatformRequest): Unreachable | undefined {
  if (place.domain && !isBelow(place.domain, targetOf(request).host)) return 'domain';
  if (secure && !isSecure(request) && !isLoopback(request)) return 'secure';
  return isWithin(place.path, request) ? undefined : 'path';
}

/** RFC 6265bis §5.1.3. An address has no domain above it, and a domain never ends with one. */
const isBelow = (domain: string, host: string): boolean => host === domain || host.endsWith(`.${domain}`);

/** RFC 6265bis §5.1.4. */
function isWithin(folder: string, { originalUrl, url = '/' }: PlatformRequest): boolean {
  if (folder === '/') return true;
  const path = (originalUrl ?? url).split(/[?#]/, 1)[0]!.replace(/^https?:\/\/[^/]*/i, '') || '/';
  return path === folder || path.startsWith(folder.endsWith('/') ? folder : `${folder}/`);
}
