/** The classes of which a server makes the requests and responses of an Express application. */
import { channel } from 'node:diagnostics_channel';
import { EventEmitter } from 'node:events';
import { IncomingMessage, ServerResponse, type RequestListener, type Server } from 'node:http';
import { exampleOf, shadowsNothing } from './prototype-shadows.js';

/** The lines of Node whose V8 makes a new hidden class for each property of an object whose prototype was changed. They get
 *  repairs only, so their servers stay as they are. */
const LINES = [20, 22];

/** They tell monitoring of a request and its response before any listener of the server gets them. */
const CHANNELS = [channel('http.server.request.start'), channel('http.server.response.created')];

/** The events of a server that bring a request. */
const REQUESTS: readonly unknown[] = [
  'request',
  'upgrade',
  'connect',
  'checkContinue',
  'checkExpectation',
  'dropRequest',
];

type Constructor = (this: object, ...args: unknown[]) => void;

/** An application of Express, which is also the listener of its server. */
type Application = RequestListener & { readonly request: object; readonly response: object };

/** A class of Node's, and the symbol under which a server keeps it. */
interface Place {
  readonly symbol: symbol;
  readonly node: Constructor;
  /** Has all properties of an object of the class. */
  readonly example: object;
  /** The prototype that Express gives to what the server makes. */
  readonly express: object;
  /** Makes objects with that prototype. */
  readonly derived: Constructor;
}

/** Lets a server make requests and responses that have the prototypes of an Express application from the start, so that Express
 *  changes none: on Node 20 and 22, that change makes each later property of theirs cost, two thirds of a bare request in all.
 *  With each connection, the server gets the classes for which nobody can see a difference. Does nothing on other lines, and
 *  for a server whose classes, or whose `emit`, are somebody else's. */
export function makeWithPrototypes(server: unknown, app: unknown, line = nodeLine()): void {
  if (!LINES.includes(line) || Object.hasOwn(Object(server) as object, 'emit')) return;
  const places = placesOf(server, app);
  if (places.length === 2) (server as Server).emit = emitOf(server as Server, app as Application, places);
}

const prototypeOf = (server: Server) => Object.getPrototypeOf(server) as Server;
const nodeLine = (): number => Number.parseInt(process.versions.node);

function placesOf(server: unknown, app: unknown): Place[] {
  const { request, response } = Object(app) as Partial<Application>;
  const places = [placeOf(server, IncomingMessage, request), placeOf(server, ServerResponse, response)];
  return places.filter((place) => place !== undefined);
}

/** Returns nothing where the server keeps another class than Node's, or none. */
function placeOf(server: unknown, node: unknown, express?: object): Place | undefined {
  const { name } = node as Constructor;
  const symbol = Object.getOwnPropertySymbols(Object(server)).find(({ description }) => description === name);
  if (!express || !symbol || Reflect.get(server as Server, symbol) !== node) return undefined;
  const constructor = node as Constructor;
  const example = exampleOf(constructor);
  return { symbol, node: constructor, example, express, derived: derive(constructor, express) };
}

/** Returns a constructor like `node` for objects with this very prototype, which a class that extends `node` cannot have.
 *  Node's constructors are functions on these lines. It has no name, since V8 would show it in stacks. */
function derive(node: Constructor, prototype: object): Constructor {
  const [derived] = [
    function (this: object, first: unknown, second: unknown) {
      node.call(this, first, second);
    },
  ];
  Reflect.set(derived!, 'prototype', prototype);
  return derived!;
}

/** Returns an `emit` that chooses the classes at each connection. A request that the application does not get first, such as an
 *  upgrade, gets Node's prototypes back: its listener may set `request.query`, for which Express has no setter. */
function emitOf(server: Server, app: Application, places: readonly Place[]): Server['emit'] {
  const isFirst = (event: unknown) => event === 'request' && server.rawListeners(event)[0] === app;
  const emit = function (this: Server, event: string, ...args: unknown[]): boolean {
    const isOthers = REQUESTS.includes(event) && !isFirst(event);
    if (isOthers) restore(places, args);
    if (event === 'connection' || (isOthers && event === 'request')) choose(server, app, places, emit);
    return Reflect.apply(prototypeOf(server).emit, this, [event, ...args]);
  };
  return emit as Server['emit'];
}

/** Puts the classes into the server of which its next requests are to be made. */
function choose(server: Server, app: Application, places: readonly Place[], emit: unknown): void {
  const isUnseen = server.emit === emit && isUnwatched(server, app) && isLikeNode(app, places);
  for (const { symbol, node, derived } of places) {
    const isOurs = [node, derived].includes(Reflect.get(server, symbol) as Constructor);
    if (isOurs) Reflect.set(server, symbol, isUnseen ? derived : node);
  }
}

/** Reports whether nobody is told of a request before the application. */
const isUnwatched = (server: Server, app: Application): boolean =>
  server.rawListeners('request')[0] === app &&
  prototypeOf(server).emit === EventEmitter.prototype.emit &&
  !CHANNELS.some(({ hasSubscribers }) => hasSubscribers);

/** Reports whether Express's prototypes leave everything as it is that an object of Node's class has: Node uses it before
 *  Express has seen the object, and without it for an answer like 400. An accessor of the application may throw here. */
function isLikeNode(app: Application, places: readonly Place[]): boolean {
  try {
    const [{ express: request }, { express: response }] = places as [Place, Place];
    return app.request === request && app.response === response && places.every(shadowsNothing);
  } catch {
    return false;
  }
}

/** Gives Node's prototypes back to what Express has not seen yet. */
function restore(places: readonly Place[], values: readonly unknown[]): void {
  for (const value of values)
    for (const { node, express } of places)
      if (isMadeFor(value, express)) Object.setPrototypeOf(value, node.prototype as object);
}

/** Express gives each request its `res`, and each response its `locals`. */
const isMadeFor = (value: unknown, express: object): value is object =>
  Object(value) === value &&
  Object.getPrototypeOf(value) === express &&
  !Object.hasOwn(value as object, 'res') &&
  !Object.hasOwn(value as object, 'locals');
