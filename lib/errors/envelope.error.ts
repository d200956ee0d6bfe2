import { SessionCryptoError } from './session-crypto.error.js';

/** The reason why bytes did not open. It is for counters and debug events only: the sender of the bytes cannot tell one
 *  reason from another. */
export type RejectReason =
  /** Too short or too long. */
  | 'length'
  /** No canonical base64url. */
  | 'encoding'
  /** An unknown first byte. */
  | 'version'
  /** The key hint of no key in the ring. */
  | 'unknown-key'
  /** The key commitment does not match. */
  | 'commitment'
  /** The authentication tag, or a MAC, does not match. */
  | 'tag'
  /** The fixed part inside the seal is not valid. */
  | 'frame'
  /** The data inside the seal is not valid, or too large. */
  | 'payload'
  /** The clocks inside the seal have run out. */
  | 'expired'
  /** An authentic token without a session. */
  | 'absent';

/** Bytes that do not open. Nobody has to act: a stranger's bytes mean no session. Only {@link Sealer.open} throws it to a
 *  user of the package, always with the same message. */
export class EnvelopeError extends SessionCryptoError {
  readonly code = 'ERR_ENVELOPE';

  constructor() {
    super('The sealed value does not open');
  }
}
