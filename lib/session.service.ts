import { AsyncLocalStorage } from 'node:async_hooks';
import type { IncomingMessage } from 'node:http';
import { Checkup } from './checkup/checkup.js';
import type { SessionHealth } from './checkup/session-health.interface.js';
import { decodeBase64url } from './envelope/base64url.js';
import { checkNames, type OptionNames } from './errors/check-names.js';
import { SessionConfigError } from './errors/session-config.error.js';
import { SessionStateError } from './errors/session-state.error.js';
import { SessionStoreError } from './errors/session-store.error.js';
import { isAllowedHandshake, isOrigin } from './http/handshake-origin.js';
import { endSession, type EndedSession } from './manager/end-session.js';
import { endEverything, endSeriesOf, endSessionsOf } from './manager/end-sessions.js';
import type { EndedSubject } from './manager/revocable-series.interface.js';
import { SessionKeys } from './manager/session-keys.js';
import type { SessionManager } from './manager/session-manager.js';
import { settledSum, throwFirst } from './manager/settled.js';
import { storeMethods, sumOf, unsupported } from './manager/store-methods.js';
import { publicId } from './persistence/public-id.js';
import type { SessionEvents } from './persistence/session-events.js';
import type { SessionProbe } from './persistence/session-probe.interface.js';
import type { SessionData } from './record/session-data.interface.js';
import { isSubject } from './record/subject.js';
import type { RequestSession } from './request/request-session.js';
import { attachSessions, currentSessions, RequestSessions, sessionsOf } from './request/request-sessions.js';
import { openWork, WORK_OPTIONS, type WorkOptions } from './request/open-work.js';
import type { Session } from './session/session.js';
import { sessionMiddleware } from './session.middleware.js';
import { inBatches } from './stores/in-batches.js';
import type { ListedRow } from './stores/session-store.interface.js';

/** A session as a list of devices shows it. */
export interface SessionSummary {
  /** {@link Session.id}, by which {@link SessionService.revoke} ends the session. */
  readonly id: string;
  readonly createdAt: Date;
  readonly lastSeenAt: Date;
  /** The browser that logged in, such as `Firefox`, as it says itself; `undefined` if that is not known. */
  readonly browser: string | undefined;
  /** The system that it ran on, such as `Windows`. */
  readonly system: string | undefined;
  /** The network that it came from, such as `192.0.2.0/24`; only with `session.keepNetwork`. */
  readonly network: string | undefined;
}

/** The options of {@link SessionService.attach}. */
export interface AttachOptions {
  /** Further origins whose pages may open a socket with the session of their user, such as `https://app.example`.
   *  @default none: only our own origin */
  readonly origins?: readonly string[];
}

const ATTACH: OptionNames<AttachOptions> = { origins: true };
/** Rows of a list that are loaded and opened together. A subject with thousands of sessions takes one connection, and the requests of
 *  visitors do not wait behind him. A SQL store loads as many by one statement. */
const OPENED_AT_ONCE = 100;
const NO_ORIGIN = 'is no origin; write scheme, host and port as browsers do, such as "https://shop.example"';

/** The sessions of one `forRoot`: that of the running request, and all that are stored.
 *
 *  Methods that concern other sessions need a store on the server. With the cookie store they reject with a
 *  SessionStateError, except those that end sessions where `cookieStore({ revocation })` is set. */
export class SessionService<T = SessionData> {
  /** The session of the running {@link runWithSession}, and the request that it was called in. */
  private readonly working = new AsyncLocalStorage<{ session: Session<T>; within: object | undefined }>();

  private readonly checkup: Checkup;

  constructor(private readonly manager: SessionManager) {
    this.checkup = new Checkup(manager);
  }

  /** The middleware, for applications with `mount: false`: `consumer.apply(sessions.middleware).forRoutes(…)`. */
  get middleware(): ReturnType<typeof sessionMiddleware> {
    return sessionMiddleware(this.manager);
  }

  /** Events of all sessions, without secrets and values. */
  get events(): SessionEvents {
    return this.manager.events;
  }

  /** Attaches a probe, which sees the steps on the path of every request, for measurements. The answer detaches it. Without a
   *  probe nothing is measured. */
  observe(probe: SessionProbe): () => void {
    return this.manager.observe(probe);
  }

