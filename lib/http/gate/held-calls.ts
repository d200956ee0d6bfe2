import type { Method } from './gated-response.js';

/** One call on a response: the method and its arguments. */
export type Call = [Method, unknown[]];

/** The calls that came while a head was held, in order. */
export class HeldCalls {
  private static total = 0;
  private calls: Call[] = [];
  /** Bytes of body in {@link calls}. */
  private bytes = 0;
  /** Bytes of body that `write` has passed. Those of `end` are not among them: the application has them in memory anyway,
   *  and cannot send them in smaller pieces. */
  written = 0;
  /** `end` was called: calls that follow have no effect. */
  hasEnded = false;
  /** A `write` has returned `false`, so its caller waits for the event `drain`. */
  isStalled = false;

  /** Bytes of body that all responses of this process hold. */
  static get totalBytes(): number {
    return HeldCalls.total;
  }

  /** True if a call is held that sends the head. */
  get hasHead(): boolean {
    return this.calls.length > 0;
  }

  add(method: Method, args: unknown[]): void {
    this.calls.push([method, args]);
    const bytes = method === 'write' || method === 'end' ? bytesOf(args) : 0;
    this.bytes += bytes;
    HeldCalls.total += bytes;
    if (method === 'end') this.hasEnded = true;
    if (method !== 'write') return;
    this.isStalled = true;
    this.written += bytes;
  }

  /** Returns the arguments of the held `writeHead`; none if the head is implicit. */
  headArgs(): unknown[] {
    return this.headCall()?.[1] ?? [];
  }

  /** Gives the held `writeHead` other arguments. Does nothing if the head is implicit. */
  replaceHeadArgs(args: unknown[]): void {
    const call = this.headCall();
    if (call) call[1] = args;
  }

  /** Returns all calls and forgets them. */
  takeAll(): Call[] {
    HeldCalls.total -= this.bytes;
    this.bytes = 0;
    return this.calls.splice(0);
  }

  private headCall(): Call | undefined {
    return this.calls.find(([method]) => method === 'writeHead');
  }
}

/** Returns the bytes that the chunk of a `write` or `end` has on the wire. */
function bytesOf([chunk, encoding]: readonly unknown[]): number {
  if (typeof chunk === 'string') return Buffer.byteLength(chunk, encoding as BufferEncoding);
  return chunk instanceof Uint8Array ? chunk.byteLength : 0;
}
