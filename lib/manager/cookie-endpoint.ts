import { MAX_PAYLOAD } from '../envelope/envelope.js';
import { EnvelopeContext } from '../envelope/envelope-context.js';
import { ReferenceTokens } from '../envelope/reference-token.js';
import { Cookie } from '../http/cookie.js';
import type { ResolvedOptions } from '../options/resolved-options.interface.js';
import { CookieRepository } from '../persistence/cookie.repository.js';
import type { ForeignParts, ForeignStore } from '../persistence/foreign-store.interface.js';
import type { MonitoredStore } from '../persistence/monitored.store.js';
import { NativeCodec } from '../persistence/native.codec.js';
import type { RecordCodec } from '../persistence/record-codec.interface.js';
import { RevocableRepository } from '../persistence/revocable.repository.js';
import { ForeignRevocations } from '../persistence/marks/foreign-revocations.js';
import { MarkRows } from '../persistence/marks/mark-rows.js';
import { Revocations } from '../persistence/marks/revocations.js';
import { SessionCommitter } from '../persistence/session-committer.js';
import type { CodecParts, MigrationSource } from '../persistence/session-format.interface.js';
import type { SessionRepository } from '../persistence/session-repository.interface.js';
import type { SessionProbes } from '../persistence/session-probes.js';
import { StoredRepository, type StoredRepositoryParts } from '../persistence/stored.repository.js';
import type { SessionTimeouts } from '../record/session-lifetime.js';
import type { SessionParts } from '../session/session-state.js';
import { watchReturns, type CookieReturns } from './cookie-returns.js';
import type { EndpointMigrationSource } from './endpoint-migration-source.interface.js';
import type { AcceptedFormat, NativeCrypto } from './open-crypto.js';
import type { ProfileParts } from './profile-parts.interface.js';

/** A profile's way through one kind of connection, secure or plain: the cookie, and the repository that it leads to. */
export interface CookieEndpoint extends SessionParts {
  readonly cookie: Cookie;
  readonly probes: SessionProbes;
  /** Absent if every request that may set the cookie brings it back. */
  readonly returns: CookieReturns | undefined;
  readonly repository: SessionRepository;
  /** True if no cookie may be sent, since the connection is plain and not local. */
  readonly cookieForbidden: boolean;
  /** Foreign formats that are read when the request brings no cookie of ours. */
  readonly migrationSources: readonly EndpointMigrationSource[];
  /** Returns the user of a request, for a store that finds sessions by user and not by cookie. */
  readonly identify: ForeignStore['identify'];
}

/** The parts of a profile, and its clock. */
export interface EndpointParts extends Omit<ProfileParts, 'transSid' | 'warnings'> {
  /** Whole seconds since 1970, by the store's clock. */
  now(): number;
}

/** Builds the endpoint of one cookie. */
export function createEndpoint(parts: EndpointParts, cookie: Cookie): CookieEndpoint {
  const { name, options, crypto, events, probes, store, tell } = parts;
  const repository = repositoryOf(parts, cookie);
  return {
    name,
    cookie,
    returns: watchReturns(cookie, !options.cookies.plain),
    repository,
    committer: new SessionCommitter(
      repository,
      { session: name, ...options, cookieExpires: cookie.lifetime > 0 },
      events,
      probes,
    ),
    timeouts: options.timeouts,
    events,
    probes,
    tell,
    cookieForbidden: false,
    migrationSources: crypto.accepted.map((accepted) => migrationSource(accepted, parts, cookie.secure)),
    identify: store.foreign?.identify?.bind(store.foreign),
  };
}

/** Chooses the repository: rows of our own, those of a foreign store, or the cookie itself. */
function repositoryOf(parts: EndpointParts, cookie: Cookie): SessionRepository {
  const { crypto, store } = parts;
  const { native } = crypto;
  if (store.rows && native) return storedRepository(parts, store.rows, native, cookie);
  const codec = crypto.format?.codec(codecParts(parts)) ?? nativeCodec(parts, cookie);
  if (store.foreign) return store.foreign.repository(foreignParts(parts, store.foreign, codec));
  return cookieRepository(parts, codec, cookie);
}

/** Returns the repository of sessions in the cookie: with a source of revocations, the server can end them. */
function cookieRepository(parts: EndpointParts, codec: RecordCodec, cookie: Cookie): CookieRepository {
  const { options, store, events, probes, name: session, now, migrationEnd } = parts;
  const { timeouts, onReuse } = options;
  const shared = { cookie: cookie.name, codec, timeouts, now, probes };
  if (!store.revocation) return new CookieRepository(shared);
  const { generations } = store.revocation;
  const { graceTime } = timeouts;
  const revocations = new Revocations({ ...store.revocation, graceTime, migrationEnd, now });
  const endReused = onReuse === 'end';
  return new RevocableRepository({ ...shared, session, events, revocations, generations, endReused });
}

