import { EnvelopeContext, ReferenceTokens } from './envelope/index.js';
import { Cookie } from './http/index.js';
import type { NativeCrypto, OpenCrypto } from './open-crypto.js';
import type { ResolvedOptions } from './options/index.js';
import {
  CookieRepository,
  NativeCodec,
  SessionCommitter,
  StoredRepository,
  type CodecParts,
  type ForeignParts,
  type ForeignStore,
  type FormatOrigin,
  type GuardedStore,
  type RecordCodec,
  type SessionEvents,
  type SessionParts,
  type SessionRepository,
  type StoreHealth,
} from './session/index.js';
import type { SessionClock } from './session-clock.js';

/** A session's way through one kind of connection: its cookie, and what the cookie leads to. */
export interface Channel extends SessionParts {
  readonly cookie: Cookie;
  readonly repository: SessionRepository;
  /** The connection is plain and not local, so no cookie may be sent. */
  readonly unsendable: boolean;
  /** Other forms, read where our own cookie is absent. */
  readonly origins: readonly Origin[];
  /** Says who a request is by, where that and not a cookie finds the session. */
  readonly identify: ForeignStore['identify'];
}

/** Where sessions of another form come from. */
export interface Origin {
  readonly format: string;
  readonly cookie: Cookie;
  readonly codec: RecordCodec;
  readonly until: FormatOrigin['until'];
}

/** What all channels of one set of options share. */
export interface ChannelParts {
  readonly session: string;
  readonly options: ResolvedOptions;
  readonly crypto: OpenCrypto;
  readonly events: SessionEvents;
  readonly store: GuardedStore | undefined;
  readonly foreign: ForeignStore | undefined;
  readonly health: StoreHealth;
  readonly clock: SessionClock;
  /** Whole seconds by the store's clock. */
  now(): number;
  warn(message: string): void;
}

export function makeChannel(parts: ChannelParts, cookie: Cookie): Channel {
  const { session: name, options, crypto, events, foreign, warn } = parts;
  const repository = repositoryOf(parts, cookie);
  return {
    name,
    cookie,
    repository,
    committer: new SessionCommitter(repository, { session: name, ...options }, events),
    timeouts: options.timeouts,
    events,
    warn,
    unsendable: false,
    origins: crypto.accepted.map(({ format, started }) => ({
      format: format.name,
      cookie: originCookie(format.origin!, cookie.secure),
      codec: started.codec(codecParts(parts)),
      until: format.origin!.until,
    })),
    identify: foreign?.identify?.bind(foreign),
  };
}

function repositoryOf(parts: ChannelParts, cookie: Cookie): SessionRepository {
  const { crypto, options, store, foreign } = parts;
  const { native } = crypto;
  if (store && native) return stored(parts, store, native, cookie);
  const codec =
    crypto.format?.codec(codecParts(parts)) ??
    new NativeCodec(
      native!.envelope,
      contextOf(options, 'session', 'cookie', cookie.name),
      options.payloadLimit,
    );
  if (foreign) return foreign.repository(foreignParts(parts, foreign, codec));
  return new CookieRepository({ cookie: cookie.name, codec, timeouts: options.timeouts, now: parts.now });
}

function foreignParts(parts: ChannelParts, { kind, name }: ForeignStore, codec: RecordCodec): ForeignParts {
  const { crypto, options, session, events, health, warn } = parts;
  const { native } = crypto;
  const context = contextOf(options, 'session', kind, name);
  return {
    ...codecParts(parts),
    session,
    codec,
    ...(native && {
      rowCodec: (row: Buffer) => new NativeCodec(native.envelope, context, options.payloadLimit, row),
    }),
    id: options.id,
    timeout: options.commitTimeout,
    events,
    warn,
    watch: (operation, ask) => health.watch(operation, ask),
  };
}

function stored(
  parts: ChannelParts,
  store: GuardedStore,
  { keeper, envelope }: NativeCrypto,
  cookie: Cookie,
): StoredRepository {
  const { session, options, events, clock } = parts;
  const { timeouts, payloadLimit, onReuse } = options;
  return new StoredRepository({
    session,
    store,
    envelope,
    tokens: new ReferenceTokens(keeper, contextOf(options, 'session', store.kind, cookie.name)),
    context: contextOf(options, 'session', store.kind, store.name),
    successorContext: contextOf(options, 'successor', store.kind, store.name),
    timeouts,
    payloadLimit,
    events,
    endReused: onReuse === 'end',
    now: parts.now,
    clock,
  });
}

const codecParts = ({ options, now }: ChannelParts): CodecParts => ({
  timeouts: options.timeouts,
  payloadLimit: options.payloadLimit,
  now,
});

/** The cookie of another form as it has to be cleared: by name, path and domain. */
const originCookie = ({ cookie: { name, path, domain } }: FormatOrigin, secure: boolean): Cookie =>
  new Cookie(name, secure, {
    domain,
    path,
    httpOnly: true,
    sameSite: 'lax',
    partitioned: false,
    priority: undefined,
    lifetime: 0,
  });

/** What a sealed value of these options is bound to. */
export function contextOf(
  { crypto: { tenant, audience } }: ResolvedOptions,
  purpose: string,
  store: string,
  name: string,
): EnvelopeContext {
  return new EnvelopeContext({ purpose, store, name, tenant, audience });
}
