import { ServerResponse } from 'node:http';
import { SessionStoreError } from '../../errors/session-store.error.js';
import { cleanError } from './clean-error.js';
import {
  patch,
  inherited,
  reportHeadersSent,
  type AnyFunction,
  type Gated,
  type Gatekeeper,
  type HeadBelow,
  type HeadChange,
  type Method,
} from './gated-response.js';
import { addToHead, type HeadAdditions } from './response-head.js';
import { RewrittenBody, type BodyRewriter } from './rewritten-body.js';

/** Who has something to do before a head leaves. */
export interface HeadOwner {
  /** Takes out of a head what is meant for the owner, before it commits; gives the arguments that `writeHead` has then. */
  takeResponseHeaders?: ((response: ServerResponse, args: unknown[]) => unknown[]) | undefined;
  /** Stores what is due; a promise when the head has to wait for it. */
  commit(): void | Promise<void>;
  /** What the body goes through; asked once, after the commit and before the additions. */
  rewriter?: ((response: ServerResponse, args: unknown[]) => BodyRewriter | undefined) | undefined;
  /** What the head must say. Asked once, after the commit. */
  additions(): HeadAdditions;
  /** The head is about to leave, with an error instead if `error` is there. */
  onHeadSent(error?: unknown): void;
}

export interface GateLimits {
  /** Milliseconds that a head waits. */
  readonly timeout: number;
  /** Bytes of body that are held back by `write`; a producer that heeds back-pressure stops at the first. */
  readonly held: number;
}

type Phase = 'idle' | 'waiting' | 'resuming' | 'open' | 'failed';

const WRITE_HEAD = ServerResponse.prototype.writeHead as AnyFunction;

const NOTHING_HELD: [Method, unknown[]][] = [];

/** Holds the head of a response back until its owner has stored what is due, whoever sends it: handler, guard, filter,
 *  stream, redirect or raw `@Res()`. Calls that come meanwhile are kept in order and run afterwards. When storing
 *  fails they are dropped and one clean error is sent instead, never half a response. */
export class ResponseGate implements Gatekeeper {
  private phase: Phase = 'idle';
  private readonly below: Record<Method, AnyFunction>;
  private queue: [Method, unknown[]][] = NOTHING_HELD;
  private held = 0;
  private ended = false;
  private stalled = false;
  private timer: NodeJS.Timeout | undefined;
  private kept: HeadBelow | undefined;
  private body: RewrittenBody | undefined;
  private readonly response: Gated;

  /** Gates a response from here on. */
  static install(response: ServerResponse, owner: HeadOwner, limits: GateLimits): ResponseGate {
    return new ResponseGate(response, owner, limits);
  }

  private constructor(
    response: ServerResponse,
    private readonly owner: HeadOwner,
    private readonly limits: GateLimits,
  ) {
    this.response = response as unknown as Gated;
    this.below = patch(this.response, this);
  }

  /** One of the gated methods was called. */
  call(method: Method, args: unknown[]): unknown {
    if (this.phase === 'open') return this.send(method, args);
    if (this.phase === 'failed') return this.ignore(method, args);
    if (this.phase === 'idle') {
      if (this.owner.takeResponseHeaders) args = this.listen(method, args);
      const wait = this.begin();
      if (!wait) return this.phase === 'idle' ? this.pass(method, args) : this.ignore(method, args);
      this.wait(wait);
    }
    return this.hold(method, args);
  }

  /** Lets the owner take out of the head what is meant for it. */
  private listen(method: Method, args: unknown[]): unknown[] {
    const left = this.owner.takeResponseHeaders!(this.response as never, method === 'writeHead' ? args : []);
    return method === 'writeHead' ? left : args;
  }

  private begin(): Promise<void> | void {
    try {
      return this.owner.commit();
    } catch (error) {
      this.fail(error);
    }
  }

  private pass(method: Method, args: unknown[]): unknown {
    const ready = this.complete(method === 'writeHead' ? args : []);
    this.open();
    return this.send(method, method === 'writeHead' ? ready : args);
  }

  private send(method: Method, args: unknown[]): unknown {
    return this.body ? this.body.call(method, args) : this.below[method].apply(this.response, args);
  }

