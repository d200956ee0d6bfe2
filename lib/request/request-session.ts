import type { ServerResponse } from 'node:http';
import { andThen, type Awaitable } from '../crypto/awaitable.js';
import { SessionStateError } from '../errors/session-state.error.js';
import { UnavailableError } from '../errors/unavailable.error.js';
import { cacheHeaders } from '../http/cache-headers.js';
import type { PlatformRequest } from '../http/connection.js';
import type { BodyRewriter } from '../http/gate/rewritten-body.js';
import type { CookieEndpoint } from '../manager/cookie-endpoint.js';
import type { SessionProfile } from '../manager/session-profile.js';
import type { SessionLookup } from '../persistence/session-repository.interface.js';
import type { SessionAccess } from '../session/session-access.js';
import { Session } from '../session/session.js';
import { SessionState, type CommitGuard, type ResponseHead } from '../session/session-state.js';
import { BackendExchange } from './backend-exchange.js';
import { cleanBody, cleanRequest } from './clean-request.js';
import { CookieReturnCheck } from './cookie-return-check.js';
import { deviceOf } from './device-of.js';
import { bringsNothing, findSession, FOREIGN_ORIGIN, NO_SESSION, SESSIONS_OFF } from './find-session.js';
import { KeptSessions, keepsSessions } from './kept-sessions.js';
import { RequestCsrf } from './request-csrf.js';
import type { RequestLookup } from './request-lookup.interface.js';
import type { RequestManager } from './request-manager.interface.js';
import type { RouteSessionOptions } from './route-session-options.interface.js';
import { accessOf, isIdle, restrict, UNRESTRICTED, type RouteRestrictions } from './route-restrictions.js';
import type { SessionFeature } from './session-feature.interface.js';
import type { HeadFacts } from './session-head.js';
import { bringsCookie, VisitorPage } from './visitor-page.js';

/** The options of a route that has none. */
export const NO_OPTIONS: RouteSessionOptions = Object.freeze({});

/** What all sessions of a request share. */
interface RequestFacts extends ResponseHead {
  /** True for the handshake of a socket that a page of another origin has opened. */
  readonly foreignOrigin: boolean;
  /** True for the sessions of a socket. */
  readonly outlivesRequest: boolean;
}

/** Runs once when the session is loaded, before anybody gets it. */
export type FirstLoadListener = (session: Session, state: SessionState) => Promise<void>;

/** One named session of one request: loaded by the first who asks for it, committed before the head is sent. */
export class RequestSession {
  /** The profile of the context that the request is in. */
  readonly profile: SessionProfile;
  protected options = NO_OPTIONS;
  /** What the routes have forbidden so far. */
  protected restrictions = UNRESTRICTED;
  protected loading: Promise<Session> | undefined;
  protected session: Session | undefined;
  /** True once somebody has asked for the session. */
  private asked = false;
  private feature: SessionFeature | undefined;
  private firstLoadListener: FirstLoadListener | undefined;
  protected state: SessionState | undefined;
  private lookup: RequestLookup | undefined;
  private facts: HeadFacts | undefined;
  private keptSessions: KeptSessions | undefined;
  private returnCheck: CookieReturnCheck | undefined;
  private chosenEndpoint: CookieEndpoint | undefined;
  private platformRequest: { readonly body?: unknown } | undefined;
  /** The page of a visitor without cookies, where ids are put into pages. */
  private page: VisitorPage | undefined;
  private readonly backend: BackendExchange | undefined;

  constructor(
    readonly manager: RequestManager,
    private readonly request: PlatformRequest,
    private readonly response: RequestFacts,
  ) {
    this.profile = manager.profileFor(request);
    const { exchange } = this.profile;
    this.backend = exchange && new BackendExchange(exchange);
  }

  /** True if a route of this request has an idle timeout of its own. */
  get hasOwnIdleTimeout(): boolean {
    return this.restrictions.idleTimeout > 0;
  }

  /** The endpoint for the connection of this request. */
  get endpoint(): CookieEndpoint {
    if (!this.chosenEndpoint) this.profile.warnings.seeProxy(this.request);
    return (this.chosenEndpoint ??= this.profile.endpointOf(this.request));
  }

