import type { JsonObject } from '../../record/session-data.interface.js';
import type { MoreNames } from './places.js';

/** What becomes of a cookie. `accepted`: it brings a session. `ended`: it is ours, and its session is over. `refused`: it has our
 *  form and does not open. `unknown`: it is authentic, and the store does not answer. `foreign`: it has not. */
export type Verdict = 'accepted' | 'ended' | 'unknown' | 'refused' | 'foreign';

/** What becomes of a cookie, and why. */
export interface Outcome {
  readonly verdict: Verdict;
  /** A stable word for programs. */
  readonly reason: string;
  /** One sentence. */
  readonly why: string;
  /** What to do, if there is something to do. */
  readonly remedy?: string | undefined;
}

/** What is known of one value. It holds no token, no id that could be sent, no subject and no value, unless {@link Part.data} was
 *  asked for. */
export interface Part extends Outcome {
  readonly format?: string | undefined;
  readonly key?: ExplainedKey | undefined;
  readonly epoch?: string | undefined;
  /** What the value is sealed for. */
  readonly context?: ExplainedContext | undefined;
  readonly row?: ExplainedRow | undefined;
  readonly session?: ExplainedSession | undefined;
  /** What was asked for by `--show-data`. */
  readonly data?: {
    readonly subject: string | undefined;
    readonly data: JsonObject;
    readonly flash: JsonObject;
  };
}

export interface Explanation extends Part {
  /** The name under which it came. */
  readonly name: string | undefined;
}

export interface ExplainedKey {
  readonly hint: string;
  /** The place in the ring, from 1; absent if no ring has it. */
  readonly place?: number | undefined;
  /** Keys of the ring. */
  readonly of?: number | undefined;
  readonly seals?: boolean | undefined;
  /** The state in a managed ring, or `retiring`. */
  readonly state?: string | undefined;
}

export interface ExplainedContext {
  /** The options that open it. */
  readonly options?: string | undefined;
  readonly purpose: string;
  readonly store: string;
  readonly name: string;
  readonly tenant: string;
  readonly audience: string;
}

export interface ExplainedRow {
  readonly id: string;
  readonly state: 'live' | 'moved' | 'ended' | 'absent';
  readonly version?: number | undefined;
  /** The hint of the key that has sealed the row. */
  readonly sealedBy?: string | undefined;
  /** Until when the store keeps the row at least. */
  readonly deadline?: Date | undefined;
  readonly movedAt?: Date | undefined;
  /** Why the session moved. */
  readonly moved?: 'periodic' | 'asked' | 'login' | 'relogin' | undefined;
  /** The session that it moved to. */
  readonly successor?: ExplainedRow | undefined;
}

export interface ExplainedSession {
  readonly id: string | undefined;
  readonly loggedIn: boolean;
  readonly generation: number;
  readonly now: Date;
  readonly createdAt: Date;
  readonly idIssuedAt: Date;
  readonly lastSeenAt: Date;
  readonly authenticatedAt: Date | undefined;
  readonly idleEnd: Date | undefined;
  readonly absoluteEnd: Date | undefined;
  /** When it ends if nothing uses it; `undefined` for never. */
  readonly endsAt: Date | undefined;
  /** Seconds until then; negative if it has ended. */
  readonly endsIn: number | undefined;
  readonly endedBy: 'idle timeout' | 'absolute timeout' | undefined;
}

export interface ExplainOptions extends MoreNames {
  /** Show subject and values. */
  readonly showData?: boolean;
  /** Why the store could not be opened, as a code. */
  readonly storeDown?: string | undefined;
}
