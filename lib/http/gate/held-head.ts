/** What a response shows of itself while its head is held: it was sent, and nobody can change it. */
import { ServerResponse } from 'node:http';
import {
  GATE,
  HEAD_CHANGES,
  type AnyFunction,
  type Gated,
  type HeadChange,
  type SavedHead,
} from './gated-response.js';

type HeadChanges = Record<HeadChange, AnyFunction>;

/** What {@link holdByPrototype} has put on a prototype: the functions by name. */
const HELD = Symbol('held head changes');

/** What wrappers of `write` and `end` call, such as older versions of compression, when they see no head. */
const IMPLICIT = '_implicitHeader';

type Held = Gated & { readonly [HELD]?: HeadChanges & Readonly<Record<string, unknown>> };

/** Returns a method that makes the head of `write` or `end`, unless a head is held already. */
const impliedOnce = (read: (response: Gated, name: string) => unknown): AnyFunction =>
  function (this: Gated) {
    if (!this[GATE]?.isWaiting) (read(this, IMPLICIT) as AnyFunction | undefined)?.call(this);
  };

/** The methods that change the head of a held response. They stay on the response after the head has left. */
const PATCHED = Object.fromEntries(
  HEAD_CHANGES.map((name) => [
    name,
    function (this: Gated, ...args: unknown[]) {
      return this[GATE]!.changeHead(name, args);
    },
  ]),
) as HeadChanges;

/** Returns the properties that report, while a head is held, that the response was sent, and otherwise the truth, which `read`
 *  finds. */
const reportedSent = (
  read: (response: Gated, name: string) => unknown,
): PropertyDescriptorMap & ThisType<Gated> => ({
  headersSent: {
    configurable: true,
    get() {
      return this[GATE]?.isWaiting || read(this, 'headersSent');
    },
  },
  writableEnded: {
    configurable: true,
    get() {
      const gate = this[GATE];
      return gate?.isWaiting ? gate.hasEnded : read(this, 'writableEnded');
    },
  },
});

/** Returns a property's true value: that of the response's prototype, below the patch. */
export const readUnpatched = (response: object, name: string): unknown =>
  Reflect.get(Object.getPrototypeOf(response) as object, name, response);

const REPORTED_SENT = reportedSent(readUnpatched);
const IMPLIED_ONCE = impliedOnce(readUnpatched);

/** Lets all responses with this prototype be held without properties of their own, once Express has given it to them: on Node 20
 *  and 22, V8 has a hidden class for each of them then, and the properties cost 20 µs. Leaves a prototype alone whose methods are
 *  not Node's. */
export function holdByPrototype(prototype: ServerResponse): void {
  if (HELD in prototype) return;
  const node = ServerResponse.prototype as unknown as HeadChanges;
  const below = prototype as unknown as HeadChanges;
  if (HEAD_CHANGES.some((name) => below[name] !== node[name])) return;
  const under = Object.getPrototypeOf(prototype) as object;
  const readUnder = (response: object, name: string): unknown => Reflect.get(under, name, response);
  const changes: Record<string, AnyFunction> = Object.fromEntries(
    HEAD_CHANGES.map((name) => [name, refusing(name, node[name])]),
  );
  changes[IMPLICIT] = impliedOnce(readUnder);
  const sent = reportedSent(readUnder);
  const getters = Object.entries(sent).map(([name, { get }]) => [name, get] as const);
  Object.assign(prototype, changes);
  Object.defineProperties(prototype, {
    ...sent,
    [HELD]: { value: { ...changes, ...Object.fromEntries(getters) } },
  });
}

/** Reports whether a property of a prototype is one that {@link holdByPrototype} has put there. It does what Node's own does on
 *  a response that nobody holds. */
export function isHeldProperty(prototype: object, name: string): boolean {
  const { value, get = value as unknown } = Object.getOwnPropertyDescriptor(prototype, name) ?? {};
  return get !== undefined && get === (prototype as Held)[HELD]?.[name];
}

/** Returns a method that changes the head unless it is held. */
const refusing = (name: HeadChange, original: AnyFunction): AnyFunction =>
  function (this: Gated, ...args) {
    if (this[GATE]?.isWaiting) throwHeadersSent(name);
    return original.apply(this, args);
  };

/** Makes a response report that its head was sent and refuse changes to it, so that nobody sends a second response while
 *  the head is held. Returns the head as it is now. */
export function reportHeadersSent(response: Gated): SavedHead {
  const { setHeader, appendHeader, setHeaders, removeHeader, statusCode } = response;
  const statusMessage = response.req?.httpVersionMajor === 1 ? response.statusMessage : undefined;
  const changes = { setHeader, appendHeader, setHeaders, removeHeader } as HeadChanges;
  if (!isHeldByPrototype(response, changes)) {
    Object.defineProperties(response, REPORTED_SENT);
    Object.assign(response, PATCHED, { [IMPLICIT]: IMPLIED_ONCE });
  }
  return { ...changes, statusCode, statusMessage };
}

/** True unless the prototype is another one, or somebody has put methods before its own. */
function isHeldByPrototype(response: Held, changes: HeadChanges): boolean {
  const held = response[HELD];
  return held !== undefined && HEAD_CHANGES.every((name) => changes[name] === held[name]);
}

/** What Node calls each method in its error. */
const VERBS = {
  setHeader: 'set',
  appendHeader: 'append',
  setHeaders: 'set',
  removeHeader: 'remove',
  writeHead: 'write',
};

/** Throws the error that Node throws when `method` comes after the head was sent. */
export function throwHeadersSent(method: HeadChange | 'writeHead'): never {
  throw Object.assign(new Error(`Cannot ${VERBS[method]} headers after they are sent to the client`), {
    code: 'ERR_HTTP_HEADERS_SENT',
  });
}
