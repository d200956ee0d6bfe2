/** The classes of which a server makes the requests and responses of an Express application. */
import { IncomingMessage, ServerResponse, type Server } from 'node:http';

/** The lines of Node whose V8 makes a new hidden class for each property of an object whose prototype was changed. They get
 *  repairs only, so their servers stay as they are. */
const LINES = [20, 22];

/** An Express application, which is also the listener of its server. */
interface Application {
  readonly request: object;
  readonly response: object;
}

type Constructor = (this: object, ...args: unknown[]) => void;
type Emit = (this: Server, event: string, ...args: unknown[]) => boolean;

/** A class of Node's, the symbol under which a server keeps it, and the prototype that Express gives to what it makes. */
interface Place {
  readonly symbol: symbol;
  readonly node: Constructor;
  readonly express: object;
}

/** Lets a server make requests and responses that have the prototypes of an Express application from the start, so that Express
 *  changes none: on Node 20 and 22, that change makes each later property of theirs cost, two thirds of a bare request in all. Does nothing on other lines, and for a server whose classes, or whose `emit`, are somebody else's. */
export function makeWithPrototypes(server: unknown, app: unknown, line = nodeLine()): void {
  const { request, response } = Object(app) as Partial<Application>;
  if (!LINES.includes(line) || !request || !response) return;
  const places = [
    placeOf(server, 'IncomingMessage', IncomingMessage, request),
    placeOf(server, 'ServerResponse', ServerResponse, response),
  ].filter((place) => place !== undefined);
  if (places.length < 2 || Object.hasOwn(server as Server, 'emit')) return;
  for (const { symbol, node, express } of places)
    Reflect.set(server as Server, symbol, derived(node, express));
  (server as Server).emit = emitOf(places, app) as Server['emit'];
}

const nodeLine = (): number => Number.parseInt(process.versions.node);

/** Returns nothing where the server keeps another class than Node's, or none. */
function placeOf(server: unknown, name: string, node: unknown, express: object): Place | undefined {
  const symbols = Object.getOwnPropertySymbols(Object(server));
  const symbol = symbols.find(({ description }) => description === name);
  if (!symbol || Reflect.get(server as Server, symbol) !== node) return undefined;
  return { symbol, node: node as Constructor, express };
}

/** Returns a constructor like `node` for objects with this very prototype, which a class that extends `node` cannot have.
 *  Node's constructors are functions on these lines. */
function derived(node: Constructor, prototype: object): Constructor {
  const made: Constructor = function (first, second) {
    node.call(this, first, second);
  };
  made.prototype = prototype;
  return made;
}

/** Returns an `emit` that gives Node's prototypes back to requests that the application does not get first. Another listener
 *  may set `request.query`, for example, for which Express has a getter and no setter. Where one comes before the application,
 *  as socket.io's does, the server makes Node's own from then on. */
const emitOf = (places: readonly Place[], app: unknown): Emit =>
  function (event, ...args) {
    const isRequest = event === 'request';
    const isFirst = isRequest && this.rawListeners(event)[0] === app;
    if (!isFirst) restore(places, args);
    if (isRequest && !isFirst) for (const { symbol, node } of places) Reflect.set(this, symbol, node);
    const { emit } = Object.getPrototypeOf(this) as { emit: Emit };
    return emit.call(this, event, ...args);
  };

function restore(places: readonly Place[], values: readonly unknown[]): void {
  for (const value of values)
    for (const { node, express } of places)
      if (Object(value) === value && Object.getPrototypeOf(value) === express)
        Object.setPrototypeOf(value, node.prototype as object);
}
