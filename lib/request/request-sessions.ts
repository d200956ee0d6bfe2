import { AsyncLocalStorage } from 'node:async_hooks';
import type { ServerResponse } from 'node:http';
import { inspect } from 'node:util';
import { SessionStateError } from '../errors/session-state.error.js';
import type { PlatformRequest } from '../http/connection.js';
import { nameOfLine } from '../http/cookie.js';
import type { HeadAdditions } from '../http/gate/response-head.js';
import { ResponseGate, type GateLimits, type HeadOwner } from '../http/gate/response-gate.js';
import type { BodyRewriter } from '../http/gate/rewritten-body.js';
import { DEFAULT_SESSION } from '../options/default-session.js';
import { allOf, commitEach, commitPending } from './commit-each.js';
import { HandshakeAnswer, type HandshakeSocket } from './handshake-answer.js';
import { addLinesOf, additionsToError, rewrittenHead, type FeatureCookie } from './head-additions.js';
import type { RequestManager } from './request-manager.interface.js';
import { RequestSession } from './request-session.js';
import type { RouteSessionOptions } from './route-session-options.interface.js';
import { idHeader } from './session-head.js';
import { SocketSession } from './socket-session.js';

const NO_ADDITIONS: HeadAdditions = { cookies: [], defaults: {}, vary: undefined };

/** All named sessions of one request. They share one gate, so that the head waits for all of them once. */
export class RequestSessions implements HeadOwner {
  /** Takes out of the head what changes a session. It is present only if a session needs it, so that other responses
   *  are not searched. */
  takeResponseHeaders: HeadOwner['takeResponseHeaders'];
  /** Puts ids into pages. It is present only where `id.transSid` is on. */
  rewriter: HeadOwner['rewriter'];
  private head: 'held' | 'sent' | 'failed' = 'held';
  private commitFailed = false;
  /** The moment at which the head that waits for a commit becomes an error. */
  private waitsUntil: number | undefined;
  /** True once an id was put into the page that the response is. */
  private rewritten = false;
  /** Set-Cookie lines of features on top, by cookie name. */
  private lines: Map<string, FeatureCookie> | undefined;
  /** The session without a name, or the one that came first where all have names. */
  private first: RequestSession | undefined;
  /** The sessions of further modules. It is absent for one module: V8 allocates an array literal in old space here, which
   *  retains the request until a major collection. */
  private others: RequestSession[] | undefined;
  private response: ServerResponse | undefined;
  private handshakeAnswer: HandshakeAnswer | undefined;

  constructor(
    private readonly request: PlatformRequest,
    /** The verdict on the handshake, for the sessions of a socket; absent for a request with a response. */
    private readonly handshake?: { readonly allowed: boolean },
  ) {}

  /** True for the sessions of a socket, which live longer than a request and have to be read again. */
  get outlivesRequest(): boolean {
    return this.handshake !== undefined;
  }

  /** True for the handshake of a socket that a page of another origin has opened. */
  get foreignOrigin(): boolean {
    return this.handshake?.allowed === false;
  }

  /** True once the head of the response is sent; only `save()` stores changes then. */
  get headSent(): boolean {
    return this.head !== 'held';
  }

  /** Resolves when the answer to a handshake has left; absent where none can come. */
  get answer(): Promise<void> | undefined {
    return this.handshakeAnswer?.pending;
  }

  /** True once an error was sent in place of the response. */
  get failed(): boolean {
    return this.head === 'failed';
  }

  /** The moment of `performance.now()` at which an error is sent; `undefined` unless the head waits for a commit. */
  get heldUntil(): number | undefined {
    return this.waitsUntil;
  }

  /** Adds the session of a module. It is not loaded yet. */
  add(manager: RequestManager): RequestSession {
    const kind = this.outlivesRequest ? SocketSession : RequestSession;
    const session = new kind(manager, this.request, this);
    this.place(session);
    if (session.readsResponseHeaders)
      this.takeResponseHeaders ??= (response, args) => this.takeAllResponseHeaders(response, args);
    if (session.profile.transSid) this.rewriter ??= (response, args) => this.rewriterOf(response, args);
    return session;
  }

  /** Takes over the sessions that other modules have attached to the same socket. Each keeps the verdict on the page that its module has
   *  come to. */
  adopt({ outlivesRequest, first, others = [] }: RequestSessions): void {
    if (outlivesRequest && first)
      for (const session of [first, ...others]) if (!this.of(session.manager)) this.place(session);
  }

  /** The order in which modules join depends on which of them is built first, so the one without a name is put first. */
  private place(session: RequestSession): void {
    const { first } = this;
    if (first && session.profile.name !== DEFAULT_SESSION) return void (this.others ??= []).push(session);
    this.first = session;
    if (first) (this.others ??= []).push(first);
  }