  /** The arguments of a `writeHead`, or none, with what the owner adds. Node's own takes a list; of others that stand
   *  below, such as HTTP/2's, we do not know. */
  private complete(args: unknown[]): unknown[] {
    const rewriter = this.owner.rewriter?.(this.response as never, args);
    if (rewriter) this.body = new RewrittenBody(this.response, this.below, rewriter);
    const listed = this.below.writeHead === WRITE_HEAD;
    return addToHead(this.response, args, this.owner.additions(), listed);
  }

  private open(): void {
    this.phase = 'open';
    this.owner.onHeadSent();
  }

  private wait(stored: Promise<void>): void {
    this.phase = 'waiting';
    this.queue = [];
    this.kept = reportHeadersSent(this.response);
    this.timer = setTimeout(() => this.fail(new SessionStoreError('commit', 'timeout')), this.limits.timeout);
    stored.then(
      () => this.replay(),
      (error: unknown) => this.fail(error),
    );
  }

  private hold(method: Method, args: unknown[]): unknown {
    if (this.ended) return this.ignore(method, args);
    this.queue.push([method, args]);
    if (method === 'end') this.ended = true;
    if (method !== 'write') return this.response;
    this.stalled = true;
    this.held += (args[0] as { length?: number } | undefined)?.length ?? 0;
    if (this.held > this.limits.held)
      this.fail(new SessionStoreError('commit', 'too much body while waiting'));
    return false;
  }

  private replay(): void {
    if (this.phase !== 'waiting') return;
    this.phase = 'resuming';
    this.stopWaiting();
    const head = this.queue.find(([method]) => method === 'writeHead');
    try {
      const ready = this.complete(head?.[1] ?? []);
      if (head) head[1] = ready;
    } catch (error) {
      return this.fail(error);
    }
    const queue = this.queue.splice(0);
    this.open();
    try {
      for (const [method, args] of queue) this.send(method, args);
    } catch (error) {
      this.broken(error);
    }
    if (this.stalled && !this.ended) this.response.emit('drain');
  }

  /** A call that was held threw. As long as nothing has left there is still time for a clean error. */
  private broken(error: unknown): void {
    if (this.response.headersSent) return void this.response.destroy(error as Error);
    this.phase = 'resuming';
    this.fail(error);
  }

  private fail(error: unknown): void {
    if (this.phase === 'open' || this.phase === 'failed') return;
    this.stopWaiting();
    const queue = this.queue.splice(0);
    this.owner.onHeadSent(error);
    this.phase = 'open';
    this.answerOnce(error, queue.find(([method]) => method === 'writeHead')?.[1] ?? []);
    this.phase = 'failed';
    for (const [method, args] of queue) this.ignore(method, args);
    if (this.stalled) this.response.emit('drain');
  }

  /** Never throws: nobody would catch it, and the process would end. */
  private answerOnce(error: unknown, headArgs: readonly unknown[]): void {
    if (inherited(this.response, 'headersSent')) return; // somebody went past us
    try {
      this.answer(error, headArgs);
    } catch (failure) {
      this.response.destroy(failure as Error);
    }
  }

  private answer(error: unknown, headArgs: readonly unknown[]): void {
    const { response } = this;
    const body = cleanError(response, error, headArgs);
    this.below.writeHead.call(response, response.statusCode);
    this.below.end.apply(response, response.req?.method === 'HEAD' ? [] : [body]);
  }

  /** Answers a call that has no effect any more, so that its caller does not wait. */
  private ignore(method: Method, args: readonly unknown[]): unknown {
    const callback = args.find((arg) => typeof arg === 'function') as (() => void) | undefined;
    if (callback) process.nextTick(callback);
    return method === 'write' ? true : this.response;
  }

  /** What a head method does: nothing while the head is held, since it is as good as sent. */
  changeHead(name: HeadChange, args: unknown[]): unknown {
    if (this.phase === 'waiting') refuse();
    return this.kept![name].apply(this.response, args);
  }

  get isWaiting(): boolean {
    return this.phase === 'waiting';
  }

  get hasEnded(): boolean {
    return this.ended;
  }

  private stopWaiting(): void {
    clearTimeout(this.timer);
    if (!this.kept) return;
    const { statusCode, statusMessage } = this.kept;
    this.response.statusCode = statusCode;
    if (statusMessage !== undefined) this.response.statusMessage = statusMessage;
  }
}

/** What Node itself throws once a head is sent; a held head is as good as sent. */
function refuse(): never {
  throw Object.assign(new Error('Cannot change headers after they are sent to the client'), {
    code: 'ERR_HTTP_HEADERS_SENT',
  });
}
