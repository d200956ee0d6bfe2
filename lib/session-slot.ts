import { after, randomPoolBytes, type Awaitable } from './crypto/index.js';
import { SessionStateError, SessionStoreError } from './errors/index.js';
import { cacheHeaders, type CacheLimiter, type PlatformRequest } from './http/index.js';
import {
  openSession,
  Session,
  SessionState,
  type Found,
  type OpenResult,
  type ReadonlyReason,
} from './session/index.js';
import type { Channel, SessionEngine } from './session-engine.js';

/** What a route says of a session. */
export interface RouteSessionOptions {
  /** Changes throw. */
  readonly readonly?: boolean;
  /** `false`: using this route does not prolong the session. */
  readonly touch?: boolean;
  /** Seconds: on this route the session counts as ended sooner than elsewhere. */
  readonly idleTimeout?: number;
  readonly onStoreDown?: 'fail' | 'anonymous';
  readonly cache?: CacheLimiter;
}

const SEED_LENGTH = 16;
const NONE: Found = { kind: 'none', reason: 'expired', ours: true };

/** One named session of one request: loaded by whoever asks first, committed with the head. */
export class SessionSlot {
  private wish: RouteSessionOptions = {};
  private loading: Promise<Session> | undefined;
  private state: SessionState | undefined;
  private clearing = false;
  private headSent = false;
  private chosen: Channel | undefined;

  constructor(
    readonly engine: SessionEngine,
    private readonly request: PlatformRequest,
  ) {}

  get route(): RouteSessionOptions {
    return this.wish;
  }

  /** Heeded also where somebody, such as a middleware, has loaded the session before the route was known. */
  set route(route: RouteSessionOptions) {
    if (route === this.wish) return;
    this.wish = route;
    if (this.state) this.heed(this.state, this.state.now());
  }

  private get channel(): Channel {
    return (this.chosen ??= this.engine.channelOf(this.request));
  }

  /** The session, loaded once. Rejects with a SessionStoreError when the store does not answer. */
  session(): Promise<Session> {
    return (this.loading ??= this.load());
  }

  /** Whether anybody has asked for the session. */
  get used(): boolean {
    return this.state !== undefined;
  }

  /** Something was done since the last commit. */
  get pending(): boolean {
    return this.state?.pending ?? false;
  }

  /** Neither the idle clock nor the id is renewed by this request. */
  dontRenew(): void {
    if (this.state) this.state.renew = 'no';
  }

  /** A token against cross-site requests, bound to a seed that the session keeps. */
  async csrfToken(): Promise<string> {
    await this.session();
    if (this.state!.view.csrfSeed === undefined) await this.makeSeed();
    return this.engine.csrf.make(this.state!.view.csrfSeed!);
  }

  /** Whether a token was made for this session. */
  async isCsrfToken(token: unknown): Promise<boolean> {
    await this.session();
    const seed = this.state!.view.csrfSeed;
    return seed !== undefined && this.engine.csrf.verify(token, seed);
  }

  /** Stores what is due, before the head leaves. */
  commit(): Awaitable<void> {
    const { state } = this;
    if (!state) return;
    if (state.unsendable && state.changed) this.engine.refusedToSend(this.request);
    const before = state.gone;
    return after(state.commit(), () => {
      if (this.engine.options.onGone === 'fail' && state.gone && !before)
        throw new SessionStateError('ERR_SESSION_GONE', 'The session ended meanwhile');
    });
  }

  /** The Set-Cookie line that the head needs, if it needs one. */
  setCookie(): string | undefined {
    const { cookie, repository, unsendable } = this.channel;
    const { state } = this;
    if (!state || unsendable) return undefined;
    if (state.cookie === 'send' && state.base) return cookie.set(repository.cookieValue(state.base));
    return state.cookie === 'clear' || this.clearing ? cookie.clear() : undefined;
  }

  cacheHeaders(): Record<string, string> {
    const { limiter, expire } = this.engine.options.cache;
    return cacheHeaders(this.route.cache ?? limiter, expire, new Date());
  }

  headLeft(): void {
    this.headSent = true;
    if (this.state) this.state.headSent = true;
  }

  /** Answers by promise, also where loading throws. */
  private load(): Promise<Session> {
    try {
      return Promise.resolve(after(this.find(), (result) => this.begin(result.found, result.clear))).catch(
        (error: unknown) => this.storeFailed(error),
      );
    } catch (error) {
      return Promise.reject(error as Error);
    }
  }

  private find(): Awaitable<OpenResult> {
    const { name, cookie, repository, events, unsendable } = this.channel;
    if (unsendable) return { found: NONE, clear: false };
    return openSession(name, repository, cookie.values(this.request.headers.cookie), events);
  }

  private begin(found: Found, clear: boolean, readonlyReason?: ReadonlyReason): Session {
    const state = new SessionState(this.channel, found);
    this.clearing = clear;
    state.unsendable = this.channel.unsendable;
    state.headSent = this.headSent;
    state.readonlyReason = readonlyReason;
    this.heed(state, found.kind === 'live' ? found.now : 0);
    this.state = state;
    return new Session(state);
  }

  private storeFailed(error: unknown): Session {
    const onStoreDown = this.route.onStoreDown ?? this.engine.options.onStoreDown;
    if (onStoreDown !== 'anonymous' || !(error instanceof SessionStoreError)) throw error;
    return this.begin(NONE, false, 'down');
  }

  private heed(state: SessionState, now: number): void {
    const { readonly, touch, idleTimeout } = this.wish;
    if (readonly) state.readonlyReason ??= 'route';
    if (touch === false) state.renew = 'no';
    if (idleTimeout && state.base && now - state.base.record.issuedAt >= idleTimeout) state.forget();
  }

  /** Stored at once where the session is: two requests that each make a seed must agree on one. */
  private async makeSeed(): Promise<void> {
    const state = this.state!;
    const seed = randomPoolBytes(SEED_LENGTH).toString('base64url');
    state.change({ apply: (draft) => void (draft.csrfSeed ??= seed) });
    if (state.base && this.channel.repository.onServer) await state.save();
  }
}
