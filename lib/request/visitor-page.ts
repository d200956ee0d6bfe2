import type { ServerResponse } from 'node:http';
import { bringsPageId } from '../http/page-ids.js';
import { cookiesOf, dropHeader } from '../http/request-headers.js';
import { forwardedOrigin, isSecure, type PlatformRequest } from '../http/connection.js';
import { PageRewriter } from '../http/trans-sid/page-rewriter.js';
import { rewritesHead } from '../http/trans-sid/rewritten-head.js';
import type { PageAddress } from '../http/trans-sid/own-hosts.js';
import type { TransSid } from '../manager/open-trans-sid.js';
import type { CookieEndpoint } from '../manager/cookie-endpoint.js';
import type { SessionEngine } from '../manager/session-engine.js';

/** What a browser asks with for less than the whole page. Ours has other ids each time, so that it must not answer with
 *  what it has. */
const CONDITIONS = ['if-none-match', 'if-modified-since', 'if-range', 'range'];

/** The page that a visitor without cookies gets: its links and forms carry the session's id. */
export class VisitorPage {
  /** The answer is a page that can be rewritten. */
  private isPage = false;

  constructor(
    private readonly engine: SessionEngine,
    private readonly transSid: TransSid,
    private readonly request: PlatformRequest,
  ) {}

  /** The page for a request, where its visitor needs one: who brings our cookie, or an id in a header, does not. */
  static for(
    engine: SessionEngine,
    channel: CookieEndpoint,
    request: PlatformRequest,
  ): VisitorPage | undefined {
    const { transSid, options } = engine;
    if (!transSid || channel.cookieForbidden || channel.identify) return undefined;
    if (bringsCookie(engine, channel, request)) return undefined;
    const { sources, header } = options.id;
    if (sources.includes('header') && request.headers[header] !== undefined) return undefined;
    const page = new VisitorPage(engine, transSid, request);
    page.askForAll();
    return page;
  }

  /** Looks at the head of the answer before the session is stored. */
  see(response: ServerResponse, args: readonly unknown[]): void {
    this.isPage = rewritesHead(response, args);
  }

  /** Whether the page has to carry on an id that its handler did not ask for. */
  get carries(): boolean {
    return this.isPage && bringsPageId(this.request, this.engine.options.id.parameter);
  }

  /** `token`: what a cookie would hold. */
  rewriter(response: ServerResponse, args: readonly unknown[], token: string): PageRewriter | undefined {
    if (!rewritesHead(response, args)) return undefined;
    const { rules, makeScanner } = this.transSid;
    const id = { name: this.engine.options.id.parameter, value: token };
    return new PageRewriter({ rules, id, page: this.address, makeScanner });
  }

  private get address(): PageAddress {
    const { origin = forwardedOrigin(this.request) } = this.transSid.rules;
    return { secure: isSecure(this.request) || origin?.startsWith('https:') === true, origin };
  }

  private askForAll(): void {
    if (this.request.headers.accept?.includes('text/html'))
      for (const name of CONDITIONS) dropHeader(this.request, name);
  }
}

/** Whether a visitor's browser has shown that it takes our cookies. */
export const bringsCookie = (
  engine: SessionEngine,
  { cookie }: CookieEndpoint,
  request: PlatformRequest,
): boolean => engine.sendsCookies && cookie.values(cookiesOf(request)).length > 0;
