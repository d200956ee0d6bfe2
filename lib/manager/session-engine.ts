import type { EnvelopeContext } from '../envelope/envelope-context.js';
import type { Envelope } from '../envelope/envelope.js';
import { codeOf } from '../errors/session-store.error.js';
import { SessionConfigError } from '../errors/session-config.error.js';
import { SessionCryptoError } from '../errors/session-crypto.error.js';
import { isLoopback, isSecure, proxyTrustOf, type PlatformRequest } from '../http/connection.js';
import { openCrypto, type CryptoParts } from './open-crypto.js';
import { openTransSid, type TransSid } from './open-trans-sid.js';
import { isCookieStore, isForeignStore } from '../options/store-kind.js';
import type { DriverContainer, OpenedDriver } from '../options/resolve-driver.js';
import type { ResolvedOptions } from '../options/resolved-options.interface.js';
import { envelopeContextOf, createEndpoint, type CookieEndpoint } from './cookie-endpoint.js';
import { SessionContexts } from './profile-selector.js';
import { CsrfTokens } from '../envelope/csrf-token.js';
import { MonitoredStore } from '../persistence/monitored.store.js';
import { NEVER, toDate, toSeconds } from '../record/session-lifetime.js';
import { StoreHealth } from '../persistence/store-health.js';
import type { ForeignStore } from '../persistence/foreign-store.interface.js';
import type { SessionEvents } from '../persistence/session-events.js';
import type { ResolveToken } from '../stores/session-store.interface.js';
import type { SessionClock } from '../record/session-clock.js';

/** Paths that are named in warnings, at most. */
const MAX_SAID = 20;

/** What all engines of one `forRoot` share. */
export interface EngineParts {
  readonly name: string;
  readonly events: SessionEvents;
  readonly clock: SessionClock;
  /** Where a driver that the application provides comes from. */
  readonly drivers: DriverContainer;
  warn(message: string): void;
}

/** Everything that one set of options is made of: the base set of a `forRoot`, or one of its contexts. */
export class SessionEngine {
  readonly name: string;
  readonly events: SessionEvents;
  readonly csrf: CsrfTokens;
  readonly store: MonitoredStore | undefined;
  readonly foreign: ForeignStore | undefined;
  readonly contexts: SessionContexts<SessionEngine>;
  /** Ids are looked for in the cookie and nowhere else. */
  readonly cookieOnly: boolean;
  readonly sendsCookies: boolean;
  /** The request headers that answers depend on. */
  readonly vary: string;
  /** How ids come into the pages of visitors without cookies. */
  transSid: TransSid | undefined;
  private readonly health: StoreHealth;
  private readonly secure: CookieEndpoint | undefined;
  private readonly plain: CookieEndpoint | undefined;
  private readonly refused: CookieEndpoint | undefined;
  private saidRefusal = false;
  private envNames: ReadonlySet<string> | undefined;
  private readonly saidPublic = new Set<string>();

  private constructor(
    readonly options: ResolvedOptions,
    private readonly parts: EngineParts,
    private readonly driver: OpenedDriver,
    private readonly crypto: CryptoParts,
    /** The engine of all requests that no context is for. */
    base?: SessionEngine,
  ) {
    const { store, cookies, commitTimeout } = options;
    const shared = base?.contexts.all().find((one) => one.options.store === store);
    const { sources, header } = options.id;
    this.sendsCookies = sources.includes('cookie');
    this.cookieOnly = this.sendsCookies && sources.length === 1;
    this.vary = sources.includes('header') ? `Cookie, ${header}` : 'Cookie';
    this.name = parts.name;
    this.events = parts.events;
    this.csrf = new CsrfTokens(crypto.keys);
    this.health = shared?.health ?? new StoreHealth(parts.name, parts.events, commitTimeout);
    this.foreign = isForeignStore(store) ? store : undefined;
    this.store =
      isCookieStore(store) || isForeignStore(store)
        ? undefined
        : (shared?.store ?? new MonitoredStore(store, this.health));
    this.secure = cookies.secure && this.createEndpoint(cookies.secure);
    this.plain = cookies.plain && this.createEndpoint(cookies.plain);
    this.refused = this.plain && { ...this.plain, cookieForbidden: true };
    this.contexts = new SessionContexts<SessionEngine>(this, base?.contexts);
  }