  /** Resolves to the session of the running request or of {@link runWithSession}. Rejects with a SessionStateError outside of
   *  both, and when `session.asyncContext` is false. */
  current(name: string = this.manager.name): Promise<Session<T>> {
    const working = name === this.manager.name ? this.working.getStore() : undefined;
    // A request that begins in the work, such as one of `app.inject()`, has a session of its own.
    if (working && working.within === currentSessions.getStore()) return Promise.resolve(working.session);
    try {
      return load(this.runningSessions().get(name));
    } catch (error) {
      return Promise.reject(error as Error);
    }
  }

  /** Resolves to a CSRF token for the current session, or to `undefined` while nothing of the session is stored:
   *  `@CsrfToken()` begins a session, this method does not. */
  async csrfToken(name: string = this.manager.name): Promise<string | undefined> {
    const running = this.runningSessions().get(name);
    return (await running.load()).isNew ? undefined : running.csrf.make();
  }

  /** Runs `work` with the stored session that has this {@link Session.id}, outside of a request: in the job of a queue, a timer, or
   *  the handler of a message. {@link current} resolves to the session there. What `work` changes is stored when it is done, merged
   *  with what requests store meanwhile, and nothing of it is stored if `work` throws; `save()` and `logout()` store at once. The
   *  idle clock stays where it is. Resolves to what `work` returns.
   *
   *  An id that was renewed periodically still finds its session. Rejects with a SessionStateError: `ERR_SESSION_GONE` when there
   *  is no such session, or it ended before its changes were stored; `ERR_SESSION_UNSUPPORTED` when sessions are in the
   *  cookie. Rejects with a SessionStoreError when the store does not respond, whatever `session.onStoreDown` says. */
  async runWithSession<R>(
    id: string,
    work: (session: Session<T>) => R | Promise<R>,
    options: WorkOptions = {},
  ): Promise<R> {
    checkNames('runWithSession()', options, WORK_OPTIONS);
    const opened = await openWork(this.manager, id, options);
    const session = opened.session as Session<unknown> as Session<T>;
    const { asyncContext } = this.manager.base.options;
    if (!asyncContext) return opened.run(() => work(session));
    const running = { session, within: currentSessions.getStore() };
    return opened.run(() => this.working.run(running, work, session));
  }

  /** Resolves to the session of a request: the one that its handlers see, if the middleware has seen the request. In any
   *  other place, such as a WebSocket's upgrade, store changes by `await session.save()`; a new session cannot begin
   *  there, since no cookie can be sent. For an upgrade, a page of another origin gets what {@link attach} gives it; where such
   *  pages are yours, use `attach()` with `origins`. */
  async open(request: IncomingMessage): Promise<Session<T>> {
    const present = sessionsOf(request)?.of(this.manager);
    if (present) return load(present);
    const refused = isUpgrade(request) && !this.admits(request, []);
    return load(this.sessionsFor(request, refused ? { allowed: false } : undefined).of(this.manager)!);
  }

  /** Like {@link open}, and makes `@CurrentSession()` and the guards work in the handlers of a WebSocket client.
   *
   *  With several named sessions, each service attaches its own, in any order.
   *
   *  Only pages of our own origin, pages of the `origins` and programs that are no browsers get the session of the
   *  handshake. For another page it is anonymous and takes no change, and a warning says so once. The promise does not
   *  reject for it, because Nest does not wait for `handleConnection`, and strangers could end the process. Rejects with a
   *  SessionStoreError when the store does not respond: catch it there. */
  async attach(request: IncomingMessage, client: object, options: AttachOptions = {}): Promise<Session<T>> {
    checkNames('attach()', options, ATTACH);
    const { origins = [] } = options;
    const wrong = origins.findIndex((origin) => !isOrigin(origin));
    if (wrong >= 0)
      throw new SessionConfigError([{ path: `attach() origins[${wrong}]`, message: NO_ORIGIN }]);
    const sessions = this.sessionsFor(request, { allowed: this.admits(request, origins) });
    const others = sessionsOf(client);
    if (others) sessions.adopt(others);
    attachSessions(client, sessions);
    return load(sessions.of(this.manager)!);
  }

