import { isUtf8 } from 'node:buffer';
import { SessionStateError } from '../../errors/session-state.error.js';

/** A string of PHP. PHP's strings are bytes: valid UTF-8 is a `string` here, other bytes stay bytes. */
export type PhpText = string | Uint8Array;

/** Returns the bytes of `source` from `start` to `end` as a string of PHP. `latin1` is the same source with one character
 *  per byte, which makes plain ASCII fast. */
export function phpText(source: Buffer, latin1: string, start: number, end: number): PhpText {
  const text = latin1.slice(start, end);
  if (!NOT_ASCII.test(text)) return text;
  const bytes = source.subarray(start, end);
  return isUtf8(bytes) ? bytes.toString('utf8') : Buffer.from(bytes);
}

/** Converts bytes that are valid UTF-8 to text, so that equal strings compare equal. */
export function toPhpText(text: PhpText): PhpText {
  return typeof text !== 'string' && isUtf8(text) ? bufferOf(text).toString('utf8') : text;
}

/** Returns the bytes of a string with one character per byte. Throws a SessionStateError for a lone surrogate, which has no
 *  bytes in UTF-8. */
export function latin1Of(text: PhpText): string {
  if (typeof text !== 'string') return bufferOf(text).toString('latin1');
  if (!NOT_ASCII.test(text)) return text;
  if (/\p{Surrogate}/u.test(text))
    throw new SessionStateError(
      'ERR_SESSION_VALUE',
      'A text contains a lone surrogate (half of a UTF-16 pair), which PHP cannot store',
    );
  return Buffer.from(text).toString('latin1');
}

const bufferOf = ({ buffer, byteOffset, length }: Uint8Array): Buffer =>
  Buffer.from(buffer, byteOffset, length);

/** Most strings are ASCII. For them text, UTF-8 and Latin-1 are the same, so that nothing is copied. */
// oxlint-disable-next-line no-control-regex
const NOT_ASCII = /[^\0-\x7f]/;
