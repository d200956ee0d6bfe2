import type { IncomingMessage, ServerResponse } from 'node:http';

/** The layers of an Express router, in the order in which requests pass them. */
interface Layer {
  readonly name?: string;
  readonly handle: unknown;
  /** True if it runs for every path: in Express 5, and in Express 4. */
  readonly slash?: boolean;
  readonly regexp?: { readonly fast_slash?: boolean };
}
type Stack = Layer[];

/** Handlers that were moved to the front, in any application. */
const MOVED = new WeakSet<object>();

/** `prototype` is what Express makes the prototype of the response. */
type Prepare = (request: IncomingMessage, response: ServerResponse, prototype: ServerResponse) => void;
type Handle = (request: IncomingMessage, response: ServerResponse, done?: unknown) => void;

/** What prepares the requests of an application. */
const PREPARING = new WeakMap<object, Prepare[]>();

/** Makes an Express application call `prepare` for each request, before it changes the prototypes of request and response.
 *  Does nothing for an application that calls it already, and for one without `handle`. */
export function beforeHandle(instance: unknown, prepare: Prepare): void {
  const app = Object(instance) as { handle?: Handle; response: ServerResponse };
  const { handle } = app;
  if (typeof handle !== 'function') return;
  const known = PREPARING.get(app);
  if (known) return known.includes(prepare) ? undefined : void known.push(prepare);
  const all = [prepare];
  PREPARING.set(app, all);
  app.handle = (request, response, done) => {
    for (const one of all) one(request, response, app.response);
    handle.call(app, request, response, done);
  };
}

/** Moves a handler, which was mounted last, before everything else that an Express application runs, but behind the handlers
 *  that were moved before it. Returns false if the router shows no list of its layers; the handler stays where it is then. */
export function moveToFront(instance: unknown, handler: object): boolean {
  const stack = stackOf(instance);
  if (stack?.at(-1)?.handle !== handler) return false;
  const [layer] = stack.splice(-1);
  MOVED.add(handler);
  stack.splice(firstPlace(stack), 0, layer!);
  return true;
}

/** Reports whether an Express application runs a middleware whose function has this name, also in a router that is mounted
 *  in it. */
export function runsMiddleware(instance: unknown, name: string): boolean {
  const isThere = (stack: Stack): boolean =>
    stack.some(({ handle }) => {
      const { name: own, stack: inner } = Object(handle) as { name?: unknown; stack?: Stack };
      return own === name || (Array.isArray(inner) && isThere(inner));
    });
  return isThere(stackOf(instance) ?? []);
}

/** Returns the handlers that an Express application itself runs for every path. */
export function handlersOfAllPaths(instance: unknown): Set<unknown> {
  const layers = stackOf(instance)?.filter(({ slash, regexp }) => slash || regexp?.fast_slash);
  return new Set(layers?.map(({ handle }) => handle));
}

/** Returns the place behind the handlers that were moved, and behind Express 4's own, which give a request its methods. */
function firstPlace(stack: Stack): number {
  const behind = stack.findIndex(({ name, handle }) => name !== 'query' && !isPrior(name, handle));
  return behind < 0 ? stack.length : behind;
}

const isPrior = (name: string | undefined, handle: unknown): boolean =>
  name === 'expressInit' || MOVED.has(Object(handle) as object);

/** Express 4 has the router in `_router`, and its `router` throws. */
function stackOf(instance: unknown): Stack | undefined {
  const app = Object(instance) as { _router?: { stack?: Stack }; router?: { stack?: Stack } };
  const { stack } = app._router ?? app.router ?? {};
  return Array.isArray(stack) ? stack : undefined;
}
