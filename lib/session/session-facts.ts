import { inspect } from 'node:util';
import { publicId } from '../persistence/public-id.js';
import { endOf, toDate } from '../record/session-lifetime.js';
import type { SessionState } from './session-state.js';

/** Gives the classes of this folder the state of a session. Nobody outside can reach it, nor does `inspect` show it. */
export let stateOf: (session: SessionFacts) => SessionState;

/** The facts of a session that a handler can read and not change: identity, subject and clocks. */
export abstract class SessionFacts {
  readonly #state: SessionState;

  static {
    stateOf = (session) => session.#state;
  }

  /** @internal */
  constructor(state: SessionState) {
    this.#state = state;
  }

  /** The public name of the session: base64url of the row's key, or of the id inside the sealed cookie. It is not a
   *  credential. */
  get id(): string {
    return publicId(this.#state.identity);
  }

  /** True while nothing of this session is stored. */
  get isNew(): boolean {
    return !this.#state.loaded;
  }

  /** The user who is logged in; `undefined` if nobody is. */
  get subject(): string | undefined {
    return this.#state.current.subject;
  }

  /** The moment at which the session began; `login()` sets it anew. */
  get createdAt(): Date {
    return toDate(this.#state.current.createdAt);
  }

  /** The moment at which the idle clock was last set. This is not every request: see `session.touchInterval`. */
  get lastSeenAt(): Date {
    return toDate(this.#state.current.lastSeenAt);
  }

  /** The moment at which the session ends unless a request uses it before. */
  get expiresAt(): Date {
    return toDate(endOf(this.#state.current, this.#state.timeouts));
  }

  /** The moment at which the user last proved who he is, by `login()`; `undefined` for never. */
  get authenticatedAt(): Date | undefined {
    const { authenticatedAt } = this.#state.current;
    return authenticatedAt ? toDate(authenticatedAt) : undefined;
  }

  /** Seconds since {@link authenticatedAt}, by the store's clock. */
  get authenticatedFor(): number | undefined {
    const { authenticatedAt } = this.#state.current;
    return authenticatedAt ? this.#state.now() - authenticatedAt : undefined;
  }

  /** True if the clocks have ended the session since it was loaded. Ask it in a socket, which can outlive its session. */
  get isOver(): boolean {
    return endOf(this.#state.current, this.#state.timeouts) <= this.#state.now();
  }

  /** Shows neither id nor data, since a session may be written to a log or into a response by mistake. */
  toJSON(): object {
    return { isNew: this.isNew };
  }

  [inspect.custom](): string {
    return `Session { isNew: ${this.isNew} }`;
  }
}
