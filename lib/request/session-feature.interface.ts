import type { Awaitable } from '../crypto/awaitable.js';
import type { OwnAttributes } from '../http/cookie.js';

/** What one session says of its cookie, in place of the options. */
export interface OwnCookie {
  /** Absent where the options count. */
  readonly attributes?: OwnAttributes | undefined;
  /** How long the browser keeps the cookie, in whole seconds; `undefined`: until it closes. Absent where `cookie.lifetime`
   *  counts. */
  readonly lifetime?: { readonly seconds: number | undefined } | undefined;
  /** True if this response sends the cookie, whether it is due or not. */
  readonly resend: boolean;
}

/** A feature on top that keeps something of a session itself, as `req.session` does. */
export interface SessionFeature {
  /** Puts what it keeps into the session, before each commit. What it throws fails the response. */
  beforeCommit(): Awaitable<void>;
  /** True if a commit is due though nobody has asked for the session. */
  readonly isCommitDue: boolean;
  /** What the session says of its cookie; absent where the options count. */
  readonly ownCookie: OwnCookie | undefined;
}
