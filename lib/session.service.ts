import type { IncomingMessage } from 'node:http';
import { decodeBase64url } from './envelope/base64url.js';
import { SessionStateError } from './errors/session-state.error.js';
import { currentSessions, attachSessions, RequestSessions, sessionsOf } from './request/request-sessions.js';
import { sessionMiddleware } from './session.middleware.js';
import { resealRows } from './manager/reseal-rows.js';
import type { SessionEngine } from './manager/session-engine.js';
import { publicId } from './persistence/session-committer.js';
import type { Session } from './session/session.js';
import type { SessionData } from './record/session-data.interface.js';
import type { SessionEvents } from './persistence/session-events.js';
import type { SessionStore } from './stores/session-store.interface.js';

/** A session as a list of devices shows it. */
export interface SessionSummary {
  /** {@link Session.id}, to revoke it by. */
  readonly id: string;
  readonly createdAt: Date;
  readonly lastSeenAt: Date;
}

const KEY_LENGTH = 32;
const POWERS = {
  list: 'list sessions',
  destroy: 'end a session',
  destroySubject: "end a subject's sessions",
  prune: 'prune',
  count: 'count sessions',
  scan: 'seal sessions anew',
} as const;

/** Sessions of one configuration: the one of the running request, and all that wait in the store.
 *
 *  What concerns other sessions than the current one needs a store on the server, and rejects with a
 *  SessionStateError where the session is in the cookie. */
export class SessionService<T = SessionData> {
  constructor(private readonly engine: SessionEngine) {}

  /** For applications with `mount: false`: `consumer.apply(sessions.middleware).forRoutes(…)`. */
  get middleware(): ReturnType<typeof sessionMiddleware> {
    return sessionMiddleware(this.engine);
  }

  /** What happens to sessions, without secrets and values. */
  get events(): SessionEvents {
    return this.engine.events;
  }

  /** The session of the request that this code runs for. Rejects with a SessionStateError outside of one, and where
   *  `session.asyncContext` is false. */
  current(name: string = this.engine.name): Promise<Session<T>> {
    try {
      return this.sessionsHere().slot(name).session() as Promise<Session<unknown>> as Promise<Session<T>>;
    } catch (error) {
      return Promise.reject(error as Error);
    }
  }

  /** A token against cross-site requests for the current session, or `undefined` while nothing of it is stored: unlike
   *  `@CsrfToken()` it does not begin one. */
  async csrfToken(name: string = this.engine.name): Promise<string | undefined> {
    const session = await this.current(name);
    return session.isNew ? undefined : currentSessions.getStore()!.slot(name).csrfToken();
  }

  /** The session of a request: the one that its handlers see, if the middleware has seen the request. Else, such as at
   *  a WebSocket's upgrade, store changes by `await session.save()`; a new session can't be begun, since no cookie can
   *  be sent. */
  async open(request: IncomingMessage): Promise<Session<T>> {
    const present = sessionsOf(request);
    const sessions = present?.has(this.engine) ? present : this.sessionsFor(request);
    return (await sessions.slot(this.engine.name).session()) as Session<unknown> as Session<T>;
  }

  /** Like {@link open}, and makes `@CurrentSession()` work in the handlers of a WebSocket client. */
  async attach(request: IncomingMessage, client: object): Promise<Session<T>> {
    const sessions = this.sessionsFor(request);
    attachSessions(client, sessions);
    return (await sessions.slot(this.engine.name).session()) as Session<unknown> as Session<T>;
  }

  /** Live sessions of a subject, last seen first. */
  async list(subject: string): Promise<SessionSummary[]> {
    const rows = (await Promise.all(this.powers('list').map((list) => list(subject)))).flat();
    rows.sort((a, b) => b.lastSeenAt.getTime() - a.lastSeenAt.getTime());
    return rows.map((row) => ({ id: publicId(row), createdAt: row.createdAt, lastSeenAt: row.lastSeenAt }));
  }