  /** Returns the session of a manager, if its module has seen the request. */
  of(manager: RequestManager): RequestSession | undefined {
    if (this.first?.manager === manager) return this.first;
    return this.others?.find((one) => one.manager === manager);
  }

  /** Returns the session of a name, or the session without a name; `undefined` if there is none. The route of a handler is not known
   *  here: handlers of several routes share this object, as the fields of one GraphQL operation do. */
  find(name?: string): RequestSession | undefined {
    const { first } = this;
    if (name === undefined) return first?.manager.isMeantByDefault ? first : undefined;
    if (first?.profile.name === name) return first;
    return this.others?.find(({ profile }) => profile.name === name);
  }

  /** Returns what {@link find} returns. Throws a SessionStateError if there is none. */
  get(name?: string): RequestSession {
    const found = this.find(name);
    if (found) return found;
    const known = this.all()
      .map(({ profile }) => `"${profile.name}"`)
      .join(', ');
    throw new SessionStateError(
      'ERR_SESSION_NO_REQUEST',
      `There is no session "${name ?? DEFAULT_SESSION}" on this request; there are ${known}`,
    );
  }

  /** Applies the options of a route to the session that it names. A second call with the same ones changes nothing. On a socket, those
   *  of the message before end. */
  applyRoute(name: string | undefined, options: RouteSessionOptions | undefined): void {
    if (this.outlivesRequest)
      for (const session of this.all()) if (session instanceof SocketSession) session.endRoute();
    if (options) this.get(name).applyRoute(options);
  }

  /** Takes the platform's own request, which has the parsed body. */
  setPlatformRequest(request: object): void {
    this.first?.setPlatformRequest(request);
    this.others?.forEach((session) => session.setPlatformRequest(request));
  }

  /** Makes the head set or clear a cookie of a feature on top; the last call for a name counts. `elsewhere` clears the cookies
   *  of this name at other places. `atError` says whether an error that is sent in place of the response has it. */
  addCookie(line: string, elsewhere: readonly string[], atError: 'sent' | 'dropped' = 'sent'): void {
    (this.lines ??= new Map()).set(nameOfLine(line), { lines: [...elsewhere, line], atError });
  }

  /** Counts the head as sent: the answer to a handshake carries no cookie. A route that upgrades nothing answers all the same, and
   *  its response stores what it has changed. */
  onHandshake(socket: HandshakeSocket): void {
    this.head = 'sent';
    this.handshakeAnswer = new HandshakeAnswer(socket);
  }

  /** Holds the head of the response back until the sessions are committed. */
  gate(response: ServerResponse, limits: GateLimits): void {
    this.response = response;
    ResponseGate.install(response, this, limits);
  }

  /** True if a change waits for a commit. */
  private get pending(): boolean {
    return this.first?.pending === true || this.others?.some(({ pending }) => pending) === true;
  }

  /** Calls `listener` when the response is sent, or its client has gone. Never for the sessions of a socket. */
  onClose(listener: () => void): void {
    if (this.response?.destroyed) listener();
    else this.response?.once('close', listener);
  }

  /** Commits every session, and stores nothing after `until` (`performance.now()`). After a failure it never retries, so the
   *  error response cannot save what it reports as lost. */
  commit(until?: number): void | Promise<void> {
    if (this.commitFailed) return;
    this.waitsUntil = until;
    try {
      return this.orGiveUp(this.commitAll(until));
    } catch (error) {
      this.giveUp(error);
    }
  }

  /** Commits what was changed since {@link commit} has ended. */
  commitLate(until: number): void | Promise<void> {
    if (this.commitFailed || !this.pending) return;
    try {
      return this.orGiveUp(commitPending(this.all(), until));
    } catch (error) {
      this.giveUp(error);
    }
  }

  private orGiveUp(stored: void | Promise<void>): void | Promise<void> {
    return stored?.catch((error: unknown) => this.giveUp(error));
  }

  /** Returns what the head must say: cookies, cache headers, Vary and the id header. The gate asks once, after the
   *  commit. */
  additions(): HeadAdditions {
    const used = this.firstUsed();
    if (!used && !this.lines) return NO_ADDITIONS;
    const cookies: string[] = [];
    const personal = this.addHeadLines(cookies);
    if (this.lines) cookies.push(...this.linesOnTop());
    const leading = used ?? this.first!;
    const { vary } = leading.profile;
    const headers = leading.head && idHeader(leading.head);
    if (this.rewritten) return rewrittenHead({ cookies, vary, headers });
    const defaults = leading.cacheHeaders(personal || cookies.length > 0 || headers !== undefined);
    return { cookies, defaults, vary, headers };
  }

