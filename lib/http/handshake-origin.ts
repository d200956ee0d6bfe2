import { isSecure, type PlatformRequest } from './connection.js';

/** An origin as a browser writes it: scheme and host, or the word null for a page without one. */
const ORIGIN = /^(?:null|[a-z][a-z0-9+.-]*:\/\/[^/?#\s]*)$/;

/** Reports whether a text can be the value of an Origin header. */
export const isOrigin = (text: unknown): text is string => typeof text === 'string' && ORIGIN.test(text);

/** Reports whether the handshake of a socket comes from a page of ours, from one of the `origins`, or from no browser at
 *  all. Browsers send Origin with every handshake of a WebSocket (RFC 6455 §4.1), and no other rule of theirs keeps pages
 *  of other sites away. */
export function isAllowedHandshake(request: PlatformRequest, origins: readonly string[]): boolean {
  const { origin, 'sec-fetch-site': site } = request.headers;
  if (origin !== undefined && origins.includes(origin)) return true;
  if (site !== undefined) return site === 'same-origin' || site === 'none';
  return origin === undefined || isOwn(origin, request);
}

/** Whether TLS ends at a proxy is unknown during a handshake, since the platform has not seen the request. A page of our
 *  host over https is ours in any case. */
function isOwn(origin: string, request: PlatformRequest): boolean {
  const host = request.headers.host?.toLowerCase();
  const page = origin.toLowerCase();
  return (
    host !== undefined && (page === `https://${host}` || (!isSecure(request) && page === `http://${host}`))
  );
}
