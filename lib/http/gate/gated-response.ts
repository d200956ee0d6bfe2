import type { ServerResponse } from 'node:http';

export type Method = 'writeHead' | 'write' | 'end' | 'flushHeaders';
export type AnyFunction = (...args: unknown[]) => unknown;

const HEAD_CHANGES = ['setHeader', 'appendHeader', 'setHeaders', 'removeHeader'] as const;
const GATE = Symbol('session gate');

export type HeadChange = (typeof HEAD_CHANGES)[number];

/** Who decides what becomes of a call on a gated response. */
export interface Gatekeeper {
  readonly isWaiting: boolean;
  readonly hasEnded: boolean;
  call(method: Method, args: unknown[]): unknown;
  changeHead(name: HeadChange, args: unknown[]): unknown;
}

/** A head as it was when it was held, and who changes it. */
export type HeadBelow = Record<HeadChange, AnyFunction> & {
  readonly statusCode: number;
  readonly statusMessage: string | undefined;
};

export type Gated = Omit<ServerResponse, Method> & { [GATE]?: Gatekeeper } & Record<Method, AnyFunction>;

/** The methods that stand on a gated response, the same for all responses. */
const GATED: Record<Method, AnyFunction> = {
  writeHead(this: Gated, ...args) {
    return this[GATE]!.call('writeHead', args);
  },
  write(this: Gated, ...args) {
    return this[GATE]!.call('write', args);
  },
  end(this: Gated, ...args) {
    return this[GATE]!.call('end', args);
  },
  flushHeaders(this: Gated, ...args) {
    return this[GATE]!.call('flushHeaders', args);
  },
};

/** The head methods of a held response. They stay when it has been let go, and pass everything on. */
const HELD_HEAD = Object.fromEntries(
  HEAD_CHANGES.map((name) => [
    name,
    function (this: Gated, ...args: unknown[]) {
      return this[GATE]!.changeHead(name, args);
    },
  ]),
) as Pick<HeadBelow, HeadChange>;

/** What a held response says of itself; afterwards, what it would say anyway. */
const PRETENCE: PropertyDescriptorMap & ThisType<Gated> = {
  headersSent: {
    configurable: true,
    get() {
      return this[GATE]!.isWaiting || (inherited(this, 'headersSent') as boolean);
    },
  },
  writableEnded: {
    configurable: true,
    get() {
      const gate = this[GATE]!;
      return gate.isWaiting ? gate.hasEnded : inherited(this, 'writableEnded');
    },
  },
};

/** What a response would say if we did not stand on it. */
export const inherited = (response: object, name: string): unknown =>
  Reflect.get(Object.getPrototypeOf(response) as object, name, response);

/** Puts our methods on a response, where they stay; gives those that stood there. Taking them away again would cost more
 *  than passing on the few calls that follow: on Express V8 takes long for every property that is changed. */
export function patch(response: Gated, keeper: Gatekeeper): Record<Method, AnyFunction> {
  const { writeHead, write, end, flushHeaders } = response;
  response[GATE] = keeper;
  response.writeHead = GATED.writeHead;
  response.write = GATED.write;
  response.end = GATED.end;
  response.flushHeaders = GATED.flushHeaders;
  return { writeHead, write, end, flushHeaders };
}

/** Whoever asks must not send a second answer meanwhile: the response says that its head is sent, and refuses to change
 *  it. Gives the head as it is. */
export function reportHeadersSent(response: Gated): HeadBelow {
  const { setHeader, appendHeader, setHeaders, removeHeader, statusCode } = response;
  const statusMessage = response.req?.httpVersionMajor === 1 ? response.statusMessage : undefined;
  Object.defineProperties(response, PRETENCE);
  for (const name of HEAD_CHANGES) (response as unknown as HeadBelow)[name] = HELD_HEAD[name];
  return { setHeader, appendHeader, setHeaders, removeHeader, statusCode, statusMessage } as HeadBelow;
}
