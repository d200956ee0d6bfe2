import { proxyTrustOf, type PlatformRequest } from '../http/connection.js';

/** Paths that are named in warnings, at most. */
const MAX_NAMED = 20;

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

  /** A route with cache limiter `public` sent a response that belongs to one visitor. */
  refusedPublicCache({ method = '', url = '' }: PlatformRequest): void {
    const route = `${method} ${url.split('?', 1)[0]!}`;
    if (this.publicRoutes.size >= MAX_NAMED || this.publicRoutes.has(route)) return;
    this.publicRoutes.add(route);
    this.warn(
      `The response of ${JSON.stringify(route)} was sent as nocache, not public: it sets the session cookie, or a user is logged in. ` +
        'Routes with cache limiter "public" should do without a session: @SkipSession()',
    );
  }
}
