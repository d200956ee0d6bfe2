import type { ServerResponse } from 'node:http';
import { SessionStateError } from '../../errors/session-state.error.js';
import { SessionStoreError } from '../../errors/session-store.error.js';
import { callbackAmong } from './call-arguments.js';
import { sendCleanError } from './clean-error.js';
import {
  NODE,
  patch,
  type Gated,
  type Gatekeeper,
  type HeadChange,
  type Method,
  type Originals,
  type SavedHead,
} from './gated-response.js';
import { HeldCalls } from './held-calls.js';
import { reportHeadersSent, throwHeadersSent } from './held-head.js';
import { addIfValid, addToHead, exposesVisitor, type HeadAdditions } from './response-head.js';
import { RewrittenBody, type BodyRewriter } from './rewritten-body.js';

/** The object that stores something before a head leaves and adds to that head. */
export interface HeadOwner {
  /** Takes the headers that are meant for the owner out of a head, before the commit. `args` are the arguments of
   *  `writeHead`; returns the arguments to use instead. */
  takeResponseHeaders?: ((response: ServerResponse, args: unknown[]) => unknown[]) | undefined;
  /** Stores what is due. Returns a promise if the head has to wait for it. If it throws or rejects, the response becomes
   *  an error. It becomes one at `until` (`performance.now()`), too: what is not stored then must not be stored later. */
  commit(until: number): void | Promise<void>;
  /** Stores what was changed since the commit has ended. Called just before a head leaves that has waited. */
  commitLate?(until: number): void | Promise<void>;
  /** Returns what the body must pass through, if anything. Called once, after the commit and before `additions`. */
  rewriter?: ((response: ServerResponse, args: unknown[]) => BodyRewriter | undefined) | undefined;
  /** Returns what is added to the head. Called once, after the commit. */
  additions(): HeadAdditions;
  /** Returns what is added to the head of an error that is sent in place of the response: what was stored before the error. */
  additionsToError?(): HeadAdditions | undefined;
  /** Called if the application let shared caches store a head that `additions` made one visitor's. It leaves as `no-store`. */
  onCacheRefused?(): void;
  /** Called just before the head leaves. `error`: an error response leaves instead. */
  onHeadSent(error?: unknown): void;
}

export interface GateLimits {
  /** Milliseconds that a head waits for the commit. */
  readonly timeout: number;
  /** Bytes of body that a response may `write` while its head waits. A producer that respects back-pressure stops after
   *  its first `write`. */
  readonly heldBody: number;
  /** Bytes of body that all responses of the process may hold together. */
  readonly heldBodyTotal: number;
}

/** `idle`: nothing was sent yet. `waiting`: the head waits for the commit. `resuming`: the held calls are about to run.
 *  `open`: calls pass through. `failed`: an error was sent and calls have no effect. */
type Phase = 'idle' | 'waiting' | 'resuming' | 'open' | 'failed';

/** Holds the head of a response until its owner has stored what is due, whoever sends the head: a handler, guard, filter,
 *  stream, redirect or raw `@Res()`. Calls that come meanwhile are kept and run afterwards, in order. If the commit fails
 *  or takes too long, they are dropped and one clean error is sent, never half a response. */
export class ResponseGate implements Gatekeeper {
  private phase: Phase = 'idle';
  /** The methods below the patch. */
  private readonly original: Originals;
  private held: HeldCalls | undefined;
  private savedHead: SavedHead | undefined;
  private timer: NodeJS.Timeout | undefined;
  /** The moment of `performance.now()` at which the head that waits becomes an error. */
  private until = 0;
  private body: RewrittenBody | undefined;
  /** What the owner has added to the head. */
  private additions: HeadAdditions | undefined;
  private readonly response: Gated;

  /** Gates a response from now on. */
  static install(response: ServerResponse, owner: HeadOwner, limits: GateLimits): ResponseGate {
    return new ResponseGate(response, owner, limits);
  }

