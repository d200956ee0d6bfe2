import { largestKeys } from './largest-keys.js';
import { printable } from './printable.js';
import { SessionCryptoError } from './session-crypto.error.js';

/** The stable codes of {@link SessionStateError}. */
export type SessionStateCode =
  /** A value, key or subject that a session cannot hold. */
  | 'ERR_SESSION_VALUE'
  /** A use that belongs to another session library: a callback, or a property that is assigned to a session. */
  | 'ERR_SESSION_USAGE'
  /** A change of a session that this request may only read. */
  | 'ERR_SESSION_READONLY'
  /** A change after this request destroyed the session. */
  | 'ERR_SESSION_ENDED'
  /** A change after the head of the response that can no longer be stored. */
  | 'ERR_SESSION_HEAD_SENT'
  /** The session ended while the request ran, or before `runWithSession()` (409). */
  | 'ERR_SESSION_GONE'
  /** Another request changed the same key (409, with `onConflict: 'reject'`). */
  | 'ERR_SESSION_CONFLICT'
  /** The subject has as many sessions as `session.maxPerSubject` allows (409). */
  | 'ERR_SESSION_LIMIT'
  /** Another request has the lock of the session, and `@SessionLock()` has waited for it long enough (423). */
  | 'ERR_SESSION_LOCKED'
  /** The request lost the lock of its session before its changes were stored, so they are not (409). */
  | 'ERR_SESSION_LOCK_LOST'
  /** See {@link SessionTooLargeError}. */
  | 'ERR_SESSION_TOO_LARGE'
  /** A response wrote too much body while it waited for its commit (503). */
  | 'ERR_SESSION_HELD_BODY'
  /** A use of a sealer that was closed. */
  | 'ERR_SESSION_CLOSED'
  /** A key of the managed ring that does not exist, or whose state forbids it (409). */
  | 'ERR_SESSION_KEY'
  /** No request is known where the session was asked for. */
  | 'ERR_SESSION_NO_REQUEST'
  /** The store, the connection or the options do not support it. */
  | 'ERR_SESSION_UNSUPPORTED';

/** The status of each code; 500 for codes that are not listed. */
const STATUS: Partial<Record<SessionStateCode, number>> = {
  ERR_SESSION_GONE: 409,
  ERR_SESSION_CONFLICT: 409,
  ERR_SESSION_LOCKED: 423,
  ERR_SESSION_LOCK_LOST: 409,
  ERR_SESSION_KEY: 409,
  ERR_SESSION_LIMIT: 409,
  ERR_SESSION_HELD_BODY: 503,
};

/** A session was asked for something that it cannot do now. The developer must act. */
export class SessionStateError extends SessionCryptoError {
  /** The status that Nest's own exception filter sends. */
  readonly statusCode: number;
  /** The same, under the name that `http-errors` uses. */
  readonly status: number;
  /** False keeps the message out of the response, as in `http-errors`. */
  readonly expose = false;

  constructor(
    readonly code: SessionStateCode,
    message: string,
    status: number = STATUS[code] ?? 500,
  ) {
    super(message);
    this.statusCode = this.status = status;
  }
}

/** The sealed session is larger than its cookie or `session.payloadLimit` allows. Nothing was sent and nothing stored. */
export class SessionTooLargeError extends SessionStateError {
  constructor(
    /** The bytes that the session needs. */
    readonly size: number,
    /** The bytes that it may have. */
    readonly limit: number,
    /** The bytes of JSON of each top-level key, largest first; keys that are whole numbers come before all others. */
    readonly bytesByKey: Readonly<Record<string, number>>,
  ) {
    super('ERR_SESSION_TOO_LARGE', `The session needs ${size} bytes, but only ${limit} bytes are allowed`);
  }

  /** The message and the three largest keys, for a log. The exception filter of Nest 11 sends the message itself to the visitor. */
  get messageForLog(): string {
    const largest = largestKeys(this.bytesByKey);
    return this.message + (largest && printable(`. Its largest keys, in bytes of JSON: ${largest}`));
  }
}