  /** True for the session of a socket that a page of another origin has opened. */
  get foreignOrigin(): boolean {
    return this.response.foreignOrigin;
  }

  /** Absent where no other program keeps sessions. */
  private get kept(): KeptSessions | undefined {
    if (!keepsSessions(this.endpoint)) return undefined;
    return (this.keptSessions ??= new KeptSessions(this.endpoint, this.request));
  }

  /** The CSRF tokens of this session. */
  get csrf(): RequestCsrf {
    const load = () => this.load().then(() => this.state!);
    const { csrf, options } = this.profile;
    return new RequestCsrf(csrf, options.csrf.lifetime, this.endpoint.repository.onServer, load);
  }

  /** Applies the options of the route, also where a middleware has loaded the session before the route was known. */
  applyRoute(options: RouteSessionOptions): void {
    if (options === this.options) return;
    this.options = options;
    this.restrictions = restrict(this.restrictions, options);
    if (this.state) this.applyRestrictions(this.state, this.state.now());
  }

  /** Takes the platform's own request, which has the parsed body, and the id out of the body where ids come in forms. */
  setPlatformRequest(platform: { readonly body?: unknown }): void {
    this.platformRequest = platform;
    cleanBody(this.request, this.profile, platform.body);
  }

  /** Loads the session once. Rejects with a SessionStoreError when the store does not respond. */
  load(): Promise<Session> {
    this.asked = true;
    const listener = this.firstLoadListener;
    if (!listener) return this.loading ?? this.remember(this.find());
    this.firstLoadListener = undefined;
    const loading = this.loading ?? this.find();
    return this.remember(loading.then((session) => listener(session, this.state!).then(() => session)));
  }

  /** Keeps a load for all who ask for it. */
  protected remember(loading: Promise<Session>): Promise<Session> {
    return (this.loading = loading);
  }

  /** Loads the session for somebody who may ask for it later and cannot wait then. Until {@link take}, nobody has used it, and
   *  the response says nothing of it. Returns `undefined` if the session is there on the same tick. */
  prepare(): Promise<Session> | undefined {
    const loading = this.firstLoadListener ? this.load() : (this.loading ?? this.remember(this.find()));
    return this.session ? undefined : loading;
  }

  /** Returns the session that {@link prepare} has loaded. */
  take(): Session {
    this.asked = true;
    return this.session!;
  }

  /** True if nothing in the request can lead to a session, so that {@link prepare} takes no time. */
  get bringsNothing(): boolean {
    return (
      !this.firstLoadListener && !this.loading && bringsNothing(this.profile, this.endpoint, this.request)
    );
  }

  /** True if this request has no sessions at all, by its path or host. Known once the session is loaded. */
  get isOff(): boolean {
    return this.lookup?.absence === 'off';
  }

  /** Asks a feature on top before each commit, and for the head. */
  attach(feature: SessionFeature): void {
    this.feature = feature;
    this.facts = undefined;
  }

  /** Loads the session, or reads it again if it is loaded, and applies the rules of the route to what is stored now. Where the
   *  store was down, the session is looked for again. */
  async reload(): Promise<Session> {
    if (this.lookup?.absence === 'down') this.loading = undefined;
    const session = await this.load();
    const state = this.state!;
    await state.reload();
    this.applyRestrictions(state, state.now());
    return session;
  }

  /** Takes the lock of the stored session from `take`, which gets its id inside the frame, and reads the session again. No commit
   *  counts then without the lock. Resolves to nothing if nothing is stored. Rejects with a SessionStateError (409) if the session
   *  has ended meanwhile, or is another user's: the guards of the route have judged the one that was. */
  async lock<L extends CommitGuard & { release(): Promise<void> }>(
    take: (id: Buffer) => Promise<L>,
  ): Promise<L | undefined> {
    await this.load();
    const state = this.state!;
    const before = state.loaded?.record;
    if (!before) return undefined;
    const lock = await take(before.id);
    try {
      await this.reload();
      const after = state.loaded?.record;
      if (!after || after.subject !== before.subject)
        throw new SessionStateError(
          'ERR_SESSION_GONE',
          'The session ended while the request waited for its lock',
        );
    } catch (error) {
      await lock.release();
      throw error;
    }
    state.guardCommits(lock);
    return lock;
  }

