import { KeyKeeper, RingMaker, selfTest, type CryptoDriver } from './crypto/index.js';
import { Envelope, EnvelopeContext, ReferenceTokens } from './envelope/index.js';
import { codeOf, SessionConfigError, SessionCryptoError, type ConfigFault } from './errors/index.js';
import { isLoopback, isSecure, proxyTrustOf, type Cookie, type PlatformRequest } from './http/index.js';
import { isCookieStore, type ResolvedOptions } from './options/index.js';
import {
  CookieRepository,
  CsrfTokens,
  GuardedStore,
  SessionCommitter,
  StoredRepository,
  toDate,
  toSeconds,
  type SessionEvents,
  type SessionParts,
} from './session/index.js';
import type { ResolveToken } from './stores/index.js';
import type { SessionClock } from './session-clock.js';

/** A session's way through one kind of connection: its cookie, and what the cookie leads to. */
export interface Channel extends SessionParts {
  readonly cookie: Cookie;
  readonly repository: CookieRepository | StoredRepository;
  /** The connection is plain and not local, so no cookie may be sent. */
  readonly unsendable: boolean;
}

/** Everything that one `forRoot` is made of. */
export class SessionEngine {
  readonly csrf: CsrfTokens;
  readonly store: GuardedStore | undefined;
  private readonly secure: Channel | undefined;
  private readonly plain: Channel | undefined;
  private readonly refused: Channel | undefined;
  private saidRefusal = false;

  private constructor(
    readonly name: string,
    readonly options: ResolvedOptions,
    readonly events: SessionEvents,
    readonly keeper: KeyKeeper,
    readonly envelope: Envelope,
    private readonly clock: SessionClock,
    private readonly warn: (message: string) => void,
  ) {
    const { store, cookies, commitTimeout } = options;
    this.csrf = new CsrfTokens(keeper);
    this.store = isCookieStore(store) ? undefined : new GuardedStore(store, name, events, commitTimeout);
    this.secure = cookies.secure && this.channel(cookies.secure);
    this.plain = cookies.plain && this.channel(cookies.plain);
    this.refused = this.plain && { ...this.plain, unsendable: true };
  }

  /** Tests the driver, reads the keys and puts the parts together. Rejects with a SessionConfigError. */
  static async create(
    name: string,
    options: ResolvedOptions,
    events: SessionEvents,
    clock: SessionClock,
    warn: (message: string) => void,
  ): Promise<SessionEngine> {
    const { keeper, envelope } = await openCrypto(options.crypto, {
      reloaded: (keys) => events.emit('keysReloaded', { session: name, keys }),
      failed: (error) => events.emit('keysFailed', { session: name, message: messageOf(error) }),
    });
    return new SessionEngine(name, options, events, keeper, envelope, clock, warn);
  }

  /** Opens the store, and begins to listen for new keys: both only once the application is put together. */
  async open(resolve: ResolveToken): Promise<void> {
    await this.store?.open(resolve);
    this.keeper.listen();
  }

  /** Waits for the saves that are under way. */
  async drain(): Promise<void> {
    await this.store?.drain();
  }

  async close(): Promise<void> {
    this.keeper.stop();
    await this.store?.close();
  }

  /** The channel of a request, by the connection that the visitor sees. */
  channelOf(request: PlatformRequest): Channel {
    const { secure, plain, refused } = this;
    if (!plain) return secure!;
    if (secure && isSecure(request)) return secure;
    return !this.options.cookies.plainOnLoopbackOnly || isLoopback(request) ? plain : refused!;
  }

  /** Whether both would read one and the same cookie. */
  sharesCookie({ options }: SessionEngine): boolean {
    const names = ({ secure, plain }: ResolvedOptions['cookies']) => [secure?.name, plain?.name];
    const ours = names(this.options.cookies);
    return names(options.cookies).some((name) => name !== undefined && ours.includes(name));
  }

  /** Any channel, for work that no request asks for. */
  get anyChannel(): Channel {
    return (this.secure ?? this.plain)!;
  }

  /** Context of the sealed rows. */
  get rowContext(): EnvelopeContext {
    return this.context('session', this.store!.kind, this.store!.name);
  }