  /** Opens and tests the driver, of which all contexts have the same, reads the keys and puts the parts together.
   *  Rejects with a SessionConfigError. */
  static async create(options: ResolvedOptions, parts: EngineParts): Promise<SessionEngine> {
    const opened = await options.crypto.driver.open(parts.drivers);
    try {
      return await SessionEngine.assemble(options, parts, opened);
    } catch (error) {
      await opened.close().catch(() => undefined); // what stopped the start is told
      throw error;
    }
  }

  private static async assemble(
    options: ResolvedOptions,
    parts: EngineParts,
    opened: OpenedDriver,
  ): Promise<SessionEngine> {
    const { name, events } = parts;
    const listener = {
      reloaded: (keys: number) => events.emit('keysReloaded', { session: name, keys }),
      failed: (error: unknown) => events.emit('keysFailed', { session: name, message: messageOf(error) }),
    };
    const known = new Map<ResolvedOptions['crypto'], CryptoParts>();
    const cryptoOf = async ({ crypto }: ResolvedOptions, path: string) => {
      const made = known.get(crypto) ?? (await openCrypto(crypto, opened.driver, path, listener));
      known.set(crypto, made);
      return made;
    };
    const base = new SessionEngine(options, parts, opened, await cryptoOf(options, 'crypto'));
    for (const [i, context] of options.contexts.entries()) {
      const crypto = await cryptoOf(context.options, `contexts[${i}].crypto`);
      base.contexts.add(context, new SessionEngine(context.options, parts, opened, crypto, base));
    }
    for (const engine of base.contexts.all())
      engine.transSid = await openTransSid(engine.options.id.transSid);
    return base;
  }

  /** Opens the stores, and begins to listen for new keys: both only once the application is put together. */
  async open(resolve: ResolveToken): Promise<void> {
    for (const engine of this.contexts.withOwnStore()) await (engine.store ?? engine.foreign)?.open(resolve);
    for (const engine of this.contexts.withOwnKeys()) engine.eachKeys((keys) => keys.listen());
  }

  /** Waits for the saves that are under way. */
  async drain(): Promise<void> {
    for (const engine of this.contexts.withOwnStore()) await engine.health.drain();
  }

  async close(): Promise<void> {
    for (const engine of this.contexts.withOwnKeys()) engine.eachKeys((keys) => keys.stop());
    try {
      await this.drain();
      for (const engine of this.contexts.withOwnStore()) await (engine.store ?? engine.foreign)?.close();
    } finally {
      await this.driver.close();
    }
  }

  /** Reads all secrets again. Rejects when a source fails. */
  async reloadKeys(): Promise<void> {
    const reloads: Promise<void>[] = [];
    for (const engine of this.contexts.withOwnKeys()) engine.eachKeys((keys) => reloads.push(keys.reload()));
    await Promise.all(reloads);
  }

  /** Removes what has expired in every store that can; `undefined` where none can. */
  prune(): Promise<number> | undefined {
    const pruning = this.contexts.withOwnStore().flatMap((engine) => engine.pruneOwn() ?? []);
    if (!pruning.length) return undefined;
    return Promise.all(pruning).then((removed) => removed.reduce((sum, one) => sum + one, 0));
  }

  /** Whether this request is one after which the stores are pruned. @see PHP `session.gc_probability` */
  drawsPrune(): boolean {
    const { probability, divisor } = this.options.prune;
    return probability > 0 && Math.random() * divisor < probability;
  }

  /** Prunes while nobody waits for it. */
  pruneQuietly(): void {
    void this.prune()?.catch(() => undefined); // the store's health has told it
  }

  /** Whether anything can be pruned. */
  get prunes(): boolean {
    return this.contexts.withOwnStore().some(({ store, foreign }) => Boolean(store?.prune ?? foreign));
  }

  /** The channel of a request, by the connection that the visitor sees. */
  endpointOf(request: PlatformRequest): CookieEndpoint {
    const { secure, plain, refused } = this;
    if (!plain) return secure!;
    if (secure && isSecure(request)) return secure;
    return !this.options.cookies.plainOnLoopbackOnly || isLoopback(request) ? plain : refused!;
  }

  /** Names of the cookies that are read. */
  get cookieNames(): string[] {
    return [this.secure, this.plain].flatMap((channel) => channel?.cookie.name ?? []);
  }

