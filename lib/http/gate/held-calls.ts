import type { Method } from './gated-response.js';

/** One call on a response: the method and its arguments. */
export type Call = [Method, unknown[]];

/** The calls that came while a head was held, in order. */
export class HeldCalls {
  private calls: Call[] = [];
  /** Bytes of body that `write` has passed, as far as chunks tell their length. */
  bytes = 0;
  /** `end` was called: calls that follow have no effect. */
  hasEnded = false;
  /** A `write` has returned `false`, so its caller waits for the event `drain`. */
  isStalled = false;

  add(method: Method, args: unknown[]): void {
    this.calls.push([method, args]);
    if (method === 'end') this.hasEnded = true;
    if (method !== 'write') return;
    this.isStalled = true;
    this.bytes += (args[0] as { length?: number } | undefined)?.length ?? 0;
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
    return this.calls.splice(0);
  }

  private headCall(): Call | undefined {
    return this.calls.find(([method]) => method === 'writeHead');
  }
}