  /** Resolves to the live sessions of a subject, last seen first. What a login came from and when its session ends are sealed with
   *  it, so each is opened, a hundred at a time. */
  async list(subject: string): Promise<SessionSummary[]> {
    const lists = storeMethods(this.manager, 'list');
    if (!isSubject(subject)) return []; // nobody can be logged in by it
    const { manager } = this;
    const found = await Promise.all(
      lists.map(async ({ method, store }) => {
        const seenAfter = manager.idleSince(store);
        return (await method(subject)).filter(({ lastSeenAt }) => lastSeenAt > seenAfter);
      }),
    );
    const rows = found.flat();
    rows.sort((a, b) => b.lastSeenAt.getTime() - a.lastSeenAt.getTime());
    const summaries = await inBatches(rows, OPENED_AT_ONCE, (row) => this.summaryOf(row));
    return summaries.filter((one) => one !== undefined);
  }

  /** Resolves to `undefined` for a session that has ended by its sealed clocks. A row that does not open is shown: another
   *  application may have sealed it. */
  private async summaryOf(row: ListedRow): Promise<SessionSummary | undefined> {
    const { key, createdAt, lastSeenAt, subject } = row;
    const summary = { id: publicId({ key }), createdAt, lastSeenAt };
    let hasEnded = false;
    for (const { anyEndpoint } of this.manager.profiles) {
      const found = await anyEndpoint.repository.findByKey?.(key);
      hasEnded ||= found?.kind === 'none' && found.reason === 'expired';
      if (found?.kind !== 'live' || found.entry.record.subject !== subject) continue;
      const { browser, system, network } = found.entry.record.device ?? UNKNOWN;
      return { ...summary, browser, system, network };
    }
    return hasEnded ? undefined : { ...summary, ...UNKNOWN };
  }

  /** Ends one session by its {@link Session.id}, also by an id that was renewed since; an unknown id is fine. With `subject`
   *  it ends only a session of that subject: pass it when the id comes from a form. If remember-me knows the browser, its next
   *  request logs in again: no session says which series is that of its browser. {@link revokeSubject} ends all of them. If one
   *  of several stores fails, the others are asked all the same, and the promise rejects: call it again. */
  async revoke(id: string, options: { subject?: string } = {}): Promise<void> {
    checkNames('revoke()', options, { subject: true });
    await this.endSession(id, options.subject);
  }

  /** Does what {@link revoke} does, and resolves to what became of it, for tools that tell an operator.
   *  @internal */
  endSession(id: string, subject?: string): Promise<EndedSession> {
    return endSession(this.manager, id, subject);
  }

  /** Ends all sessions of a subject except the one with the id `except`, and resolves to their number. Nobody knows how many
   *  sessions there are in cookies: they count as 0. All series of remember-me end first, also that of the browser whose session
   *  stays, so that no browser logs in again without the password. If the store of series or one of sessions fails, the others do it
   *  all the same, and the promise rejects: call it again. */
  async revokeSubject(subject: string, options: { except?: string } = {}): Promise<number> {
    checkNames('revokeSubject()', options, { except: true });
    const { series, sessions } = await this.endSubject(subject, options.except);
    if (series.status === 'rejected') throw series.reason;
    if (sessions.status === 'rejected') throw sessions.reason;
    return sessions.value;
  }

  /** Does what {@link revokeSubject} does, and resolves to what became of each half, for tools that tell an operator.
   *  @internal */
  async endSubject(subject: string, except?: string): Promise<EndedSubject> {
    const { manager } = this;
    const findKept = async () =>
      except === undefined ? undefined : decodeBase64url(await this.settledId(except));
    const [series] = await Promise.allSettled([endSeriesOf(manager, subject)]);
    const [sessions] = await Promise.allSettled([endSessionsOf(manager, subject, findKept)]);
    return { series, sessions };
  }

  /** Resolves to the number of a subject's series; `undefined` where no feature has any.
   *  @internal */
  async countSeries(subject: string): Promise<number | undefined> {
    const { series } = this.manager;
    return series.length ? sumOf(series.map((one) => one.countSubject(subject))) : undefined;
  }

  /** Ends all sessions of everybody that began until now, and resolves to their number; those in cookies are not counted. All series
   *  of remember-me end first. Use it after a break-in, together with new secrets. It reads every stored session. Rejects with a
   *  SessionStateError, and ends nothing, if one of several stores cannot do it. If the store of series fails, the sessions end all
   *  the same, and the promise rejects. */
  revokeAll(): Promise<number> {
    return endEverything(this.manager);
  }

