import { isUtf8 } from 'node:buffer';
import { SessionStateError } from '../../errors/session-state.error.js';

/** A string of PHP, which is bytes: text where they are valid UTF-8, else the bytes themselves. */
export type PhpText = string | Uint8Array;

/** The bytes of `source` from `start` to `end`, as text where they are valid UTF-8. `latin1`: the same source, one
 *  character a byte. */
export function phpText(source: Buffer, latin1: string, start: number, end: number): PhpText {
  const text = latin1.slice(start, end);
  if (!NOT_ASCII.test(text)) return text;
  const bytes = source.subarray(start, end);
  return isUtf8(bytes) ? bytes.toString('utf8') : Buffer.from(bytes);
}

/** Text for bytes that are valid UTF-8. */
export function toPhpText(text: PhpText): PhpText {
  return typeof text !== 'string' && isUtf8(text) ? bufferOf(text).toString('utf8') : text;
}

/** One character a byte. Throws a SessionStateError for half a character, which has no bytes. */
export function latin1Of(text: PhpText): string {
  if (typeof text !== 'string') return bufferOf(text).toString('latin1');
  if (!NOT_ASCII.test(text)) return text;
  if (/\p{Surrogate}/u.test(text))
    throw new SessionStateError('ERR_SESSION_VALUE', 'A text holds half a character');
  return Buffer.from(text).toString('latin1');
}

const bufferOf = ({ buffer, byteOffset, length }: Uint8Array): Buffer =>
  Buffer.from(buffer, byteOffset, length);

// oxlint-disable-next-line no-control-regex
const NOT_ASCII = /[^\0-\x7f]/;
