import { proxyTrustOf, type PlatformRequest } from '../http/connection.js';

/** Paths that are named in warnings, at most. */
const MAX_NAMED = 20;

/** Letters of a path in a warning, at most. */
const MAX_NAME = 200;

/** Warnings that requests cause. Each is logged once, and for at most {@link MAX_NAMED} paths, since strangers can cause
 *  them too. */
export class OperatorWarnings {
  private plainHttp = false;
  private readonly publicRoutes = new Set<string>();

  constructor(private readonly warn: (message: string) => void) {}

  /** A session was begun over plain http from another machine, so it was neither stored nor sent. */
  refusedPlainHttp(request: PlatformRequest): void {
    if (this.plainHttp) return;
    this.plainHttp = true;
    this.warn(
      'A session was not kept: its request came over plain http, so no cookie was set. Behind a proxy that speaks TLS, ' +
        `tell the platform to trust it: ${proxyTrustOf(request)}. Without any TLS, set cookie.secure: false`,
    );
  }

  /** A route sent a response that belongs to one visitor, and its cache limiter or its own Cache-Control lets shared caches
   *  store it. */
  refusedPublicCache({ method = '', url = '' }: PlatformRequest): void {
    const route = `${method} ${url.slice(0, MAX_NAME).split('?', 1)[0]!}`;
    if (this.publicRoutes.size >= MAX_NAMED || this.publicRoutes.has(route)) return;
    this.publicRoutes.add(route);
    this.warn(
      `The response of ${JSON.stringify(route)} was sent as no-store, although its Cache-Control or cache limiter lets shared caches store it: ` +
        'it sets a session cookie, or a user is logged in. Routes that are public should do without a session: @SkipSession()',
    );
  }
}
