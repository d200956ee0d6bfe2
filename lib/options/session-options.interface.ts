import type { PathMatch } from '../http/request-target.js';

/** Timeouts, paths, and the outcome of conflicts and outages. */
export interface SessionOptions {
  /** Idle timeout: seconds without a request after which a session ends; 0 for no limit.
   *  @allowed 0 to 315360000
   *  @default 1440
   *  @see PHP `session.gc_maxlifetime`, Apache `SessionMaxAge` */
  readonly idleTimeout?: number;
  /** Absolute timeout: seconds after the login, or after the start of a session without one, at which a session ends
   *  even while it is used; 0 for no limit.
   *  @allowed 0 to 315360000
   *  @default 28800 */
  readonly absoluteTimeout?: number;
  /** Seconds after which a session in a server store gets a new id; 0 for never.
   *  @allowed 0 to 315360000
   *  @default 900 */
  readonly regenerateInterval?: number;
  /** Grace period in seconds: a replaced id still resolves to its successor, and an ended session keeps its tombstone.
   *  @allowed 0 to 3600
   *  @default 60 */
  readonly graceTime?: number;
  /** Seconds that must pass before a request moves the idle deadline again. A session may end this much before its idle
   *  timeout. The value must be smaller than `idleTimeout`; 0 never moves the deadline on a request that only reads.
   *  @allowed 0 to 315360000
   *  @default idleTimeout / 24, at least 60 and at most idleTimeout / 2; cookieStore: idleTimeout / 2; 300 without an idle timeout; at most cookie.lifetime / 2
   *  @see Apache `SessionExpiryUpdateInterval` */
  readonly touchInterval?: number;
  /** Sessions on or off. `false`: no cookie is read, none is sent, and a change throws.
   *  @allowed true, false
   *  @default true
   *  @see Apache `Session` */
  readonly enabled?: boolean;
  /** The paths with sessions: each one and everything below it.
   *  @allowed a list of decoded paths that begin with `/`
   *  @default []: all paths
   *  @see Apache `SessionInclude` */
  readonly include?: readonly string[];
  /** The paths without sessions: each one and everything below it, even if `include` covers it.
   *  @allowed a list of decoded paths that begin with `/`
   *  @default []
   *  @see Apache `SessionExclude` */
  readonly exclude?: readonly string[];
  /** The comparison of `include` and `exclude` with a path: by whole segments, or by the first bytes as httpd compares.
   *  @allowed 'segments', 'prefix'
   *  @default 'segments' */
  readonly match?: PathMatch;
  /** The moment of loading. `lazy`: when a handler first asks for the session. `eager`: before the handler, so that
   *  Nest's own `@Session()` works.
   *  @allowed 'lazy', 'eager'
   *  @default 'lazy'
   *  @see PHP `session.auto_start` */
  readonly load?: 'lazy' | 'eager';
  /** The outcome when two requests overwrite the same key. `last-wins`: the later value stays, with the event
   *  `conflict`. `reject`: the later request gets 409.
   *  @allowed 'last-wins', 'reject'
   *  @default 'last-wins' */
  readonly onConflict?: 'last-wins' | 'reject';
  /** The outcome when a session ended while the request ran. `drop`: its changes are dropped, with the event `dropped`.
   *  `fail`: the response is 409.
   *  @allowed 'drop', 'fail'
   *  @default 'drop' */
  readonly onGone?: 'drop' | 'fail';
  /** The outcome when the store is unavailable. `fail`: the response is 503. `anonymous`: the request gets an anonymous
   *  session that it can only read.
   *  @allowed 'fail', 'anonymous'
   *  @default 'fail' */
  readonly onStoreDown?: 'fail' | 'anonymous';
  /** The outcome when the store is unavailable while the application starts. `fail`: the start fails. `wait`: it logs one line
   *  for each fault and goes on when the store answers, or fails when the application is closed. Wrong options, a missing
   *  table and a wrong password always stop the start.
   *  @allowed 'fail', 'wait'
   *  @default 'fail' */
  readonly onStoreDownAtStart?: 'fail' | 'wait';
  /** The outcome when an old id is used after the grace period, which can mean theft. `event`: only the event `reused`.
   *  `end`: all sessions of the subject end too.
   *  @allowed 'event', 'end'
   *  @default 'event' */
  readonly onReuse?: 'event' | 'end';
  /** How many sessions a subject may have at once, whatever number of processes log him in. It needs a store that lists its
   *  sessions without missing one: `typeOrmStore()`, `pgStore()`, `redisStore()` or `memoryStore()`. */
  readonly maxPerSubject?: SubjectLimitOptions;
  /** The network of the visitor's address (24 bits of IPv4, 48 bits of IPv6) in `SessionService.list()`. It is taken at login, as
   *  far as the platform trusts its proxies, and sealed with the session. Addresses are personal data.
   *  @allowed true, false
   *  @default false */
  readonly keepNetwork?: boolean;
  /** The maximum size of a session's data, in bytes of JSON. A sealed session has at most 1 MiB; a greater limit counts for
   *  files that PHP shares.
   *  @allowed 64 to 67108864
   *  @default 1048576 */
  readonly payloadLimit?: number;
  /** Seconds that an operation of the store may take, and that a response may wait for its commit.
   *  @allowed 1 to 600
   *  @default 5 */
  readonly commitTimeout?: number;
  /** Bytes of body that a response may `write` while it waits for its commit; the body that `end` passes does not count. A
   *  response that writes more gets 503 instead. Streams wait after their first piece, so they stay far below.
   *  @allowed 65536 to 1073741824
   *  @default 16777216 */
  readonly heldBody?: number;
  /** Bytes of body that all responses of the process may hold while they wait for their commits, whoever passes them. A
   *  response that would hold more gets 503 instead.
   *  @allowed 65536 to 17179869184, and at least `heldBody`
   *  @default 67108864, or `heldBody` if that is larger */
  readonly heldBodyTotal?: number;
  /** Access to the session without a request, through AsyncLocalStorage. `false`: `SessionService.current()` throws, and
   *  each request saves the microseconds that the promise hooks cost on Node 20 and 22.
   *  @allowed true, false
   *  @default true */
  readonly asyncContext?: boolean;
}

/** The sessions of one subject. */
export interface SubjectLimitOptions {
  /** The number of sessions that a subject may have at once.
   *  @allowed 1 to 1000
   *  @default none: it must be set with `maxPerSubject` */
  readonly limit: number;
  /** The outcome of a login that would be one too many. `endOldest`: the session with the oldest login ends. `refuse`: the
   *  login fails with 409 and the code `ERR_SESSION_LIMIT`; a user who has lost his sessions waits until they time out.
   *  @allowed 'endOldest', 'refuse'
   *  @default 'endOldest' */
  readonly whenFull?: 'endOldest' | 'refuse';
}
