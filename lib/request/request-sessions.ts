import { AsyncLocalStorage } from 'node:async_hooks';
import type { ServerResponse } from 'node:http';
import { inspect } from 'node:util';
import { SessionStateError } from '../errors/session-state.error.js';
import { nameOfLine } from '../http/cookie.js';
import { ResponseGate, type GateLimits, type HeadOwner } from '../http/gate/response-gate.js';
import { REWRITTEN_HEAD } from '../http/trans-sid/rewritten-head.js';
import type { BodyRewriter } from '../http/gate/rewritten-body.js';
import type { HeadAdditions } from '../http/gate/response-head.js';
import type { PlatformRequest } from '../http/connection.js';
import type { SessionEngine } from '../manager/session-engine.js';
import type { RouteSessionOptions } from './route-session-options.interface.js';
import { RequestSession } from './request-session.js';
import type { Session } from '../session/session.js';

const NO_ADDITIONS: HeadAdditions = { cookies: [], defaults: {}, vary: undefined };

/** What of a route matters here. */
interface RouteWish {
  readonly name?: string;
  readonly options?: RouteSessionOptions;
}

/** All named sessions of one request. They share one gate, so that the head waits for all of them once.
 *
 *  The slots are a chain and no array: V8 comes to allocate the array of a literal among the old objects, where it keeps
 *  its request alive until the next full collection, at several microseconds for each request. */
export class RequestSessions implements HeadOwner {
  /** The session that decorators and guards of the route mean when they name none. */
  defaultName: string | undefined;
  /** The head has left: only `save()` stores now. */
  headSent = false;
  takeResponseHeaders: HeadOwner['takeResponseHeaders'];
  rewriter: HeadOwner['rewriter'];
  private failed = false;
  /** The answer is a page that an id was put into. */
  private rewritten = false;
  /** Set-Cookie lines of others, by name. */
  private lines: Map<string, string> | undefined;
  private first: RequestSession | undefined;

  constructor(private readonly request: PlatformRequest) {}

  add(engine: SessionEngine): RequestSession {
    const session = new RequestSession(engine, this.request);
    let last = this.first;
    while (last?.next) last = last.next;
    if (last) last.next = session;
    else this.first = session;
    if (session.readsResponseHeaders)
      this.takeResponseHeaders ??= (response, args) => this.takeAllResponseHeaders(response, args);
    if (session.engine.transSid) this.rewriter ??= (response, args) => this.rewriterOf(response, args);
    return session;
  }

  has(engine: SessionEngine): boolean {
    for (let slot = this.first; slot; slot = slot.next) if (slot.root === engine) return true;
    return false;
  }

  /** The session of a name, or of the route, or the first. */
  slot(name: string | undefined = this.defaultName): RequestSession {
    for (let slot = this.first; slot; slot = slot.next)
      if (name === undefined || slot.engine.name === name) return slot;
    const known = this.all()
      .map(({ engine }) => `"${engine.name}"`)
      .join(', ');
    throw new SessionStateError(
      'ERR_SESSION_NO_REQUEST',
      `There is no session "${name}" on this request; there are ${known}`,
    );
  }

  /** Heeds what a route says. Saying it again changes nothing. */
  applyRoute({ name, options }: RouteWish): void {
    if (name !== undefined) this.defaultName = name;
    if (options) this.slot().route = options;
  }

  /** The platform's own request, which has the parsed body. */
  set platform(request: object) {
    for (let slot = this.first; slot; slot = slot.next) slot.platform = request;
  }

  all(): RequestSession[] {
    const slots: RequestSession[] = [];
    for (let slot = this.first; slot; slot = slot.next) slots.push(slot);
    return slots;
  }

  /** Has `look` see the session of a name when it is loaded, before whoever asks for it. */
  onFirstLoad(name: string, look: (session: Session) => Promise<void>): void {
    this.slot(name).onFirstLoad(look);
  }

  /** Has the head set or clear a cookie that is not a session's; the last line of a name counts. */
  addCookie(line: string): void {
    (this.lines ??= new Map()).set(nameOfLine(line), line);
  }

  gate(response: ServerResponse, limits: GateLimits): void {
    ResponseGate.install(response, this, limits);
  }

