import { SessionCryptoError } from './session-crypto.error.js';

/** Why bytes did not open. For counters and debug events only: whoever sent them always gets the same answer. */
export type RejectReason =
  | 'length'
  | 'encoding'
  | 'version'
  | 'unknown-key'
  | 'commitment'
  | 'tag'
  | 'frame'
  | 'payload'
  | 'expired'
  | 'absent';

/** Nobody's turn: a stranger's bytes, hence no session. Thrown outside by {@link Sealer.open} only, always the same. */
export class EnvelopeError extends SessionCryptoError {
  readonly code = 'ERR_ENVELOPE';

  constructor() {
    super('The sealed value does not open');
  }
}
