import type { Awaitable } from '../crypto/awaitable.js';

/** How long a browser keeps the cookie of one session, where the session itself says so and not `cookie.lifetime`. */
export interface OwnLifetime {
  /** Whole seconds; `undefined`: until the browser closes. */
  readonly seconds: number | undefined;
  /** True if this response sends the cookie, whether it is due or not. */
  readonly resend: boolean;
}

/** A feature on top that keeps something of a session itself, as `req.session` does. */
export interface SessionFeature {
  /** Puts what it keeps into the session, before each commit. What it throws fails the response. */
  beforeCommit(): Awaitable<void>;
  /** True if a commit is due though nobody has asked for the session. */
  readonly isCommitDue: boolean;
  /** How long the browser keeps the cookie of this response; absent where `cookie.lifetime` counts. */
  readonly cookieLifetime: OwnLifetime | undefined;
}