  /** Gives a lock back, once everything is stored. Without it this request stores nothing more; only a socket goes on. */
  async unlock(lock: CommitGuard & { release(): Promise<void> }): Promise<void> {
    const { response, state } = this;
    try {
      if (!response.headSent || response.answer) await this.commit();
      await state?.settled();
    } finally {
      if (response.outlivesRequest) state?.unguardCommits(lock);
      await lock.release();
    }
  }

  /** Calls `listener` when the session is next asked for, before the one who asks gets it. */
  onFirstLoad(listener: FirstLoadListener): void {
    this.firstLoadListener = listener;
  }

  /** True if somebody has asked for the session, or if the response changes it. */
  get used(): boolean {
    if (this.backend?.answered || (!this.state && this.page?.carries)) return true;
    const isUsed = this.asked || this.feature?.isCommitDue === true;
    return isUsed && this.state !== undefined && this.lookup?.absence !== 'off';
  }

  /** True if a change waits for a commit. */
  get pending(): boolean {
    return this.state?.pending ?? false;
  }

  /** Renews neither the idle clock nor the id: a guard has refused the request. */
  suppressRenewal(): void {
    this.restrictions = { ...this.restrictions, unrenewed: true };
    this.state?.grant(this.access);
  }

  /** True if the head of the response has to be read: it can change the session, or it is that of a page. */
  get readsResponseHeaders(): boolean {
    return this.backend?.readsResponse || this.profile.transSid !== undefined;
  }

  /** Takes out of the head what changes the session, and returns the arguments that `writeHead` has then. */
  takeResponseHeaders(response: ServerResponse, args: unknown[]): unknown[] {
    this.page?.see(response, args);
    return this.backend ? this.backend.readResponse(response, args) : args;
  }

  /** Prepares the request for its handler: hides what only this package may say in it, and tells a backend the session.
   *  Without a response that could carry a page or a backend's answer, it only hides. */
  onRequest(): Promise<void> | undefined {
    const { profile, request, backend } = this;
    cleanRequest(request, profile, this.manager.backendHeaders, backend);
    if (this.response.headSent) return undefined;
    if (profile.transSid) this.page = VisitorPage.for(profile, this.endpoint, request);
    return backend?.writesRequest
      ? this.load().then(() => backend.writeRequest(request, this.state!))
      : undefined;
  }

  /** Stores what is due, before the head is sent, and nothing after `until` (`performance.now()`). */
  commit(until?: number): Awaitable<void> {
    const { feature } = this;
    return feature ? andThen(feature.beforeCommit(), () => this.commitAll(until)) : this.commitAll(until);
  }

  private commitAll(until: number | undefined): Awaitable<void> {
    const { state, backend } = this;
    if (!state && this.page?.carries) return this.load().then(() => this.commitAll(until));
    if (!backend?.pending) return state && this.commitState(state, until);
    const text = backend.takeText();
    return this.load().then(() => {
      backend.mergeInto(this.state!, text);
      return this.commitState(this.state!, until);
    });
  }

  /** True if the visitor's browser has shown that it takes our cookies. */
  get bringsCookie(): boolean {
    return bringsCookie(this.profile, this.endpoint, this.request);
  }

  /** Returns what puts the id of the stored session into the page that the response is, if it is one. */
  rewriter(response: ServerResponse, args: readonly unknown[]): BodyRewriter | undefined {
    const loaded = this.state?.loaded;
    if (!this.page || !loaded) return undefined;
    return this.page.rewriter(response, args, this.endpoint.repository.cookieValue(loaded));
  }

  /** What the head of the response depends on; `undefined` while nobody has asked for the session. */
  get head(): HeadFacts | undefined {
    const { state, lookup } = this;
    if (!state || !lookup) return undefined;
    return (this.facts ??= {
      request: this.request,
      profile: this.profile,
      endpoint: this.endpoint,
      lookup,
      state,
      feature: this.feature,
      kept: this.kept,
    });
  }

