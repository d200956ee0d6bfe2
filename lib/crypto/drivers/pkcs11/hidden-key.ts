import { inspect } from 'node:util';

/** A handle that shows nothing in a log: neither its session nor where its objects are. */
export abstract class HiddenKey {
  toJSON(): object {
    return {};
  }

  [inspect.custom](): string {
    return this.constructor.name;
  }
}
