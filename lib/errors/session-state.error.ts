import { SessionCryptoError } from './session-crypto.error.js';

export type SessionStateCode =
  | 'ERR_SESSION_VALUE'
  | 'ERR_SESSION_READONLY'
  | 'ERR_SESSION_ENDED'
  | 'ERR_SESSION_HEAD_SENT'
  | 'ERR_SESSION_GONE'
  | 'ERR_SESSION_CONFLICT'
  | 'ERR_SESSION_TOO_LARGE'
  | 'ERR_SESSION_NO_REQUEST'
  | 'ERR_SESSION_UNSUPPORTED';

const STATUS: Partial<Record<SessionStateCode, number>> = {
  ERR_SESSION_GONE: 409,
  ERR_SESSION_CONFLICT: 409,
};

/** The developer's turn: a session was asked for what it cannot do. */
export class SessionStateError extends SessionCryptoError {
  /** What Nest's own exception filter answers with: the fields of an `http-errors` error, whose text stays inside. */
  readonly statusCode: number;
  readonly status: number;
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

/** The sealed session does not fit: nothing was sent and nothing was stored. */
export class SessionTooLargeError extends SessionStateError {
  constructor(
    /** Bytes that the session needs. */
    readonly size: number,
    /** Bytes that there are. */
    readonly limit: number,
    /** JSON bytes of each top-level key, largest first. */
    readonly bytesByKey: Readonly<Record<string, number>>,
  ) {
    super('ERR_SESSION_TOO_LARGE', `The session needs ${size} bytes and there is room for ${limit}`);
  }
}