  /** Returns the headers for caches. A response that belongs to one visitor (`personal`) is never public. */
  cacheHeaders(personal: boolean): Readonly<Record<string, string>> {
    const { limiter, expire, phpHeaders } = this.profile.options.cache;
    const asked = this.options.cache ?? limiter;
    const refused = asked === 'public' && personal;
    if (refused) this.reportRefusedCache();
    return cacheHeaders(refused ? 'nocache' : asked, expire, phpHeaders);
  }

  /** Tells the operator that this response was to be public, which it must not be. */
  reportRefusedCache(): void {
    this.profile.warnings.refusedPublicCache(this.request);
  }

  /** Commits the state, and fails the response with 409 if the session has ended and `session.onGone` is `fail`. */
  private commitState(state: SessionState, until: number | undefined): Awaitable<void> {
    const { profile, endpoint, request } = this;
    if (endpoint.cookieForbidden && state.pending) profile.warnings.refusedPlainHttp(request);
    const before = state.ended;
    const check = state.pending && !state.loaded ? this.returnCheck : undefined;
    const ended = this.kept?.end(state, until);
    return andThen(ended ? ended.then(() => state.commit(until)) : state.commit(until), () => {
      check?.sawCommit(state);
      if (profile.options.onGone === 'fail' && state.ended && !before)
        throw new SessionStateError('ERR_SESSION_GONE', 'The session ended meanwhile');
    });
  }

  /** Rejects where finding the session throws. */
  private find(): Promise<Session> {
    const failed = (error: unknown) => this.storeFailed(error);
    try {
      const session = andThen(this.lookUp(), (lookup) => this.begin(lookup));
      return session instanceof Promise ? session.catch(failed) : Promise.resolve(session);
    } catch (error) {
      return Promise.reject(error as Error).catch(failed);
    }
  }

  private lookUp(): Awaitable<RequestLookup> {
    const { manager, profile, endpoint, request } = this;
    if (this.response.foreignOrigin) return FOREIGN_ORIGIN;
    if (!manager.covers(profile, request)) return SESSIONS_OFF;
    return findSession(profile, endpoint, request, this.platformRequest?.body);
  }

  /** Begins the state of the session that was found, and applies the rules that are known by now. */
  private begin(lookup: RequestLookup): Session {
    this.returnCheck = CookieReturnCheck.for(this.profile, this.endpoint, this.request);
    const found = this.returnCheck?.foundOrRefused(lookup) ?? lookup.found;
    const state = this.stateOf(found);
    this.lookup = lookup;
    this.state = state;
    this.facts = undefined;
    this.applyRestrictions(state, found.kind === 'live' ? found.now : 0);
    return (this.session = new Session(state));
  }

  /** Returns an anonymous session that can only be read, if `onStoreDown` asks for it and the store is down. Throws
   *  otherwise. */
  private storeFailed(error: unknown): Session {
    const onStoreDown = this.options.onStoreDown ?? this.profile.options.onStoreDown;
    if (onStoreDown !== 'anonymous' || !(error instanceof UnavailableError)) throw error;
    return this.begin({ found: NO_SESSION, clear: false, absence: 'down' });
  }

  /** Grants what the routes allow, and hides a session that the idle timeout of a route has ended. */
  protected applyRestrictions(state: SessionState, now: number): void {
    state.grant(this.access);
    if (state.loaded && isIdle(this.restrictions, state.loaded.record, now)) state.hide();
  }

  protected stateOf(found: SessionLookup): SessionState {
    return new SessionState(this.endpoint, found, this.response, () => deviceOf(this.profile, this.request));
  }

  /** What this request may do now. */
  protected get access(): SessionAccess {
    return this.accessUnder(this.restrictions);
  }

  protected accessUnder(restrictions: RouteRestrictions): SessionAccess {
    return accessOf(restrictions, this.endpoint, this.lookup?.absence);
  }
}