  /** Removes expired sessions, in batches, and resolves to the number of rows. The deadline of a row is rounded up to the
   *  hour. With `exact`, the sealed clocks of all sessions are read, so that every session that has ended is removed now. A store
   *  without `prune`, such as Redis, removes by itself what has expired: without `exact` there is nothing to do, and the number is 0.
   *  Rejects with a SessionStateError where all sessions are in cookies and nothing is kept on the server.
   *  @see PHP `session_gc()` */
  async prune(options: { exact?: boolean } = {}): Promise<number> {
    checkNames('prune()', options, { exact: true });
    const { manager } = this;
    if (!manager.stores.some(({ keepsRows }) => keepsRows)) throw unsupported('prune', manager.base.store);
    const [expired] = await Promise.allSettled([options.exact ? manager.expireRows() : 0]);
    const pruned = (await manager.prune()) ?? 0;
    throwFirst([expired]);
    return settledSum([expired]) + pruned;
  }

  /** Resolves to the number of live sessions. The sealed clocks are not opened for it, so a session that has reached
   *  `absoluteTimeout` may count for up to an hour more. An exact count reads the whole table. With `estimate`, Postgres reads
   *  a sample of a large one, and the number is off by two percent or so. */
  async count({ estimate = false }: { estimate?: boolean } = {}): Promise<number> {
    return sumOf(
      storeMethods(this.manager, 'count').map(({ method, store }) => {
        const seenAfter = this.manager.idleSince(store);
        const { rows } = store;
        return estimate && rows?.estimate ? rows.estimate(seenAfter) : method(seenAfter);
      }),
    );
  }

  /** Resolves to what is well and what is not: the stores, the clock, the keys, the other processes, the driver. Never rejects, takes
   *  less than a second, and asks at most once a second, however often it is called. See docs/health.md. */
  health(): Promise<SessionHealth> {
    return this.checkup.report();
  }

  /** The keys of a managed ring: `list`, `add`, `promote`, `retire`, `revoke`, and `reseal` in batches. */
  get keys(): SessionKeys {
    return new SessionKeys(this.manager);
  }

  /** Seals anew every stored session that an old key or cipher has sealed. Resolves to the number of sessions. The cookies of these
   *  sessions are tagged by the first key when they are used next. */
  async reseal(): Promise<number> {
    return this.keys.reseal();
  }

  /** Reads the exec, file and callback sources of secrets again, each ring whole or not at all. Rejects when one fails. */
  async reloadKeys(): Promise<void> {
    await this.manager.reloadKeys();
  }

  /** Returns the id under which a session is stored. If it is that of the running request and is to be moved, it is moved
   *  first. If its store fails, it has the id from before. */
  private async settledId(id: string): Promise<string> {
    const running = currentSessions.getStore()?.of(this.manager);
    if (!running?.pending) return id;
    const session = await running.load();
    if (session.id !== id) return id;
    const stored = running.head?.state.loaded;
    const hasFailed = await session.save().then(() => false, isOutage);
    return hasFailed && stored ? publicId(stored) : session.id;
  }

  private runningSessions(): RequestSessions {
    const { asyncContext } = this.manager.base.options;
    const sessions = asyncContext ? currentSessions.getStore() : undefined;
    if (sessions) return sessions;
    const why = asyncContext
      ? 'No request is running here'
      : 'session.asyncContext is false, so no request is known here';
    const what = 'use SessionService.open(request), or runWithSession(id, …) in a job or a timer';
    throw new SessionStateError('ERR_SESSION_NO_REQUEST', `${why}; ${what}`);
  }

  /** Sessions of a request that has no response to send a cookie with. */
  /** Judges the handshake of a socket, and says once that one was refused. */
  private admits(request: IncomingMessage, origins: readonly string[]): boolean {
    const allowed = isAllowedHandshake(request, origins);
    if (!allowed) this.manager.base.warnings.refusedHandshake(request);
    return allowed;
  }

  private sessionsFor(request: IncomingMessage, handshake?: { allowed: boolean }): RequestSessions {
    const sessions = new RequestSessions(request, handshake);
    sessions.onHeadSent();
    void sessions.add(this.manager).onRequest();
    return sessions;
  }
}

/** Node sets `upgrade` only where a request came with the event `upgrade`. */
const isUpgrade = (request: IncomingMessage & { readonly upgrade?: unknown }): boolean =>
  request.upgrade === true;

/** Throws an error of any other kind. */
function isOutage(error: unknown): true {
  if (error instanceof SessionStoreError) return true;
  throw error;
}

const UNKNOWN = { browser: undefined, system: undefined, network: undefined };

const load = <T>(session: RequestSession): Promise<Session<T>> =>
  session.load() as Promise<Session<unknown>> as Promise<Session<T>>;
