import type { IncomingMessage } from 'node:http';
import { decodeBase64url } from './envelope/index.js';
import { SessionStateError } from './errors/index.js';
import { currentSessions, keepSessions, RequestSessions } from './request-sessions.js';
import { sessionMiddleware } from './session.middleware.js';
import { resealRows } from './reseal-rows.js';
import type { SessionEngine } from './session-engine.js';
import { publicId, type Session, type SessionData, type SessionEvents } from './session/index.js';
import type { SessionStore } from './stores/index.js';

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

  /** The session of the request that this code runs for. Rejects with a SessionStateError outside of one. */
  current(name: string = this.engine.name): Promise<Session<T>> {
    try {
      return sessionsHere().slot(name).session() as Promise<Session<unknown>> as Promise<Session<T>>;
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

  /** The session of a request that no middleware has seen, such as a WebSocket's upgrade. Store changes by
   *  `await session.save()`; a new session can't be begun, since no cookie can be sent. */
  async open(request: IncomingMessage): Promise<Session<T>> {
    return (await this.sessionsFor(request)
      .slot(this.engine.name)
      .session()) as Session<unknown> as Session<T>;
  }

  /** Like {@link open}, and makes `@CurrentSession()` work in the handlers of a WebSocket client. */
  async attach(request: IncomingMessage, client: object): Promise<Session<T>> {
    const sessions = this.sessionsFor(request);
    keepSessions(client, sessions);
    return (await sessions.slot(this.engine.name).session()) as Session<unknown> as Session<T>;
  }

  /** Live sessions of a subject, last seen first. */
  async list(subject: string): Promise<SessionSummary[]> {
    const rows = await this.power('list')(subject);
    return rows.map((row) => ({ id: publicId(row), createdAt: row.createdAt, lastSeenAt: row.lastSeenAt }));
  }

  /** Ends one session by its {@link Session.id}; what is not there is fine. With `subject`, only a session of theirs:
   *  say it where the id comes from a form. */
  async revoke(id: string, { subject }: { subject?: string } = {}): Promise<void> {
    this.power('destroy');
    const { repository } = this.engine.anyChannel;
    const key = decodeBase64url(id);
    if (key?.length !== KEY_LENGTH) return;
    if (subject !== undefined && (await this.list(subject)).every((one) => one.id !== id)) return;
    await repository.end({ key });
  }

  /** Ends all sessions of a subject, but the one with the id `except`; says how many. */
  async revokeSubject(subject: string, { except }: { except?: string } = {}): Promise<number> {
    const destroySubject = this.power('destroySubject');
    const kept = except === undefined ? undefined : decodeBase64url(await this.settledId(except));
    return destroySubject(subject, this.engine.graveDeadline(), kept);
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
    return this.engine.prune() ?? this.power('prune')();
  }

  /** How many live sessions there are. */
  async count(): Promise<number> {
    return this.power('count')();
  }

  /** Seals anew whatever an old key or cipher sealed, so that the old one can be dropped; says how many. */
  async reseal(): Promise<number> {
    this.power('scan');
    return resealRows(this.engine);
  }

  /** Reads exec, file and callback sources of secrets again: the whole ring or nothing. Rejects when one fails. */
  async reloadKeys(): Promise<void> {
    await this.engine.reloadKeys();
  }

  private sessionsFor(request: IncomingMessage): RequestSessions {
    const sessions = new RequestSessions(request);
    sessions.add(this.engine);
    sessions.left();
    return sessions;
  }

  private power<K extends 'list' | 'destroy' | 'destroySubject' | 'prune' | 'count' | 'scan'>(
    name: K,
  ): NonNullable<SessionStore[K]> {
    const { store } = this.engine;
    const method = store?.[name];
    if (!store || !method)
      throw new SessionStateError(
        'ERR_SESSION_UNSUPPORTED',
        `The store "${this.engine.options.store.kind}" can not ${POWERS[name]}; use typeOrmStore(), which keeps sessions on the server`,
      );
    return method.bind(store) as NonNullable<SessionStore[K]>;
  }
}

function sessionsHere(): RequestSessions {
  const sessions = currentSessions.getStore();
  if (sessions) return sessions;
  throw new SessionStateError(
    'ERR_SESSION_NO_REQUEST',
    'No request is running here; use SessionService.open(request)',
  );
}
