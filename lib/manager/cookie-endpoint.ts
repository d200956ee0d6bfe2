import { EnvelopeContext } from '../envelope/envelope-context.js';
import { ReferenceTokens } from '../envelope/reference-token.js';
import { Cookie } from '../http/cookie.js';
import type { NativeCrypto, CryptoParts } from './open-crypto.js';
import type { ResolvedOptions } from '../options/resolved-options.interface.js';
import { CookieRepository } from '../persistence/cookie.repository.js';
import { NativeCodec } from '../persistence/native.codec.js';
import { SessionCommitter } from '../persistence/session-committer.js';
import { StoredRepository } from '../persistence/stored.repository.js';
import type { CodecParts, MigrationSource } from '../persistence/session-format.interface.js';
import type { ForeignParts, ForeignStore } from '../persistence/foreign-store.interface.js';
import type { MonitoredStore } from '../persistence/monitored.store.js';
import type { RecordCodec } from '../persistence/record-codec.interface.js';
import type { SessionEvents } from '../persistence/session-events.js';
import type { SessionParts } from '../session/session-state.js';
import type { SessionRepository } from '../persistence/session-repository.interface.js';
import type { StoreHealth } from '../persistence/store-health.js';
import type { SessionClock } from '../record/session-clock.js';

/** A session's way through one kind of connection: its cookie, and what the cookie leads to. */
export interface CookieEndpoint extends SessionParts {
  readonly cookie: Cookie;
  readonly repository: SessionRepository;
  /** The connection is plain and not local, so no cookie may be sent. */
  readonly cookieForbidden: boolean;
  /** Other forms, read where our own cookie is absent. */
  readonly migrationSources: readonly EndpointMigrationSource[];
  /** Says who a request is by, where that and not a cookie finds the session. */
  readonly identify: ForeignStore['identify'];
}

/** Where sessions of another form come from. */
export interface EndpointMigrationSource {
  readonly format: string;
  readonly cookie: Cookie;
  readonly codec: RecordCodec;
  readonly until: MigrationSource['until'];
}

/** What all channels of one set of options share. */
export interface EndpointParts {
  readonly session: string;
  readonly options: ResolvedOptions;
  readonly crypto: CryptoParts;
  readonly events: SessionEvents;
  readonly store: MonitoredStore | undefined;
  readonly foreign: ForeignStore | undefined;
  readonly health: StoreHealth;
  readonly clock: SessionClock;
  /** Whole seconds by the store's clock. */
  now(): number;
  warn(message: string): void;
}

export function createEndpoint(parts: EndpointParts, cookie: Cookie): CookieEndpoint {
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
    cookieForbidden: false,
    migrationSources: crypto.accepted.map(({ format, started }) => ({
      format: format.name,
      cookie: migrationCookie(format.migrationSource!, cookie.secure),
      codec: started.codec(codecParts(parts)),
      until: format.migrationSource!.until,
    })),
    identify: foreign?.identify?.bind(foreign),
  };
}

function repositoryOf(parts: EndpointParts, cookie: Cookie): SessionRepository {
  const { crypto, options, store, foreign } = parts;
  const { native } = crypto;
  if (store && native) return stored(parts, store, native, cookie);
  const codec =
    crypto.format?.codec(codecParts(parts)) ??
    new NativeCodec(
      native!.envelope,
      envelopeContextOf(options, 'session', 'cookie', cookie.name),
      options.payloadLimit,
    );
  if (foreign) return foreign.repository(foreignParts(parts, foreign, codec));
  return new CookieRepository({ cookie: cookie.name, codec, timeouts: options.timeouts, now: parts.now });
}

function foreignParts(parts: EndpointParts, { kind, name }: ForeignStore, codec: RecordCodec): ForeignParts {
  const { crypto, options, session, events, health, warn } = parts;
  const { native } = crypto;
  const context = envelopeContextOf(options, 'session', kind, name);
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
  parts: EndpointParts,
  store: MonitoredStore,
  { keys, envelope }: NativeCrypto,
  cookie: Cookie,
): StoredRepository {
  const { session, options, events, clock } = parts;
  const { timeouts, payloadLimit, onReuse } = options;
  return new StoredRepository({
    session,
    store,
    envelope,
    tokens: new ReferenceTokens(keys, envelopeContextOf(options, 'session', store.kind, cookie.name)),
    context: envelopeContextOf(options, 'session', store.kind, store.name),
    successorContext: envelopeContextOf(options, 'successor', store.kind, store.name),
    timeouts,
    payloadLimit,
    events,
    endReused: onReuse === 'end',
    now: parts.now,
    clock,
  });
}

const codecParts = ({ options, now }: EndpointParts): CodecParts => ({
  timeouts: options.timeouts,
  payloadLimit: options.payloadLimit,
  now,
});

/** The cookie of another form as it has to be cleared: by name, path and domain. */
const migrationCookie = ({ cookie: { name, path, domain } }: MigrationSource, secure: boolean): Cookie =>
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
export function envelopeContextOf(
  { crypto: { tenant, audience } }: ResolvedOptions,
  purpose: string,
  store: string,
  name: string,
): EnvelopeContext {
  return new EnvelopeContext({ purpose, store, name, tenant, audience });
}
