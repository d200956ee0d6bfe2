import type { RejectReason } from 'nestjs-session-crypto';

/** A check of the package. */
export interface Check {
  readonly reason: RejectReason;
  readonly name: string;
  readonly says: string;
}

/** The checks in the order in which the package makes them (docs/wire-format.md, section 6). */
export const CHECKS: readonly Check[] = [
  { reason: 'length', name: 'Length', says: 'at least 103 characters, and no more than a cookie holds' },
  { reason: 'encoding', name: 'Spelling', says: 'base64url in its one canonical spelling' },
  { reason: 'version', name: 'Version', says: 'the first byte names a cipher that is enabled' },
  {
    reason: 'unknown-key',
    name: 'Key hint',
    says: 'bytes 1 to 4 name a key of the ring; only that one is tried',
  },
  {
    reason: 'commitment',
    name: 'Commitment',
    says: 'the key of the epoch is derived, and what it commits to is compared',
  },
  {
    reason: 'tag',
    name: 'Tag',
    says: 'nothing was changed, and the context is the one that it was sealed for',
  },
  { reason: 'frame', name: 'Frame', says: 'the 48 bytes in front of the data are valid' },
  { reason: 'payload', name: 'Data', says: 'the data are valid, and not too large' },
  { reason: 'expired', name: 'Clocks', says: 'the session has not ended' },
];