  private constructor(
    response: ServerResponse,
    private readonly owner: HeadOwner,
    private readonly limits: GateLimits,
  ) {
    this.response = response as unknown as Gated;
    this.original = patch(this.response, this);
  }

  /** Handles a call of one of the patched methods. */
  call(method: Method, args: unknown[]): unknown {
    if (this.phase === 'open') return this.send(method, args);
    if (this.phase === 'failed') return this.ignore(method, args);
    if (this.phase === 'idle') {
      if (this.owner.takeResponseHeaders) args = this.letOwnerTakeHeaders(method, args);
      this.until = performance.now() + this.limits.timeout;
      const stored = this.commit();
      if (!stored) return this.phase === 'idle' ? this.sendFirst(method, args) : this.ignore(method, args);
      this.wait(stored);
    }
    return this.hold(method, args);
  }

  private letOwnerTakeHeaders(method: Method, args: unknown[]): unknown[] {
    const left = this.owner.takeResponseHeaders!(this.response as never, method === 'writeHead' ? args : []);
    return method === 'writeHead' ? left : args;
  }

  private commit(isLate = false): Promise<void> | void {
    try {
      return isLate ? this.owner.commitLate?.(this.until) : this.owner.commit(this.until);
    } catch (error) {
      this.fail(error);
    }
  }

  /** Sends the first call, with which the head leaves. */
  private sendFirst(method: Method, args: unknown[]): unknown {
    const headArgs = this.completeHead(method === 'writeHead' ? args : []);
    this.open();
    try {
      return this.send(method, method === 'writeHead' ? headArgs : args);
    } catch (error) {
      this.keepAdditions();
      throw error;
    }
  }

  /** A head that Node refuses has not left, and its arguments are gone: the head that comes in its place has the additions. */
  private keepAdditions(): void {
    if (!this.response.headersSent) addIfValid(this.response, this.additions!);
  }

  private send(method: Method, args: unknown[]): unknown {
    return this.body ? this.body.call(method, args) : this.original[method].apply(this.response, args);
  }

  /** Adds the owner's part to the head. `args` are those of a `writeHead`, if any; returns the arguments to use instead.
   *  Node's own `writeHead` takes a list, which is cheaper; another one, such as that of HTTP/2, may not. */
  private completeHead(args: unknown[]): unknown[] {
    const rewriter = this.owner.rewriter?.(this.response as never, args);
    if (rewriter) this.body = new RewrittenBody(this.response, this.original, rewriter);
    const format = this.original.writeHead === NODE.writeHead ? 'list' : 'object';
    const additions = (this.additions = this.owner.additions());
    if (exposesVisitor(this.response, args, additions)) this.owner.onCacheRefused?.();
    return addToHead(this.response, args, additions, format);
  }

  private open(): void {
    this.phase = 'open';
    this.owner.onHeadSent();
  }

  private wait(stored: Promise<void>): void {
    this.phase = 'waiting';
    const held = (this.held = new HeldCalls());
    this.savedHead = reportHeadersSent(this.response);
    this.timer = setTimeout(() => this.fail(new SessionStoreError('commit', 'timeout')), this.limits.timeout);
    this.replayAfter(stored, held);
  }

  private replayAfter(stored: Promise<void>, held: HeldCalls): void {
    stored.then(
      () => this.replay(held),
      (error: unknown) => this.fail(error),
    );
  }

  private hold(method: Method, args: unknown[]): unknown {
    const held = (this.held ??= new HeldCalls());
    if (held.hasEnded) return this.ignore(method, args);
    if (method === 'writeHead' && held.hasHead) throwHeadersSent(method);
    held.add(method, args);
    this.checkLimits(held);
    return method === 'write' ? this.phase === 'failed' : this.response; // what was dropped fills no buffer
  }

