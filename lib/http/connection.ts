import type { IncomingMessage } from 'node:http';

/** A raw request with what the platforms put on it: Express a getter and middie a copy, both through proxy trust. */
export interface PlatformRequest extends IncomingMessage {
  readonly protocol?: string;
  readonly hostname?: string;
  /** Express: the whole target, where `url` is what a mounted part sees. */
  readonly originalUrl?: string;
  /** The visitor's addresses as trusted proxies tell them: with the socket's own on Fastify, without it on Express. */
  readonly ips?: readonly string[];
}

const LOCAL_HOST = /^(?:localhost|(?:[a-z0-9-]+\.)*localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d+)?$/i;
const LOCAL_ADDRESS = /^(?:::1|(?:::ffff:)?127(?:\.\d{1,3}){3})$/;

/** Whether the visitor's side of the connection is encrypted, as far as the platform trusts its proxy. */
export function isSecure(request: PlatformRequest): boolean {
  return (
    request.protocol === 'https' ||
    (request.socket as { encrypted?: boolean } | undefined)?.encrypted === true
  );
}

/** What an operator has to write so that the platform of this request believes its proxy. */
export function proxyTrustOf(request: PlatformRequest): string {
  return 'app' in request ? "app.set('trust proxy', …)" : 'new FastifyAdapter({ trustProxy: … })';
}

/** Scheme, host and port of the page that was asked for, as a trusted proxy says it; `undefined` where none does: a Host
 *  header alone is anybody's word. */
export function forwardedOrigin(request: PlatformRequest): string | undefined {
  const { hostname, headers, ips = [] } = request;
  const isTrusted = ips.length > ('app' in request ? 0 : 1);
  if (!isTrusted || !hostname) return undefined;
  const hosts = String(headers['x-forwarded-host'] ?? '').split(',');
  for (const host of hosts) {
    const address = `${isSecure(request) ? 'https' : 'http'}://${host.trim()}`;
    const url = URL.canParse(address) ? new URL(address) : undefined;
    if (url?.hostname === hostname.toLowerCase()) return url.origin;
  }
  return undefined;
}

/** Whether a developer sits at this machine: a local name over a local address, and no proxy in between. */
export function isLoopback({ headers, socket }: IncomingMessage): boolean {
  if (
    headers.forwarded ||
    headers['x-forwarded-for'] ||
    headers['x-forwarded-proto'] ||
    headers['x-forwarded-host'] ||
    headers.via
  )
    return false;
  const host = headers.host ?? (headers[':authority'] as string | undefined) ?? '';
  return LOCAL_HOST.test(host) && LOCAL_ADDRESS.test(socket?.remoteAddress ?? '127.0.0.1');
}