  /** Whether both would read one and the same cookie. */
  sharesCookie(other: SessionEngine): boolean {
    const names = (engine: SessionEngine) => engine.contexts.all().flatMap((one) => one.cookieNames);
    return names(this).some((name) => names(other).includes(name));
  }

  /** Any channel, for work that no request asks for. */
  get anyEndpoint(): CookieEndpoint {
    return (this.secure ?? this.plain)!;
  }

  /** What seals the rows of the store; absent where another form takes our own's place. */
  get envelope(): Envelope | undefined {
    return this.crypto.native?.envelope;
  }

  /** Context of the sealed rows. */
  get rowContext(): EnvelopeContext {
    return envelopeContextOf(this.options, 'session', this.store!.kind, this.store!.name);
  }

  /** How long a session that is ended now is remembered. */
  tombstoneDeadline(): Date {
    return toDate(Math.max(this.now() + Math.max(1, this.options.timeouts.graceTime), this.migrationEnd));
  }

  /** Seconds since 1970 until which another form's session could come again. */
  get migrationEnd(): number {
    const all = this.contexts.all().flatMap(({ crypto }) => crypto.accepted);
    return Math.min(NEVER, Math.max(0, ...all.map(({ format }) => toSeconds(format.migrationSource!.until))));
  }

  /** Request headers that are for a session's text alone, in any context. */
  get envHeaders(): ReadonlySet<string> {
    return (this.envNames ??= new Set(
      this.contexts.all().flatMap(({ options }) => options.crypto.format?.exchange?.envHeader ?? []),
    ));
  }

  /** A session was begun over a plain connection that is not local, so it was neither stored nor sent. Said once. */
  refusedToSend(request: PlatformRequest): void {
    if (this.saidRefusal) return;
    this.saidRefusal = true;
    this.parts.warn(
      'A session was not kept: its request came over plain http, so no cookie was set. Behind a proxy that speaks TLS, ' +
        `tell the platform to trust it: ${proxyTrustOf(request)}. Without any TLS, set cookie.secure: false`,
    );
  }

  /** A route wanted an answer public that was somebody's own. Said once for each route's path. */
  refusedPublic({ method = '', url = '' }: PlatformRequest): void {
    const route = `${method} ${url.split('?', 1)[0]!}`;
    if (this.saidPublic.size >= MAX_SAID || this.saidPublic.has(route)) return;
    this.saidPublic.add(route);
    this.parts.warn(
      `The answer of ${JSON.stringify(route)} was not made public: it sets our cookie, or somebody is logged in; it went out as nocache. ` +
        'Let routes with cache limiter "public" do without a session: @SkipSession()',
    );
  }

  /** A head left with an error, since a session could not be stored. */
  failed(error: unknown): void {
    this.events.emit('commitFailed', { session: this.name, code: codeOf(error), message: messageOf(error) });
  }

  /** Whether its keys are those of another engine. */
  sharesKeys(other: SessionEngine): boolean {
    return this.crypto.keys === other.crypto.keys;
  }

  private eachKeys(act: (keys: CryptoParts['keys']) => void): void {
    act(this.crypto.keys);
    for (const { started } of this.crypto.accepted) act(started.keys);
  }

  private pruneOwn(): Promise<number> | undefined {
    const { store, foreign } = this;
    return foreign ? this.health.observe('prune', () => foreign.prune()) : store?.prune?.();
  }

  private createEndpoint(cookie: CookieEndpoint['cookie']): CookieEndpoint {
    const { name: session, options, crypto, events, store, foreign, health } = this;
    const { clock, warn } = this.parts;
    const parts = { session, options, crypto, events, store, foreign, health, clock, warn };
    return createEndpoint({ ...parts, now: () => this.now() }, cookie);
  }

  private now(): number {
    return toSeconds(this.parts.clock((this.store ?? this.foreign)?.now() ?? new Date()));
  }
}

/** What is wrong, without the words of a failed start; other people's errors may hold anything. */
const messageOf = (error: unknown): string =>
  error instanceof SessionConfigError
    ? error.faults.map(({ path, message }) => `${path}: ${message}`).join('; ')
    : messageOfOurs(error);

const messageOfOurs = (error: unknown) =>
  error instanceof SessionCryptoError ? error.message : 'an error that is not ours';
