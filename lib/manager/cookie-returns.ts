import type { PlatformRequest } from '../http/connection.js';
import type { Cookie } from '../http/cookie.js';
import { whyUnreachable, type Unreachable } from '../http/cookie-reach.js';

/** Seconds after which one more session is begun, to see whether its cookie comes back. */
const PROBE_INTERVAL = 60;

/** Watches whether a cookie comes back to requests from which it seems that it cannot. A proxy may have changed host, path or
 *  protocol, so what the request says is no proof, but a cookie that has come back is. Until one has, few sessions begin
 *  there: each request would store another one that nobody can find again. */
export class CookieReturns {
  private hasReturned = false;
  private nextProbe = 0;

  constructor(private readonly cookie: Cookie) {}

  /** Returns why no session may begin with this request; `undefined` if one may. `now` is in seconds. */
  refusal(request: PlatformRequest, now: number): Unreachable | undefined {
    if (this.hasReturned || now >= this.nextProbe) return undefined;
    return whyUnreachable(this.cookie, request);
  }

  /** A request has brought an authentic cookie. */
  sawCookie(request: PlatformRequest): void {
    if (!this.hasReturned && whyUnreachable(this.cookie, request)) this.hasReturned = true;
  }

  /** A session has begun with this request. */
  sawBeginning(request: PlatformRequest, now: number): void {
    if (!this.hasReturned && whyUnreachable(this.cookie, request)) this.nextProbe = now + PROBE_INTERVAL;
  }
}

/** Returns the watch for a cookie; `undefined` if every request that may set it brings it back. */
export const watchReturns = (cookie: Cookie, isForced: boolean): CookieReturns | undefined =>
  cookie.place.path !== '/' || cookie.place.domain || (cookie.secure && isForced)
    ? new CookieReturns(cookie)
    : undefined;
