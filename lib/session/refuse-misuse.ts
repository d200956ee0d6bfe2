import { SessionStateError } from '../errors/session-state.error.js';

/** Where an assignment was meant to go, for the properties that code for other session libraries sets. */
const MEANT: Readonly<Record<string, string>> = {
  subject: 'log the user in with await session.login(subject)',
  id: 'get a new id with await session.regenerate()',
  cookie: 'set the options of the cookie in forRoot({ cookie })',
};

/** Makes every assignment to an instance of the classes throw a SessionStateError, in code without strict mode too. The
 *  first class is the root of the others. Reading stays as fast as before, because a request makes no further object. */
export function refuseAssignments(root: Prototyped, ...others: Prototyped[]): void {
  const refuser = new Proxy({}, { set: (_, key) => refuseAssignment(key) });
  Object.setPrototypeOf(root.prototype, refuser);
  // Each promise of a session looks for `then`, which costs 0.5 µs if it has to ask the proxy.
  // oxlint-disable-next-line unicorn/no-thenable -- it is undefined, so that nobody takes a session for a promise
  Object.defineProperty(root.prototype, 'then', { value: undefined, configurable: true, writable: true });
  for (const { prototype } of [root, ...others])
    for (const key of Reflect.ownKeys(prototype)) refuseMember(prototype, key);
}

type Prototyped = { readonly prototype: object };

/** Turns a member into an accessor whose setter throws. A method keeps its value. */
function refuseMember(prototype: object, key: string | symbol): void {
  const { get, value } = Object.getOwnPropertyDescriptor(prototype, key)!;
  Object.defineProperty(prototype, key, {
    get: get ?? (() => value as unknown),
    set() {
      refuseAssignment(key, value !== undefined);
    },
    configurable: true,
  });
}

function refuseAssignment(key: string | symbol, isMethod = false): never {
  const name = JSON.stringify(String(key).slice(0, 40));
  const meant = Object.hasOwn(MEANT, key)
    ? MEANT[String(key)]
    : `keep a value with session.set(${name}, value)`;
  const why = isMethod ? 'is a method of Session' : 'would be lost';
  throw misuse(`A property cannot be assigned to a session: ${name} ${why}; ${meant}`);
}

/** Throws a SessionStateError if one of the arguments of a method is a callback, which nobody would call. */
export function refuseCallback(method: string, ...args: readonly unknown[]): void {
  if (args.some((one) => typeof one === 'function'))
    throw misuse(`session.${method}() takes no callback, it returns a promise: await session.${method}(…)`);
}

const misuse = (message: string) => new SessionStateError('ERR_SESSION_USAGE', message);
