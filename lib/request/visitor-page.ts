import type { ServerResponse } from 'node:http';
import { forwardedOrigin, isSecure, type PlatformRequest } from '../http/connection.js';
import { bringsPageId } from '../http/page-ids.js';
import { cookiesOf, dropHeader } from '../http/request-headers.js';
import { PageRewriter } from '../http/trans-sid/page-rewriter.js';
import type { PageAddress } from '../http/trans-sid/own-hosts.js';
import { rewritesHead } from '../http/trans-sid/rewritten-head.js';
import type { CookieEndpoint } from '../manager/cookie-endpoint.js';
import type { TransSid } from '../manager/open-trans-sid.js';
import type { SessionProfile } from '../manager/session-profile.js';

/** The headers by which a browser asks for less than the whole page, or for a compressed one. A rewritten page has other ids
 *  each time, so the browser must not reuse a part of an older one. A compressed page cannot be rewritten, and its length
 *  could betray its id (BREACH). */
const CONDITIONS = ['if-none-match', 'if-modified-since', 'if-range', 'range', 'accept-encoding'];

/** The page for a visitor without cookies: its links and forms carry the session's id. */
export class VisitorPage {
  /** True once the head of the response is that of a page that can be rewritten. */
  private isPage = false;

  private constructor(
    private readonly profile: SessionProfile,
    private readonly transSid: TransSid,
    private readonly request: PlatformRequest,
  ) {}

  /** Returns the page for a request, or `undefined` if its visitor needs none: he brings our cookie, or an id in a
   *  header. */
  static for(
    profile: SessionProfile,
    endpoint: CookieEndpoint,
    request: PlatformRequest,
  ): VisitorPage | undefined {
    const { transSid, options } = profile;
    if (!transSid || endpoint.cookieForbidden || endpoint.identify) return undefined;
    if (bringsCookie(profile, endpoint, request)) return undefined;
    const { sources, header } = options.id;
    if (sources.includes('header') && request.headers[header] !== undefined) return undefined;
    const page = new VisitorPage(profile, transSid, request);
    page.askForWholePage();
    return page;
  }

  /** Looks at the head of the response before the session is stored. */
  see(response: ServerResponse, args: readonly unknown[]): void {
    this.isPage = rewritesHead(response, args);
  }

  /** True if the page has to carry on an id that its handler did not ask for. */
  get carries(): boolean {
    return this.isPage && bringsPageId(this.request, this.profile.options.id.parameter);
  }

  /** Returns what puts `token`, which a cookie would hold, into the page; `undefined` if the response is no page. */
  rewriter(response: ServerResponse, args: readonly unknown[], token: string): PageRewriter | undefined {
    if (!rewritesHead(response, args)) return undefined;
    const { rules, makeScanner } = this.transSid;
    const id = { name: this.profile.options.id.parameter, value: token };
    return new PageRewriter({ rules, id, page: this.address, makeScanner });
  }

  private get address(): PageAddress {
    const { origin = forwardedOrigin(this.request) } = this.transSid.rules;
    return { secure: isSecure(this.request) || origin?.startsWith('https:') === true, origin };
  }

  private askForWholePage(): void {
    if (this.request.headers.accept?.includes('text/html'))
      for (const name of CONDITIONS) dropHeader(this.request, name);
  }
}

/** Reports whether the visitor's browser has shown that it takes our cookies. */
export const bringsCookie = (
  profile: SessionProfile,
  { cookie }: CookieEndpoint,
  request: PlatformRequest,
): boolean => profile.sendsCookies && cookie.values(cookiesOf(request)).length > 0;