  /** Returns the cookies of what was stored before an error. */
  additionsToError(): HeadAdditions | undefined {
    return additionsToError(this.all(), this.linesOnTop('dropped'));
  }

  /** Reports that the application wanted a head for shared caches that sets one of our cookies. */
  onCacheRefused(): void {
    if (!this.rewritten) (this.firstUsed() ?? this.first)?.reportRefusedCache();
  }

  /** Marks the head as sent. With an error, an error response was sent in place of the handler's. */
  onHeadSent(error?: unknown): void {
    this.head = error ? 'failed' : 'sent';
    this.waitsUntil = undefined;
    this.handshakeAnswer?.end();
    if (error) this.first?.manager.reportFailedCommit(error);
  }

  private all(): RequestSession[] {
    return this.first ? [this.first, ...(this.others ?? [])] : [];
  }

  private linesOnTop(without?: FeatureCookie['atError']): readonly string[] {
    const cookies = [...(this.lines?.values() ?? [])];
    return cookies.filter(({ atError }) => atError !== without).flatMap(({ lines }) => lines);
  }

  private firstUsed(): RequestSession | undefined {
    return this.first?.used ? this.first : this.others?.find(({ used }) => used);
  }

  /** Adds the Set-Cookie lines of all sessions that were used; true if a user is logged in to one of them. */
  private addHeadLines(cookies: string[]): boolean {
    const personal = this.first ? addLinesOf(this.first, cookies) : false;
    return this.others?.reduce((any, one) => addLinesOf(one, cookies) || any, personal) ?? personal;
  }

  /** Returns what puts ids into the page that the response is: those of the first session that has some, if the visitor
   *  brought the cookie of none. A response without a body has the head of one with a body. */
  private rewriterOf(response: ServerResponse, args: readonly unknown[]): BodyRewriter | undefined {
    const sessions = this.all();
    if (sessions.some(({ bringsCookie }) => bringsCookie)) return undefined;
    for (const session of sessions) {
      const rewriter = session.rewriter(response, args);
      if (!rewriter) continue;
      this.rewritten = true;
      return this.request.method === 'HEAD' ? undefined : rewriter;
    }
    return undefined;
  }

  private takeAllResponseHeaders(response: ServerResponse, args: unknown[]): unknown[] {
    return this.all().reduce((left, session) => session.takeResponseHeaders(response, left), args);
  }

  private commitAll(until?: number): void | Promise<void> {
    const { first, others } = this;
    const stored = first?.used ? first.commit(until) : undefined;
    if (!others && !(stored instanceof Promise)) return;
    const waiting = others ? commitEach(others, stored, until) : undefined;
    if (waiting && !waiting.length) return;
    // One session is the rule, and to wait for several makes more promises.
    const all: Promise<unknown> = waiting ? allOf(waiting) : (stored as Promise<void>);
    return all.then(() => (this.pending ? commitPending(this.all(), until) : undefined));
  }

  private giveUp(error: unknown): never {
    this.commitFailed = true;
    throw error;
  }

  /** Shows nothing, since a request may be written to a log. */
  [inspect.custom](): string {
    return 'RequestSessions {}';
  }
}

/** The sessions of the request that the running code belongs to. */
export const currentSessions = new AsyncLocalStorage<RequestSessions>();

/** The property that holds the sessions on the raw request: a WeakMap entry for each request costs several microseconds
 *  of garbage collection. */
const SESSIONS = Symbol('sessions');
type Carrier = { [SESSIONS]?: RequestSessions | null; readonly raw?: Carrier };

/** Returns the sessions of a request, raw or as a platform wraps it, or of a client that a request was attached to. */
export function sessionsOf(request: object | undefined): RequestSessions | undefined {
  if (!request) return undefined;
  const carrier = request as Carrier;
  const own = carrier[SESSIONS];
  return (own === undefined ? carrier.raw?.[SESSIONS] : own) ?? undefined;
}

/** Makes room on a raw request for the sessions that it will get: see {@link prepareResponse}. */
export function reserveSessions(request: object): void {
  (request as Carrier)[SESSIONS] = null;
}

/** Reports whether a request is raw, was prepared, and has no sessions yet. */
export const awaitsSessions = (request: object): boolean => (request as Carrier)[SESSIONS] === null;

/** Attaches the sessions to a request or client, where {@link sessionsOf} finds them. */
export function attachSessions(carrier: object, sessions: RequestSessions): void {
  (carrier as Carrier)[SESSIONS] = sessions;
}
