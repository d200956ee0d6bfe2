import type { ServerResponse } from 'node:http';
import { andThen, type Awaitable } from '../crypto/awaitable.js';
import { randomPoolBytes } from '../crypto/random-pool.js';
import { SessionStateError } from '../errors/session-state.error.js';
import { UnavailableError } from '../errors/unavailable.error.js';
import { findSession, NONE } from './find-session.js';
import type { RequestLookup } from './request-lookup.interface.js';
import { cacheHeaders } from '../http/cache-headers.js';
import { dropHeader, hideCookies, putHeader } from '../http/request-headers.js';
import { takeFieldId, takeQueryId } from '../http/page-ids.js';
import { takeFromHead } from '../http/gate/response-head.js';
import type { BodyRewriter } from '../http/gate/rewritten-body.js';
import type { IdSource } from '../http/id-sources.js';
import type { PlatformRequest } from '../http/connection.js';
import type { RouteSessionOptions } from './route-session-options.interface.js';
import { Session } from '../session/session.js';
import { SessionState } from '../session/session-state.js';
import type { HeaderExchange } from '../persistence/session-format.interface.js';
import type { CookieEndpoint } from '../manager/cookie-endpoint.js';
import type { SessionEngine } from '../manager/session-engine.js';
import { bringsCookie, VisitorPage } from './visitor-page.js';

const SEED_LENGTH = 16;
const NO_WISH: RouteSessionOptions = Object.freeze({});

/** One named session of one request: loaded by whoever asks first, committed with the head. */
export class RequestSession {
  /** The next session of the same request. */
  next: RequestSession | undefined;
  private routeOptions: RouteSessionOptions = NO_WISH;
  private loading: Promise<Session> | undefined;
  private firstLoadListener: ((session: Session) => Promise<void>) | undefined;
  private state: SessionState | undefined;
  private clearing = false;
  private headSent = false;
  private chosenEndpoint: CookieEndpoint | undefined;
  /** Where the session came from, if it was led over from another form. */
  private migrationSource: RequestLookup['migrationSource'];
  /** What a response told the session in a header, to be merged before it is stored. */
  private sessionHeaderText: string | undefined;
  /** Where the id came from, and where a new one is told. */
  private idSource: IdSource = 'cookie';
  private platformRequest: { readonly body?: unknown } | undefined;
  /** Of a visitor without cookies, where ids are put into pages. */
  private page: VisitorPage | undefined;
  /** Of the context that the request is in. */
  readonly engine: SessionEngine;

  constructor(
    readonly root: SessionEngine,
    private readonly request: PlatformRequest,
  ) {
    this.engine = root.contexts.engineFor(request);
  }

  /** The platform's own request, which has the parsed body. */
  set platform(platform: { readonly body?: unknown }) {
    this.platformRequest = platform;
    if (this.engine.cookieOnly) return;
    const { sources, parameter } = this.engine.options.id;
    if (sources.includes('body')) takeFieldId(this.request, platform.body, parameter);
  }

  get route(): RouteSessionOptions {
    return this.routeOptions;
  }

  /** Heeded also where somebody, such as a middleware, has loaded the session before the route was known. */
  set route(route: RouteSessionOptions) {
    if (route === this.routeOptions) return;
    this.routeOptions = route;
    if (this.state) this.applyRouteOptions(this.state, this.state.now());
  }

  get endpoint(): CookieEndpoint {
    return (this.chosenEndpoint ??= this.engine.endpointOf(this.request));
  }

  /** The session, loaded once. Rejects with a SessionStoreError when the store does not answer. */
  session(): Promise<Session> {
    const { firstLoadListener } = this;
    if (!firstLoadListener) return (this.loading ??= this.load());
    this.firstLoadListener = undefined;
    const loading = this.loading ?? this.load();
    return (this.loading = loading.then((session) => firstLoadListener(session).then(() => session)));
  }

  /** Has `look` see the session when it is next asked for, before whoever asks. */
  onFirstLoad(look: (session: Session) => Promise<void>): void {
    this.firstLoadListener = look;
  }

  /** Whether anybody has asked for the session, or a response has told it something. */
  get used(): boolean {
    if (this.sessionHeaderText !== undefined || (!this.state && this.page?.carries)) return true;
    return this.state !== undefined && this.state.readonlyReason !== 'off';
  }