  /** Ends one session by its {@link Session.id}; what is not there is fine. With `subject`, only a session of theirs:
   *  say it where the id comes from a form. */
  async revoke(id: string, { subject }: { subject?: string } = {}): Promise<void> {
    this.powers('destroy');
    const key = decodeBase64url(id);
    if (key?.length !== KEY_LENGTH) return;
    if (subject !== undefined && (await this.list(subject)).every((one) => one.id !== id)) return;
    const migratableUntil = this.engine.migrationEnd;
    for (const { anyEndpoint, store } of this.engine.contexts.all())
      if (store) await anyEndpoint.repository.end({ key, migratableUntil });
  }

  /** Ends all sessions of a subject, but the one with the id `except`; says how many. */
  async revokeSubject(subject: string, { except }: { except?: string } = {}): Promise<number> {
    const powers = this.powers('destroySubject');
    const kept = except === undefined ? undefined : decodeBase64url(await this.settledId(except));
    const deadline = this.engine.tombstoneDeadline();
    return sum(powers.map((destroySubject) => destroySubject(subject, deadline, kept)));
  }

  /** The id by which a session is stored: where it is the running request's, and is to be moved, it is moved first. */
  private async settledId(id: string): Promise<string> {
    const slot = currentSessions
      .getStore()
      ?.all()
      .find(({ root }) => root === this.engine);
    if (!slot?.pending) return id;
    const session = await slot.session();
    if (session.id !== id) return id;
    await session.save();
    return session.id;
  }

  /** Removes what has expired, at most some batches of it; says how many rows. @see PHP `session_gc()` */
  async prune(): Promise<number> {
    return this.engine.prune() ?? sum(this.powers('prune').map((prune) => prune()));
  }

  /** How many live sessions there are. */
  async count(): Promise<number> {
    return sum(this.powers('count').map((count) => count()));
  }

  /** Seals anew whatever an old key or cipher sealed, so that the old one can be dropped; says how many. */
  async reseal(): Promise<number> {
    this.powers('scan');
    const engines = this.engine.contexts.all().filter(({ store }) => store?.scan);
    let resealed = 0;
    for (const engine of engines) resealed += await resealRows(engine);
    return resealed;
  }

  /** Reads exec, file and callback sources of secrets again: the whole ring or nothing. Rejects when one fails. */
  async reloadKeys(): Promise<void> {
    await this.engine.reloadKeys();
  }

  private sessionsHere(): RequestSessions {
    const sessions = this.engine.options.asyncContext ? currentSessions.getStore() : undefined;
    if (sessions) return sessions;
    const why = this.engine.options.asyncContext
      ? 'No request is running here'
      : 'session.asyncContext is false, so no request is known here';
    throw new SessionStateError('ERR_SESSION_NO_REQUEST', `${why}; use SessionService.open(request)`);
  }

  private sessionsFor(request: IncomingMessage): RequestSessions {
    const sessions = new RequestSessions(request);
    sessions.add(this.engine).clean();
    sessions.onHeadSent();
    return sessions;
  }

  /** One power of every store that there is, the contexts' too; throws where none has it. */
  private powers<K extends 'list' | 'destroy' | 'destroySubject' | 'prune' | 'count' | 'scan'>(
    name: K,
  ): NonNullable<SessionStore[K]>[] {
    const methods = this.engine.contexts.withOwnStore().flatMap(({ store }) => {
      const method = store?.[name];
      return method ? [method.bind(store) as NonNullable<SessionStore[K]>] : [];
    });
    if (methods.length) return methods;
    throw new SessionStateError(
      'ERR_SESSION_UNSUPPORTED',
      `The store "${this.engine.options.store.kind}" cannot ${POWERS[name]}; use typeOrmStore(), which keeps sessions on the server`,
    );
  }
}

const sum = async (counts: readonly Promise<number>[]): Promise<number> =>
  (await Promise.all(counts)).reduce((total, one) => total + one, 0);
