/** Does a prototype leave everything as it is that an object of Node's has? */
import { IncomingMessage, OutgoingMessage, ServerResponse } from 'node:http';
import { isHeldProperty } from './gate/held-head.js';

/** A class of Node's, its prototype, and an object with all properties of one. */
interface Original {
  readonly node: { readonly prototype: unknown };
  readonly example: object;
  /** A prototype that leads to that of the class. */
  readonly express: object;
}

/** Returns an object with all properties of a request or response that a server makes. */
export const exampleOf = (node: unknown): object =>
  node === IncomingMessage ? new IncomingMessage(undefined as never) : exampleOfResponse();

/** A true response would be told to monitoring. */
const exampleOfResponse = (): object =>
  Object.assign(Object.setPrototypeOf(new OutgoingMessage(), ServerResponse.prototype) as object, {
    req: undefined,
    _sent100: false,
    _expect_continue: false,
    _maxRequestsPerSocket: 0,
  });

/** Reports whether no prototype between an object and its class of Node's has a property of the same name as one of the object
 *  or the class, but for those that the gate put there. */
export function shadowsNothing({ node, example, express }: Original): boolean {
  for (let below = express; below !== node.prototype; below = Object.getPrototypeOf(below) as object) {
    if (!below) return false;
    const names = Object.getOwnPropertyNames(below);
    if (names.some((name) => name in example && !isHeldProperty(below, name))) return false;
  }
  return true;
}
