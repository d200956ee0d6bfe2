import type { IncomingMessage } from 'node:http';

/** What a platform knows of a request beside its bytes. It respects the platform's proxy trust. */
export interface PlatformFacts {
  readonly protocol?: string;
  /** The host name without its port. */
  readonly hostname?: string;
  /** The visitor's address. */
  readonly ip?: string;
  /** The visitor's addresses as trusted proxies report them. Fastify's list contains the socket's own address, that of
   *  Express does not. */
  readonly ips?: readonly string[];
  /** The parsed query. */
  readonly query?: unknown;
}

/** A raw request with the fields that the platforms add to it. Express has getters; middie copies the values of Fastify. */
export interface PlatformRequest extends IncomingMessage, PlatformFacts {
  /** The whole request target. Express shortens `url` for a mounted part of the application. */
  readonly originalUrl?: string;
}

/** Key on a raw request of Fastify's for Fastify's own request. */
const PLATFORM = Symbol('platform');
type WithPlatform = { [PLATFORM]?: PlatformFacts };

/** Lets {@link factsOf} find the facts of a raw request that has none itself. */
export function setFacts(request: IncomingMessage & WithPlatform, facts: PlatformFacts): void {
  request[PLATFORM] = facts;
}

/** Returns the facts that the platform knows of a raw request. */
export const factsOf = (request: PlatformRequest & WithPlatform): PlatformFacts =>
  request[PLATFORM] ?? request;

const LOCAL_HOST = /^(?:localhost|(?:[a-z0-9-]+\.)*localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d+)?$/i;
const LOCAL_ADDRESS = /^(?:::1|(?:::ffff:)?127(?:\.\d{1,3}){3})$/;

/** Headers that only a proxy adds. */
const PROXY_HEADERS = [
  'forwarded',
  'x-forwarded-for',
  'x-forwarded-proto',
  'x-forwarded-host',
  'x-forwarded-server',
  'x-real-ip',
  'via',
];

/** Reports whether the visitor's side of the connection is encrypted. A proxy's word counts only if the platform trusts
 *  that proxy. */
export function isSecure(request: PlatformRequest): boolean {
  return (
    factsOf(request).protocol === 'https' ||
    (request.socket as { encrypted?: boolean } | undefined)?.encrypted === true
  );
}

/** Returns the code that an operator must write so that the platform of this request trusts its proxy. Messages quote
 *  it. Fastify 5 accepts a number of proxies and then trusts none, so its text asks for addresses. */
export function proxyTrustOf(request: PlatformRequest): string {
  return isExpress(request)
    ? "app.set('trust proxy', …)"
    : "new FastifyAdapter({ trustProxy: '<the proxy's addresses>' }), as a number such as 1 trusts nobody in Fastify 5";
}

/** Reports whether the platform trusts the proxy that a request says it came through; `undefined` if it says nothing that tells. */
export function isProxyTrusted(request: PlatformRequest): boolean | undefined {
  const { headers } = request;
  if (headers['x-forwarded-for']) return hasTrustedProxy(request);
  return headers['x-forwarded-proto'] === 'https' ? factsOf(request).protocol === 'https' : undefined;
}

/** Fastify counts the socket among the addresses, Express does not. */
const hasTrustedProxy = (request: PlatformRequest): boolean =>
  (factsOf(request).ips ?? []).length > (isExpress(request) ? 0 : 1);

const isExpress = (request: PlatformRequest): boolean => 'app' in request;

/** Returns the origin (scheme, host and port) of the page that was requested, as a trusted proxy reports it, or
 *  `undefined` if no trusted proxy does. The Host header alone is no proof, because anybody can write it. */
export function forwardedOrigin(request: PlatformRequest): string | undefined {
  const { headers } = request;
  const { hostname } = factsOf(request);
  if (!hostname || !hasTrustedProxy(request)) return undefined;
  // The platform chose one host of the list and cut its port off: find it again, with its port.
  const hosts = String(headers['x-forwarded-host'] ?? '').split(',');
  for (const host of hosts) {
    const address = `${isSecure(request) ? 'https' : 'http'}://${host.trim()}`;
    const url = URL.canParse(address) ? new URL(address) : undefined;
    if (url?.hostname === hostname.toLowerCase()) return url.origin;
  }
  return undefined;
}

/** Reports whether the request comes from a browser on this machine: the host name and the socket's address are local,
 *  and no header of a proxy is there. A Unix socket has no address and counts as local. */
export const isLoopback = (request: IncomingMessage): boolean =>
  isLocalName(request) && LOCAL_ADDRESS.test(request.socket?.remoteAddress ?? '127.0.0.1');

/** Reports whether the host name is local and no header of a proxy is there. Anybody can write such a name. It comes from another
 *  address where a container publishes its port. */
export function isLocalName(request: IncomingMessage): boolean {
  if (showsProxy(request)) return false;
  const { headers } = request;
  const host = headers.host ?? (headers[':authority'] as string | undefined) ?? '';
  return LOCAL_HOST.test(host);
}

/** Reports whether a request came through a proxy, as far as it tells. nginx without `proxy_set_header` writes its own Host and adds
 *  no header. It shows only by HTTP/1.0, which no browser speaks. */
const showsProxy = ({ headers, httpVersion }: IncomingMessage): boolean =>
  httpVersion === '1.0' || PROXY_HEADERS.some((name) => headers[name]);
