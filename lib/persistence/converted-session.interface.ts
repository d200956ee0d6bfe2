import type { JsonObject } from '../record/session-data.interface.js';

/** A session of another package that `session-crypto convert` has stored, and that nobody has used here yet. It is no session:
 *  none of our clocks runs, no token leads to it, and only its old cookie turns it into one. */
export interface ConvertedSession {
  /** The table or the prefix that it came from. */
  readonly source: string;
  /** What identifies it in the other package. */
  readonly origin: string;
  /** Seconds since 1970 at which it ends; absent where the other package says nothing. */
  readonly expiresAt: number | undefined;
  readonly subject: string | undefined;
  /** The data; absent once the session has ended in the other package. */
  readonly data: JsonObject | undefined;
}