  /** How long a session that is ended now is remembered. */
  graveDeadline(): Date {
    return toDate(this.now() + Math.max(1, this.options.timeouts.graceTime));
  }

  /** A session was begun over a plain connection that is not local, so it was neither stored nor sent. Said once. */
  refusedToSend(request: PlatformRequest): void {
    if (this.saidRefusal) return;
    this.saidRefusal = true;
    this.warn(
      'A session was not kept: its request came over plain http, so no cookie was set. Behind a proxy that speaks TLS, ' +
        `tell the platform to trust it: ${proxyTrustOf(request)}. Without any TLS, set cookie.secure: false`,
    );
  }

  /** A head left with an error, since a session could not be stored. */
  failed(error: unknown): void {
    this.events.emit('commitFailed', { session: this.name, code: codeOf(error), message: messageOf(error) });
  }

  private channel(cookie: Cookie): Channel {
    const { name, options, events, warn } = this;
    const repository = this.store ? this.stored(cookie, this.store) : this.inCookie(cookie);
    const committer = new SessionCommitter(repository, { session: name, ...options }, events);
    return {
      name,
      cookie,
      repository,
      committer,
      timeouts: options.timeouts,
      events,
      warn,
      unsendable: false,
    };
  }

  private inCookie(cookie: Cookie): CookieRepository {
    const { timeouts, payloadLimit } = this.options;
    const context = this.context('session', 'cookie', cookie.name);
    return new CookieRepository({
      envelope: this.envelope,
      context,
      timeouts,
      payloadLimit,
      now: () => this.now(),
    });
  }

  private stored(cookie: Cookie, store: GuardedStore): StoredRepository {
    const { timeouts, payloadLimit, onReuse } = this.options;
    return new StoredRepository({
      session: this.name,
      store,
      envelope: this.envelope,
      tokens: new ReferenceTokens(this.keeper, this.context('session', store.kind, cookie.name)),
      context: this.rowContext,
      successorContext: this.context('successor', store.kind, store.name),
      timeouts,
      payloadLimit,
      events: this.events,
      endReused: onReuse === 'end',
      now: () => this.now(),
      clock: this.clock,
    });
  }

  private now(): number {
    return toSeconds(this.clock(this.store?.now() ?? new Date()));
  }

  private context(purpose: string, store: string, name: string): EnvelopeContext {
    const { tenant, audience } = this.options.crypto;
    return new EnvelopeContext({ purpose, store, name, tenant, audience });
  }
}

/** Keys and envelope of resolved options, the driver's known answers checked. */
export async function openCrypto(
  crypto: ResolvedOptions['crypto'],
  listener: ConstructorParameters<typeof KeyKeeper>[3],
): Promise<{ keeper: KeyKeeper; envelope: Envelope }> {
  const { driver, suite, accepted, ring, salt, sources, reload, keyCache } = crypto;
  await checkDriver(driver, accepted);
  const keeper = await new KeyKeeper(
    sources,
    new RingMaker(driver, { ring, salt }),
    reload,
    listener,
  ).start();
  return { keeper, envelope: new Envelope(driver, keeper, { suite, accepted, cacheSize: keyCache }) };
}

async function checkDriver(
  driver: CryptoDriver,
  suites: ResolvedOptions['crypto']['accepted'],
): Promise<void> {
  const faults: ConfigFault[] = [];
  for (const suite of suites) {
    const fault = await selfTest(driver, suite).catch((error: unknown) => `it threw (${codeOf(error)})`);
    if (fault)
      faults.push({ path: 'crypto.driver', message: `"${driver.name}" fails its self-test: ${fault}` });
  }
  if (faults.length) throw new SessionConfigError(faults);
}

/** What is wrong, without the words of a failed start; other people's errors may hold anything. */
const messageOf = (error: unknown): string =>
  error instanceof SessionConfigError
    ? error.faults.map(({ path, message }) => `${path}: ${message}`).join('; ')
    : messageOfOurs(error);

const messageOfOurs = (error: unknown) =>
  error instanceof SessionCryptoError ? error.message : 'an error that is not ours';
