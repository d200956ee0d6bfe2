import { SessionStateError } from '../errors/session-state.error.js';
import { COOKIE, valueKeys } from './data-changes.js';
import { ExpressSession } from './express-session.object.js';

/** `request.session` on Fastify: the values of a session as properties that can be changed in place, and the methods that
 *  @fastify/session and @fastify/secure-session have in common. */
export class FastifySession extends ExpressSession {
  /** The public name of the session. It is not a credential. */
  get sessionId(): string {
    return this.id;
  }

  /** Returns the value of a key, or `undefined` if there is none. */
  get(key: string): unknown {
    return Object.hasOwn(this, key) ? Reflect.get(this, key) : undefined;
  }

  /** Sets a value; `undefined` removes it. Throws a SessionStateError for the name of a method. */
  set(key: string, value: unknown): void {
    if (key === COOKIE || key in FastifySession.prototype)
      throw new SessionStateError(
        'ERR_SESSION_USAGE',
        `request.session.set(${JSON.stringify(key)}, …) would hide a member of request.session; choose another key`,
      );
    if (value === undefined) Reflect.deleteProperty(this, key);
    else Reflect.set(this, key, value);
  }

  /** Returns all values by key, in a new object. */
  data(): Record<string, unknown> {
    return Object.fromEntries(valueKeys(this).map((key) => [key, Reflect.get(this, key)]));
  }

  /** Ends the session. `request.session` is another object then, which is empty. */
  delete(): void {
    void this.regenerate().catch(() => undefined); // a session that could not be ended fails the response
  }
}

/** A request of Fastify with its session, for handlers: `@Req() request: WithFastifySession<FastifyRequest>`. No type of Fastify is
 *  changed. */
export type WithFastifySession<Request extends object = object, Data extends object = object> = Omit<
  Request,
  'session'
> & { session: FastifySession & Partial<Data> };
