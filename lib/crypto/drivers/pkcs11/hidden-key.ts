import { inspect } from 'node:util';

/** The base of all key handles of this driver. It keeps the session and the object handles out of logs. */
export abstract class HiddenKey {
  /** Shows nothing in `JSON.stringify`. */
  toJSON(): object {
    return {};
  }

  /** Shows the name of the class only in `util.inspect`. */
  [inspect.custom](): string {
    return this.constructor.name;
  }
}