  /** Something was done since the last commit. */
  get pending(): boolean {
    return this.state?.pending ?? false;
  }

  /** Neither the idle clock nor the id is renewed by this request. */
  suppressRenewal(): void {
    if (this.state) this.state.renew = 'no';
  }

  /** A token against cross-site requests, bound to a seed that the session keeps. */
  async csrfToken(): Promise<string> {
    await this.session();
    if (this.state!.current.csrfSeed === undefined) await this.makeSeed();
    return this.engine.csrf.make(this.state!.current.csrfSeed!);
  }

  /** Whether a token was made for this session. */
  async isCsrfToken(token: unknown): Promise<boolean> {
    await this.session();
    const seed = this.state!.current.csrfSeed;
    return seed !== undefined && this.engine.csrf.verify(token, seed);
  }

  /** Whether the head of the response matters here: it may tell the session something, or be one of a page. */
  get readsResponseHeaders(): boolean {
    return this.exchange?.header !== undefined || this.engine.transSid !== undefined;
  }

  /** Takes what a response tells the session out of its head; it is merged before the commit. */
  takeResponseHeaders(response: ServerResponse, args: unknown[]): unknown[] {
    this.page?.see(response, args);
    const header = this.exchange?.header;
    if (!header) return args;
    const head = takeFromHead(response, args, header);
    if (head.values.length) this.sessionHeaderText = head.values[0]!;
    return head.args;
  }

  /** Clears the request of what only we may say in it, and tells a backend what it may know. */
  onRequest(): Promise<void> | undefined {
    this.clean();
    if (this.engine.transSid) this.page = VisitorPage.for(this.engine, this.endpoint, this.request);
    const { exchange } = this;
    return exchange?.env ? this.writeBackendHeader(exchange) : undefined;
  }

  /** Takes out of the request what only we may say in it, for all contexts, since a backend may read the path otherwise,
   *  and our cookie where that is asked for. */
  clean(): void {
    const { exchange, request } = this;
    const { envHeaders } = this.root;
    const { sources, parameter } = this.engine.options.id;
    if (!this.engine.cookieOnly && sources.includes('query')) takeQueryId(request, parameter);
    if (envHeaders.size) for (const name of envHeaders) dropHeader(request, name);
    if (exchange?.cookieRemove) hideCookies(request, this.engine.cookieNames);
  }

  private async writeBackendHeader(exchange: HeaderExchange): Promise<void> {
    await this.session();
    putHeader(
      this.request,
      exchange.envHeader,
      this.state!.loaded ? exchange.textOf(this.state!.current) : '',
    );
  }

  private get exchange(): HeaderExchange | undefined {
    return this.engine.options.crypto.format?.exchange;
  }

  /** Stores what is due, before the head leaves. */
  commit(): Awaitable<void> {
    if (!this.state && this.page?.carries) return this.session().then(() => this.commit());
    return this.sessionHeaderText
      ? this.mergeSessionHeader(this.sessionHeaderText).then(() => this.commitState())
      : this.commitState();
  }

  /** Whether the visitor's browser has shown that it takes our cookies. */
  get bringsCookie(): boolean {
    return bringsCookie(this.engine, this.endpoint, this.request);
  }

  /** Puts the id of the session, once it is stored, into the page that the response is. */
  rewriter(response: ServerResponse, args: readonly unknown[]): BodyRewriter | undefined {
    const base = this.state?.loaded;
    if (!this.page || !base) return undefined;
    return this.page.rewriter(response, args, this.endpoint.repository.cookieValue(base));
  }

  private async mergeSessionHeader(text: string): Promise<void> {
    this.sessionHeaderText = undefined;
    await this.session();
    const exchange = this.exchange!;
    if (this.state!.takesChanges) this.state!.change({ apply: (draft) => exchange.merge(draft, text) });
  }

  private commitState(): Awaitable<void> {
    const { state } = this;
    if (!state) return;
    if (state.cookieForbidden && state.changed) this.engine.refusedToSend(this.request);
    const before = state.gone;
    return andThen(state.commit(), () => {
      if (this.engine.options.onGone === 'fail' && state.gone && !before)
        throw new SessionStateError('ERR_SESSION_GONE', 'The session ended meanwhile');
    });
  }

