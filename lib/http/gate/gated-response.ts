/** The patch of a response: methods and properties that ask a {@link Gatekeeper} first. */
import { ServerResponse } from 'node:http';

/** The methods of a response that send its head. */
export type Method = 'writeHead' | 'write' | 'end' | 'flushHeaders';
export type AnyFunction = (...args: unknown[]) => unknown;

/** The names of the methods of a response that change its head. */
export const HEAD_CHANGES = ['setHeader', 'appendHeader', 'setHeaders', 'removeHeader'] as const;
/** The gate of a response; `null` on one that may get a gate. */
export const GATE = Symbol('session gate');

/** The methods of a response that change its head. */
export type HeadChange = (typeof HEAD_CHANGES)[number];

/** The owner of a gated response: it decides about each call. */
export interface Gatekeeper {
  /** The head is held. */
  readonly isWaiting: boolean;
  /** `end` was called while the head is held. */
  readonly hasEnded: boolean;
  /** Called instead of the patched method; returns what its caller gets. */
  call(method: Method, args: unknown[]): unknown;
  /** Called instead of a method that changes the head, from the moment when the head was first held. */
  changeHead(name: HeadChange, args: unknown[]): unknown;
}

/** The head at the moment when it was held: its status and the methods that change it. */
export type SavedHead = Record<HeadChange, AnyFunction> & {
  readonly statusCode: number;
  /** `undefined` for HTTP/2, which has no status message. */
  readonly statusMessage: string | undefined;
};

export type Gated = Omit<ServerResponse, Method> & { [GATE]?: Gatekeeper | null } & Record<
    Method,
    AnyFunction
  >;

/** The methods below the patch. */
export type Originals = Readonly<Record<Method, AnyFunction>>;

const { writeHead, write, end, flushHeaders } = ServerResponse.prototype as unknown as Originals;
/** Node's own methods: one object for all responses that nobody else has patched. */
export const NODE: Originals = { writeHead, write, end, flushHeaders };

/** The patched methods. All responses share them. A response that was prepared and got no gate passes through. */
const PATCHED: Originals = {
  writeHead(this: Gated, ...args) {
    const gate = this[GATE];
    return gate ? gate.call('writeHead', args) : NODE.writeHead.apply(this, args);
  },
  write(this: Gated, ...args) {
    const gate = this[GATE];
    return gate ? gate.call('write', args) : NODE.write.apply(this, args);
  },
  end(this: Gated, ...args) {
    const gate = this[GATE];
    return gate ? gate.call('end', args) : NODE.end.apply(this, args);
  },
  flushHeaders(this: Gated, ...args) {
    const gate = this[GATE];
    return gate ? gate.call('flushHeaders', args) : NODE.flushHeaders.apply(this, args);
  },
};

/** Puts the patched methods on a response that is not gated yet, so that {@link patch} has only the keeper to set. Leaves a
 *  response alone that somebody else has patched, or will have patched with the prototype that Express gives it. Call it before
 *  Express changes the response's prototype: on Node 20 and 22, V8 gives each response a hidden class of its own then, and a
 *  new property costs 2 µs in place of 20 ns. */
export function prepareResponse(response: ServerResponse, prototype: ServerResponse): void {
  const gated = response as unknown as Gated;
  if (gated[GATE] !== undefined || originalsOf(gated) !== NODE) return;
  if (originalsOf(prototype as unknown as Gated) !== NODE) return;
  gated[GATE] = null;
  putMethods(gated);
}

/** Puts the patched methods on a response and returns the methods that they replace: Node's, or those of another patch
 *  such as `compression`. They stay for good, because taking them off would cost more than the few calls that pass
 *  through. */
export function patch(response: Gated, keeper: Gatekeeper): Originals {
  const isPrepared = response[GATE] === null;
  response[GATE] = keeper;
  if (isPrepared) return NODE;
  const originals = originalsOf(response);
  putMethods(response);
  return originals;
}

function originalsOf({ writeHead, write, end, flushHeaders }: Gated): Originals {
  const isNodes =
    writeHead === NODE.writeHead &&
    write === NODE.write &&
    end === NODE.end &&
    flushHeaders === NODE.flushHeaders;
  return isNodes ? NODE : { writeHead, write, end, flushHeaders };
}

function putMethods(response: Gated): void {
  response.writeHead = PATCHED.writeHead;
  response.write = PATCHED.write;
  response.end = PATCHED.end;
  response.flushHeaders = PATCHED.flushHeaders;
}
