import type { TokenSession } from './token-session.js';

const HASH_LENGTH = 64;
const MAX_BLOCKS = 255;

/** HKDF-Expand with SHA-512 (RFC 5869 §2.3), one HMAC of the token for each 64 bytes:
 *
 *      T(i) = HMAC(key, message)        message = T(i-1)(64, absent at first) ‖ info ‖ i(1)
 *
 *  Returns `length` bytes, 1 to 255 × 64; throws a RangeError for any other length. All blocks are wiped. */
export function expandIn(session: TokenSession, key: bigint, info: Uint8Array, length: number): Buffer {
  if (!(length > 0 && length <= MAX_BLOCKS * HASH_LENGTH))
    throw new RangeError(`${length} bytes were requested; 1 to ${MAX_BLOCKS * HASH_LENGTH} can be expanded`);
  const output = Buffer.allocUnsafeSlow(length);
  const message = Buffer.allocUnsafeSlow(HASH_LENGTH + info.length + 1);
  message.set(info, HASH_LENGTH);
  try {
    for (let at = 0, counter = 1; at < length; at += HASH_LENGTH, counter++) {
      message[message.length - 1] = counter;
      const block = hmac(session, key, counter === 1 ? message.subarray(HASH_LENGTH) : message);
      block.copy(output, at);
      block.copy(message);
      block.fill(0);
    }
    return output;
  } finally {
    message.fill(0);
  }
}

/** Checks the length, since a token that returns short MACs would make weak keys. */
function hmac(session: TokenSession, key: bigint, message: Buffer): Buffer {
  const block = session.hmac(key, message);
  if (block.length !== HASH_LENGTH)
    throw new RangeError(`the token returned an HMAC-SHA-512 of ${block.length} bytes; 64 are needed`);
  return block;
}