  /** Stores all that is due, until it fails once: the answer that tells of it must not try again, and store after all. */
  commit(): void | Promise<void> {
    if (this.failed) return;
    try {
      return this.commitAll()?.catch((error: unknown) => this.giveUp(error));
    } catch (error) {
      this.giveUp(error);
    }
  }

  additions(): HeadAdditions {
    let first: RequestSession | undefined;
    let personal = false;
    const cookies: string[] = [];
    for (let slot = this.first; slot; slot = slot.next) {
      if (!slot.used) continue;
      first ??= slot;
      personal ||= slot.hasSubject;
      const line = slot.setCookie();
      if (line !== undefined) cookies.push(line);
      const cleared = slot.clearMigratedCookie();
      if (cleared !== undefined) cookies.push(cleared);
    }
    if (this.lines) cookies.push(...this.lines.values());
    if (this.lines) first ??= this.first;
    if (!first) return NO_ADDITIONS;
    const headers = first.idHeader();
    if (this.rewritten) return this.rewrittenHead({ cookies, vary: first.vary, headers });
    const defaults = first.cacheHeaders(personal || cookies.length > 0 || headers !== undefined);
    return { cookies, defaults, vary: first.vary, headers };
  }

  private rewrittenHead({ headers, ...additions }: Omit<HeadAdditions, 'defaults'>): HeadAdditions {
    const { removed } = REWRITTEN_HEAD;
    return { ...additions, defaults: {}, removed, headers: { ...headers, ...REWRITTEN_HEAD.headers } };
  }

  /** What puts ids into the page that the answer is: one session's, the first that has one, where the
   *  visitor brought the cookie of none. An answer without a body has the head of one with it. */
  private rewriterOf(response: ServerResponse, args: readonly unknown[]): BodyRewriter | undefined {
    if (this.all().some((slot) => slot.bringsCookie)) return undefined;
    for (let slot = this.first; slot; slot = slot.next) {
      const rewriter = slot.rewriter(response, args);
      if (!rewriter) continue;
      this.rewritten = true;
      return this.request.method === 'HEAD' ? undefined : rewriter;
    }
    return undefined;
  }

  private takeAllResponseHeaders(response: ServerResponse, args: unknown[]): unknown[] {
    return this.all().reduce((onHeadSent, slot) => slot.takeResponseHeaders(response, onHeadSent), args);
  }

  private commitAll(): void | Promise<void> {
    let waiting: Promise<unknown>[] | undefined;
    for (let slot = this.first; slot; slot = slot.next) {
      if (!slot.used) continue;
      try {
        const stored = slot.commit();
        if (stored instanceof Promise) (waiting ??= []).push(stored);
      } catch (error) {
        if (!waiting) throw error;
        waiting.push(Promise.reject(error as Error)); // what is under way must not be left without a listener
      }
    }
    if (!waiting) return;
    return Promise.all(waiting).then(() =>
      this.all().some((slot) => slot.pending) ? this.commitAll() : undefined,
    );
  }

  private giveUp(error: unknown): never {
    this.failed = true;
    throw error;
  }

  onHeadSent(error?: unknown): void {
    this.headSent = true;
    for (let slot = this.first; slot; slot = slot.next) slot.onHeadSent();
    if (error) this.first?.engine.failed(error);
  }

  /** Shows nothing: a request may end up in a log. */
  [inspect.custom](): string {
    return 'RequestSessions {}';
  }
}

/** The sessions of the request that this code runs for. */
export const currentSessions = new AsyncLocalStorage<RequestSessions>();

/** They stand on the object itself: a WeakMap entry for each request costs several microseconds of garbage collection. */
const SESSIONS = Symbol('sessions');
type Carrier = { [SESSIONS]?: RequestSessions; readonly raw?: Carrier };

/** The sessions of a request or of a client that a request was attached to; raw, or as a platform wraps it. */
export function sessionsOf(request: object | undefined): RequestSessions | undefined {
  if (!request) return undefined;
  const carrier = request as Carrier;
  return (carrier.raw ?? carrier)[SESSIONS] ?? carrier[SESSIONS];
}

export function attachSessions(key: object, sessions: RequestSessions): void {
  (key as Carrier)[SESSIONS] = sessions;
}
