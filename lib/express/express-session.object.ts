import { inspect } from 'node:util';
import { mutableCopy } from './data-changes.js';
import type { ExpressSessionData, SessionCallback } from './express-session.interface.js';
import type { SessionCookie } from './session-cookie.js';
import type { JsonObject } from '../record/session-data.interface.js';

/** What stands behind `req.session`. */
export interface SessionOwner {
  readonly id: string;
  save(view: ExpressSession): Promise<void>;
  reload(view: ExpressSession): Promise<void>;
  regenerate(view: ExpressSession, keys?: readonly string[]): Promise<void>;
  destroy(view: ExpressSession): Promise<void>;
  touch(): void;
}

/** `req.session`: the values of a session as properties that can be changed in place, and the methods of express-session.
 *  Each method takes a callback, and returns the session then; without one it returns a promise. */
export class ExpressSession {
  readonly #owner: SessionOwner;
  /** How long the browser keeps the cookie of this session, and the attributes of the cookie. As in express-session, it stands among
   *  the values, and code that copies all values from one session to the next takes it along. */
  cookie: SessionCookie;

  /** @internal */
  constructor(owner: SessionOwner, data: JsonObject, cookie: SessionCookie) {
    this.#owner = owner;
    this.cookie = cookie;
    for (const key of Object.keys(data))
      if (!(key in this)) (this as unknown as ExpressSessionData)[key] = mutableCopy(data[key]!);
  }

  /** The public name of the session. It is not a credential. */
  get id(): string {
    return this.#owner.id;
  }

  /** Stores now what was changed. */
  save(): Promise<void>;
  save(callback: SessionCallback): this;
  save(callback?: SessionCallback): this | Promise<void> {
    return this.#answer(this.#owner.save(this), callback);
  }

  /** Reads the session again. `req.session` is another object then. Fails if the session has ended. */
  reload(): Promise<void>;
  reload(callback: SessionCallback): this;
  reload(callback?: SessionCallback): this | Promise<void> {
    return this.#answer(this.#owner.reload(this), callback);
  }

  /** Ends the session and begins one that has the values of `keys`, none without them. `req.session` is another object
   *  then. */
  regenerate(keys?: readonly string[]): Promise<void>;
  regenerate(callback: SessionCallback): this;
  regenerate(keys: readonly string[], callback: SessionCallback): this;
  regenerate(first?: readonly string[] | SessionCallback, second?: SessionCallback): this | Promise<void> {
    const [keys, callback] = typeof first === 'function' ? [undefined, first] : [first, second];
    return this.#answer(this.#owner.regenerate(this, keys), callback);
  }

  /** Ends the session now. `req.session` is `undefined` then. */
  destroy(): Promise<void>;
  destroy(callback: SessionCallback): this;
  destroy(callback?: SessionCallback): this | Promise<void> {
    return this.#answer(this.#owner.destroy(this), callback);
  }

  /** Moves the idle clock with this response, and starts the lifetime of the cookie anew. */
  touch(): this {
    this.#owner.touch();
    return this.resetMaxAge();
  }

  /** Starts the lifetime of the cookie anew. */
  resetMaxAge(): this {
    this.cookie.resetMaxAge();
    return this;
  }

  [inspect.custom](): string {
    return 'ExpressSession {}';
  }

  /** Calls back outside of the promise, so that what a callback throws is thrown as from every callback of Node. A promise
   *  that nobody looks at ends no process. */
  #answer(done: Promise<void>, callback: SessionCallback | undefined): this | Promise<void> {
    if (typeof callback !== 'function') {
      done.catch(() => undefined);
      return done;
    }
    done.then(
      () => process.nextTick(callback),
      (error: unknown) => process.nextTick(callback, error),
    );
    return this;
  }
}

/** A request of Express with its session, for handlers: `@Req() request: WithSession<Request>`. No type of Express is changed. */
export type WithSession<Request extends object = object, Data extends object = ExpressSessionData> = Omit<
  Request,
  'session' | 'sessionID'
> & { session: ExpressSession & Data; readonly sessionID: string };