function nativeCodec({ crypto, options }: EndpointParts, cookie: Cookie): NativeCodec {
  const context = envelopeContextOf(options, 'session', 'cookie', cookie.name);
  return new NativeCodec(crypto.native!.envelope, context, sealedLimit(options));
}

/** Returns what a foreign store gets: codecs and limits, but no keys. */
function foreignParts(parts: EndpointParts, { kind, name }: ForeignStore, codec: RecordCodec): ForeignParts {
  const { crypto, options, name: session, events, store, tell } = parts;
  const { native } = crypto;
  const context = envelopeContextOf(options, 'session', kind, name);
  return {
    ...codecParts(parts),
    session,
    codec,
    ...(native && {
      rowCodec: (row: Buffer) => new NativeCodec(native.envelope, context, sealedLimit(options), row),
    }),
    id: options.id,
    events,
    tell,
    watch: (...args) => store.health.watch(...args),
  };
}

function storedRepository(
  parts: EndpointParts,
  store: MonitoredStore,
  { keys, envelope }: NativeCrypto,
  cookie: Cookie,
): StoredRepository {
  const { name: session, options, events, probes, clock } = parts;
  const { timeouts, onReuse } = options;
  return new StoredRepository({
    session,
    store,
    envelope,
    tokens: new ReferenceTokens(keys, envelopeContextOf(options, 'session', store.kind, cookie.name)),
    context: envelopeContextOf(options, 'session', store.kind, store.name),
    successorContext: envelopeContextOf(options, 'successor', store.kind, store.name),
    timeouts,
    payloadLimit: sealedLimit(options),
    events,
    probes,
    endReused: onReuse === 'end',
    limit: limitOf(parts),
    foreignRevocations: foreignRevocations(parts, store),
    now: parts.now,
    clock,
  });
}

/** Returns what keeps a revoked foreign session away; `undefined` where none is migrated, so that a revocation writes no mark. */
function foreignRevocations(
  { migrationEnd, now }: EndpointParts,
  store: MonitoredStore,
): ForeignRevocations | undefined {
  return migrationEnd ? new ForeignRevocations({ marks: new MarkRows(store), migrationEnd, now }) : undefined;
}

/** Returns what limits the sessions of a subject. Those of all profiles count, so the longest timeouts of all do. */
function limitOf({ options, store }: EndpointParts): StoredRepositoryParts['limit'] {
  const { maxPerSubject, commitTimeout } = options;
  return (
    maxPerSubject && { policy: maxPerSubject, timeouts: longestOf(store.timeouts), timeout: commitTimeout }
  );
}

/** 0 means no limit, and is longer than any. */
function longestOf(
  all: readonly SessionTimeouts[],
): Pick<SessionTimeouts, 'idleTimeout' | 'absoluteTimeout'> {
  const longest = (seconds: readonly number[]) => (seconds.includes(0) ? 0 : Math.max(...seconds));
  return {
    idleTimeout: longest(all.map(({ idleTimeout }) => idleTimeout)),
    absoluteTimeout: longest(all.map(({ absoluteTimeout }) => absoluteTimeout)),
  };
}

/** Bytes of the longest payload that is sealed. A greater option is for files that PHP shares, which are not sealed whole. */
const sealedLimit = ({ payloadLimit }: ResolvedOptions): number => Math.min(payloadLimit, MAX_PAYLOAD);

const codecParts = ({ options, now }: EndpointParts): CodecParts => ({
  timeouts: options.timeouts,
  payloadLimit: options.payloadLimit,
  now,
});

function migrationSource(
  { name, source, reader }: AcceptedFormat,
  parts: EndpointParts,
  secure: boolean,
): EndpointMigrationSource {
  const { signature } = source.cookie;
  return {
    format: name,
    cookie: migrationCookie(source.cookie.name, source, secure),
    signature: signature === undefined ? undefined : migrationCookie(signature, source, secure),
    reader: reader({ ...codecParts(parts), timeout: parts.options.commitTimeout }),
    until: source.until,
    keep: source.keep,
  };
}

/** Returns the cookie of a foreign format as it has to be cleared: by name, path and domain. */
const migrationCookie = (
  name: string,
  { cookie: { path, domain } }: MigrationSource,
  secure: boolean,
): Cookie =>
  new Cookie(name, secure, {
    domain,
    path,
    httpOnly: true,
    sameSite: 'lax',
    partitioned: false,
    priority: undefined,
    lifetime: 0,
  });

/** Returns the context that a sealed value of these options is bound to. */
export function envelopeContextOf(
  { crypto: { tenant, audience } }: ResolvedOptions,
  purpose: string,
  store: string,
  name: string,
): EnvelopeContext {
  return new EnvelopeContext({ purpose, store, name, tenant, audience });
}