  private checkLimits({ written }: HeldCalls): void {
    const { heldBody, heldBodyTotal } = this.limits;
    if (written > heldBody) this.fail(tooMuchHeld('A response', 'heldBody', heldBody));
    else if (HeldCalls.totalBytes > heldBodyTotal)
      this.fail(tooMuchHeld('All responses together', 'heldBodyTotal', heldBodyTotal));
  }

  /** Runs the held calls, now that everything is stored. A handler may have changed more between the end of the commit and this
   *  turn, and then the head waits again. */
  private replay(held: HeldCalls): void {
    if (!this.isWaiting) return;
    const more = this.commit(true);
    if (more) return this.replayAfter(more, held);
    if (!this.isWaiting) return;
    this.phase = 'resuming';
    this.stopWaiting();
    try {
      held.replaceHeadArgs(this.completeHead(held.headArgs()));
    } catch (error) {
      return this.fail(error);
    }
    const calls = held.takeAll();
    this.open();
    try {
      for (const [method, args] of calls) this.send(method, args);
    } catch (error) {
      this.failReplay(error);
    }
    if (held.isStalled && !held.hasEnded) this.response.emit('drain');
  }

  /** A held call has thrown, and its caller is gone. If nothing has left, there is still time for a clean error. It has the
   *  cookies, since everything is stored: without a renewed id, the browser would lose its session. */
  private failReplay(error: unknown): void {
    if (this.response.headersSent) return void this.response.destroy(error as Error);
    this.phase = 'resuming';
    const { cookies, vary, headers } = this.additions!;
    this.fail(error, { cookies, vary, headers: this.body ? undefined : headers, defaults: {} });
  }

  /** Sends an error instead of the response, with the cookies of what is stored. Does nothing if the head has left already. */
  private fail(error: unknown, additions = this.additionsToError()): void {
    if (this.phase === 'open' || this.phase === 'failed') return;
    this.stopWaiting();
    const headArgs = this.held?.headArgs() ?? [];
    const calls = this.held?.takeAll() ?? [];
    this.owner.onHeadSent(error);
    this.phase = 'open';
    sendCleanError(this.response, this.original, error, headArgs, additions);
    this.phase = 'failed';
    for (const [method, args] of calls) this.ignore(method, args);
    if (this.held?.isStalled) this.response.emit('drain');
  }

  /** Whatever goes wrong here, the clean error is sent. */
  private additionsToError(): HeadAdditions | undefined {
    try {
      return this.owner.additionsToError?.();
    } catch {
      return undefined;
    }
  }

  /** Drops a call. Its callback still runs, so that the caller does not wait for ever. */
  private ignore(method: Method, args: readonly unknown[]): unknown {
    const callback = callbackAmong(args);
    if (callback) process.nextTick(callback);
    return method === 'write' ? true : this.response;
  }

  /** Handles a change of the head. Throws while the head is held, as Node does once a head is sent. */
  changeHead(name: HeadChange, args: unknown[]): unknown {
    if (this.phase === 'waiting') throwHeadersSent(name);
    return this.savedHead![name].apply(this.response, args);
  }

  get isWaiting(): boolean {
    return this.phase === 'waiting';
  }

  get hasEnded(): boolean {
    return this.held?.hasEnded ?? false;
  }

  /** Stops the timer and restores the status: the application may have changed it while the head was held. */
  private stopWaiting(): void {
    clearTimeout(this.timer);
    if (!this.savedHead) return;
    const { statusCode, statusMessage } = this.savedHead;
    this.response.statusCode = statusCode;
    if (statusMessage !== undefined) this.response.statusMessage = statusMessage;
  }
}

const tooMuchHeld = (who: string, option: string, limit: number): SessionStateError =>
  new SessionStateError(
    'ERR_SESSION_HELD_BODY',
    `${who} held more than ${limit} bytes of body while waiting for the commit; ` +
      `stream large bodies and heed back-pressure, or raise session.${option}`,
  );
