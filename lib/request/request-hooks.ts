import { SessionStateError } from '../errors/session-state.error.js';
import type { Envelope } from '../envelope/envelope.js';
import type { EnvelopeContext } from '../envelope/envelope-context.js';
import type { CookieFacts } from '../http/cookie.js';
import type { JsonObject } from '../record/session-data.interface.js';
import type { Session } from '../session/session.js';
import type { SessionState } from '../session/session-state.js';
import { currentSessions, sessionsOf, type RequestSessions } from './request-sessions.js';
import type { RequestSession } from './request-session.js';
import type { SessionFeature } from './session-feature.interface.js';

/** Bytes of a row's key. Stores that other programs share have keys of other lengths. */
const ROW_KEY_LENGTH = 32;

/** What a profile lends to a feature on top, so that its values are sealed with the session's keys. */
export interface SealingHooks {
  /** The envelope of the native format; absent where `crypto.format` is another. */
  readonly envelope: Envelope | undefined;
  /** Returns the context that a value of another purpose is sealed for. */
  envelopeContext(purpose: string, store: string, name: string): EnvelopeContext;
}

/** A visitor whose session was just loaded, for a feature that may recognise him without a password. */
export interface Visitor {
  readonly subject: string | undefined;
  /** True if he may be logged in here. */
  readonly acceptsRecognition: boolean;
  /** Logs him in and saves the session at once, also on a route that only reads. After a failure nobody is logged in.
   *  Resolves to the key of the session's row, or to `undefined` if it has none on a server. */
  recognise(subject: string): Promise<Buffer | undefined>;
  /** Logs him out again, also on a route that only reads. */
  forget(): Promise<void>;
}

/** The one interface by which a feature on top, such as remember-me, takes part in a request with one named session. */
export class RequestHooks {
  constructor(
    private readonly sessions: RequestSessions,
    private readonly session: RequestSession,
  ) {}

  /** The object that stands for this request, as a key of a WeakMap. */
  get key(): object {
    return this.sessions;
  }

  get headSent(): boolean {
    return this.sessions.headSent;
  }

  /** The kind of connection; `undefined` if no cookie may be sent over it. */
  get connection(): 'secure' | 'plain' | undefined {
    const { cookieForbidden, cookie } = this.session.endpoint;
    if (cookieForbidden) return undefined;
    return cookie.secure ? 'secure' : 'plain';
  }

  /** True if the route has an idle timeout of its own, and so wants a visitor who was here just now. */
  get hasOwnIdleTimeout(): boolean {
    return this.session.hasOwnIdleTimeout;
  }

  /** The keys of the request's profile. The object is the same for all requests of a profile. */
  get sealing(): SealingHooks {
    return this.session.profile;
  }

  load(): Promise<Session> {
    return this.session.load();
  }

  /** Loads the session for {@link take}. Until then nobody has used it. Returns `undefined` if it is there on the same tick, and
   *  if the request brings nothing that could lead to a session. */
  prepare(): Promise<unknown> | undefined {
    return this.session.bringsNothing ? undefined : this.session.prepare();
  }

  /** Returns the session after {@link prepare}, on the same tick; `undefined` where sessions are off. */
  take(): Session | undefined {
    void this.session.prepare();
    return this.session.isOff ? undefined : this.session.take();
  }

  /** The values of the session with all changes of this request, neither copied nor frozen: they must not be changed. */
  get data(): JsonObject | undefined {
    return this.session.head?.state.current.data;
  }

  /** Logouts of this request so far, by whichever part of the application. */
  get endCount(): number {
    return this.session.head?.state.endCount ?? 0;
  }

  /** Seconds since 1970 at which the idle clock of the stored session was set, by the store's clock; `undefined` while nothing is
   *  stored. */
  get lastSeenAt(): number | undefined {
    return this.session.head?.state.loaded?.record.lastSeenAt;
  }

  /** Seconds since then. */
  get idle(): number | undefined {
    const { lastSeenAt } = this;
    return lastSeenAt === undefined ? undefined : Math.max(0, this.session.head!.state.now() - lastSeenAt);
  }

  /** Moves the idle clock with the next commit, if the request moves it at all and it was set so many seconds ago. */
  touchAfter(seconds: number): void {
    this.session.head?.state.touchAfter(seconds);
  }

  /** The attributes of the cookie of this request's connection. */
  get cookie(): CookieFacts {
    return this.session.endpoint.cookie;
  }

  /** Lets a feature on top keep something of the session itself. */
  attach(feature: SessionFeature): void {
    this.session.attach(feature);
  }

  /** Reports whether a row's key leads to the session of this request as it is stored, also if its id was renewed since. */
  async isCurrent(key: Buffer): Promise<boolean> {
    await this.session.load();
    const { endpoint, head } = this.session;
    const now = (await endpoint.repository.keyNow?.(key)) ?? key;
    return head?.state.loaded?.key.equals(now) === true;
  }

  /** Calls `listener` when the session is next asked for, before the one who asks gets it. */
  onFirstLoad(listener: (visitor: Visitor) => Promise<void>): void {
    const { onServer } = this.session.endpoint.repository;
    this.session.onFirstLoad((session, state) => listener(new LoadedVisitor(session, state, onServer)));
  }

  /** Makes the head set or clear a cookie; the last call for a name counts. `elsewhere` clears the cookies of this name at
   *  other places. */
  addCookie(line: string, elsewhere: readonly string[] = []): void {
    this.sessions.addCookie(line, elsewhere);
  }

  /** Like {@link addCookie}, for a credential that only a login gives: where the login is not stored, an error has no such cookie. */
  addLoginCookie(line: string, elsewhere: readonly string[]): void {
    this.sessions.addCookie(line, elsewhere, 'dropped');
  }
}

class LoadedVisitor implements Visitor {
  constructor(
    private readonly session: Session,
    private readonly state: SessionState,
    private readonly onServer: boolean,
  ) {}

  get subject(): string | undefined {
    return this.session.subject;
  }

  get acceptsRecognition(): boolean {
    return this.state.acceptsRecognition;
  }

  async recognise(subject: string): Promise<Buffer | undefined> {
    await this.session.login(subject, { remembered: true });
    await this.session.save().catch(async (error: unknown) => {
      if ((error as { code?: unknown }).code !== 'ERR_SESSION_LIMIT') await this.forget(); // there is nothing to forget
      throw error;
    });
    const key = this.onServer ? this.state.loaded?.key : undefined;
    return key?.length === ROW_KEY_LENGTH ? key : undefined;
  }

  async forget(): Promise<void> {
    this.state.end(false, 'recognition');
    if (this.state.headSent) await this.state.save();
  }
}

/** Returns the hooks of a request and the session `name`; `undefined` where no session middleware has seen the request. */
export function findHooks(name: string, request: object): RequestHooks | undefined {
  const sessions = sessionsOf(request);
  return sessions && new RequestHooks(sessions, sessions.get(name));
}

/** Returns the hooks of a request, or of the running one if none is given. Throws a SessionStateError where no request is
 *  known. */
export function hooksOf(name: string, request?: object): RequestHooks {
  const sessions = request ? sessionsOf(request) : currentSessions.getStore();
  if (sessions) return new RequestHooks(sessions, sessions.get(name));
  throw new SessionStateError(
    'ERR_SESSION_NO_REQUEST',
    'No request is known here; with session.asyncContext: false, pass the request',
  );
}
