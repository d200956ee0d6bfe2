import type { TellOperator } from '../errors/log-lines.js';
import { isProxyTrusted, proxyTrustOf, type PlatformRequest } from '../http/connection.js';
import type { Cookie } from '../http/cookie.js';
import type { Unreachable } from '../http/cookie-reach.js';
import { targetOf } from '../http/request-target.js';
import { plainHttpRemedy, tlsRemedy } from './plain-http-remedy.js';

/** Paths that are named in warnings, at most. */
const MAX_NAMED = 20;

/** Addresses that proxies were judged by, at most. */
const MAX_PROXIES = 100;

/** Letters of a path or host in a warning, at most. */
const MAX_NAME = 200;

/** Warnings that requests cause. Each is logged once, and for at most {@link MAX_NAMED} paths, since strangers can cause
 *  them too. */
export class OperatorWarnings {
  private readonly proxies = new Set<boolean>();
  /** The addresses of proxies that were judged: a platform trusts an address, and finds that out anew for each request. */
  private readonly judged = new Set<string>();
  private plainHttp = false;
  private readonly unreachable = new Set<Unreachable>();
  private handshake = false;
  private readonly publicRoutes = new Set<string>();

  constructor(private readonly tell: TellOperator) {}

  /** A request has come. The first one through a proxy that the platform trusts, and the first one through a proxy that it does
   *  not trust, get a line each. */
  seeProxy(request: PlatformRequest): void {
    const address = request.socket?.remoteAddress ?? '';
    if (this.proxies.size > 1 || this.judged.has(address)) return;
    const isTrusted = isProxyTrusted(request);
    if (isTrusted === undefined) return;
    if (this.judged.size < MAX_PROXIES) this.judged.add(address);
    if (this.proxies.has(isTrusted)) return;
    this.proxies.add(isTrusted);
    if (isTrusted)
      return this.tell('A request came through a proxy that the platform trusts', 'proxyTrusted');
    this.tell(
      'A request came with headers of a proxy, and the platform does not trust that proxy, so visitors count as the proxy, and over ' +
        `plain http. If it is your proxy, tell the platform: ${proxyTrustOf(request)}. If it is not, somebody has made the headers up`,
      'proxyNotTrusted',
    );
  }

  /** A session was begun over plain http from another machine, so it was neither stored nor sent. */
  refusedPlainHttp(request: PlatformRequest): void {
    if (this.plainHttp) return;
    this.plainHttp = true;
    this.tell(
      `A session was not kept: its request came over plain http, so no cookie was set. ${plainHttpRemedy(request)}`,
      'plainHttp',
    );
  }

  /** A session was not kept, because its cookie would not come back. */
  refusedUnreachable(why: Unreachable, request: PlatformRequest, { place }: Cookie): void {
    if (this.unreachable.has(why)) return;
    this.unreachable.add(why);
    const [domain, host] = [JSON.stringify(place.domain), quoted(targetOf(request).host)];
    const path = quoted((request.originalUrl ?? request.url ?? '').split('?', 1)[0]!);
    const reasons: Record<Unreachable, string> = {
      path:
        `cookie.path is ${JSON.stringify(place.path)}, so browsers do not send the cookie to ${path}. Set cookie.path to a path ` +
        'above all routes with sessions, such as "/"; a route that needs none can have @SkipSession()',
      domain:
        `cookie.domain is ${domain}, so browsers refuse the cookie from the host ${host}. Remove cookie.domain, ` +
        'or open the site under that domain. A proxy must pass the Host header on',
      secure:
        'cookie.secure is true, and the request came over plain http, so browsers refuse the cookie. ' +
        tlsRemedy(request),
    };
    this.tell(
      `A session was not kept: ${reasons[why]}. Until such a cookie has come back, one new session a minute is kept there`,
      'unreachableCookie',
      { reason: why },
    );
  }

  /** A page of another origin has opened a socket, so its handshake got no session. */
  refusedHandshake({ headers: { origin = '' } }: PlatformRequest): void {
    if (this.handshake) return;
    this.handshake = true;
    this.tell(
      `A page of ${JSON.stringify(origin.slice(0, 100))} has opened a socket, and its session was not used, since the page has another origin. ` +
        'If the page is yours, name it: attach(request, client, { origins: [origin] })',
      'foreignOrigin',
      { origin: origin.slice(0, 100) },
    );
  }

  /** A route sent a response that belongs to one visitor, and its cache limiter or its own Cache-Control lets shared caches
   *  store it. */
  refusedPublicCache({ method = '', url = '' }: PlatformRequest): void {
    const route = `${method} ${url.slice(0, MAX_NAME).split('?', 1)[0]!}`;
    if (this.publicRoutes.size >= MAX_NAMED || this.publicRoutes.has(route)) return;
    this.publicRoutes.add(route);
    this.tell(
      `The response of ${JSON.stringify(route)} was sent as no-store, although its Cache-Control or cache limiter lets shared caches store it: ` +
        'it sets a session cookie, or a user is logged in. Routes that are public should do without a session: @SkipSession()',
      'publicCache',
      { route },
    );
  }
}

/** A text of a request as it may stand in a log line. */
const quoted = (text: string): string => JSON.stringify(text.slice(0, MAX_NAME));