  /** The Set-Cookie line that the head needs, if it needs one. */
  setCookie(): string | undefined {
    const { cookie, repository, cookieForbidden, identify } = this.endpoint;
    const { state } = this;
    if (!state || cookieForbidden || identify || this.idSource === 'header' || !this.engine.sendsCookies)
      return undefined;
    if (state.cookie === 'send' && state.loaded) return cookie.set(repository.cookieValue(state.loaded));
    return state.cookie === 'clear' || this.clearing ? cookie.clear() : undefined;
  }

  /** The header that tells a new id to whoever brings ids in a header; empty once the session has ended. */
  idHeader(): Readonly<Record<string, string>> | undefined {
    const { state, endpoint } = this;
    if (!state || this.idSource !== 'header' || endpoint.cookieForbidden) return undefined;
    const name = this.engine.options.id.header;
    if (state.cookie === 'send' && state.loaded)
      return { [name]: endpoint.repository.cookieValue(state.loaded) };
    return state.cookie === 'clear' ? { [name]: '' } : undefined;
  }

  /** The request headers that the answer depends on. */
  get vary(): string {
    return this.engine.vary;
  }

  /** The line that makes a browser forget the cookie of the form that the session came in, once it is one of ours. */
  clearMigratedCookie(): string | undefined {
    return this.state?.loaded?.migratableUntil || this.state?.isHiddenByRoute
      ? undefined
      : this.migrationSource?.cookie.clear();
  }

  /** Whether somebody is logged in. */
  get hasSubject(): boolean {
    return this.state?.current.subject !== undefined;
  }

  /** What caches may do with the answer. One that is somebody's own is never public. */
  cacheHeaders(personal: boolean): Readonly<Record<string, string>> {
    const { limiter, expire } = this.engine.options.cache;
    const wished = this.route.cache ?? limiter;
    const refused = wished === 'public' && personal;
    if (refused) this.engine.refusedPublic(this.request);
    return cacheHeaders(refused ? 'nocache' : wished, expire, new Date());
  }

  onHeadSent(): void {
    this.headSent = true;
    if (this.state) this.state.headSent = true;
  }

  /** Answers by promise, also where loading throws. */
  private load(): Promise<Session> {
    try {
      const found = findSession(this.engine, this.endpoint, this.request, this.platformRequest?.body);
      const session = andThen(found, (one) => this.begin(one));
      if (!(session instanceof Promise)) return Promise.resolve(session);
      return session.catch((error: unknown) => this.storeFailed(error));
    } catch (error) {
      return Promise.reject(error as Error).catch((one: unknown) => this.storeFailed(one));
    }
  }

  private begin({ found, clear, idSource = 'cookie', migrationSource, absence }: RequestLookup): Session {
    const state = new SessionState(this.endpoint, found);
    this.clearing = clear;
    this.idSource = idSource;
    this.migrationSource = migrationSource;
    state.cookieForbidden = this.endpoint.cookieForbidden;
    state.headSent = this.headSent;
    state.readonlyReason = absence;
    this.applyRouteOptions(state, found.kind === 'live' ? found.now : 0);
    this.state = state;
    return new Session(state);
  }

  private storeFailed(error: unknown): Session {
    const onStoreDown = this.route.onStoreDown ?? this.engine.options.onStoreDown;
    if (onStoreDown !== 'anonymous' || !(error instanceof UnavailableError)) throw error;
    return this.begin({ found: NONE, clear: false, absence: 'down' });
  }

  private applyRouteOptions(state: SessionState, now: number): void {
    const { readonly, touch, idleTimeout } = this.routeOptions;
    if (readonly) state.readonlyReason ??= 'route';
    if (touch === false) state.renew = 'no';
    if (idleTimeout && state.loaded && now - state.loaded.record.lastSeenAt >= idleTimeout)
      state.hideForRoute();
  }

  /** Stored at once where the session is: two requests that each make a seed must agree on one. */
  private async makeSeed(): Promise<void> {
    const state = this.state!;
    const seed = randomPoolBytes(SEED_LENGTH).toString('base64url');
    state.change({ apply: (draft) => void (draft.csrfSeed ??= seed) });
    if (state.loaded && this.endpoint.repository.onServer) await state.save();
  }
}
