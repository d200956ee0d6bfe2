import type { RejectReason } from '../errors/envelope.error.js';

/** Bytes of the header: a version and the hint. */
const HEADER = 5;

/** Reasons that are found after the hint was read. */
const AFTER_HINT: ReadonlySet<RejectReason> = new Set(['unknown-key', 'commitment', 'tag']);

/** The hint as people read it: eight hexadecimal digits, as in `31b74615`. */
export const hintText = (hint: number): string => hint.toString(16).padStart(8, '0');

/** Returns the hints of keys in their order; nothing for keys of a foreign format, which have none. */
export const hintsOf = (keys: readonly unknown[]): string[] =>
  keys.flatMap((key) => {
    const { hint } = Object(key) as { hint?: unknown };
    return typeof hint === 'number' ? [hintText(hint)] : [];
  });

/** Returns the hint in the header of an envelope or a reference token; `undefined` for bytes without a whole header. */
export const headerHint = (bytes: Buffer): string | undefined =>
  bytes.length >= HEADER ? bytes.toString('hex', 1, HEADER) : undefined;

/** Returns the hint that refused bytes name, or `undefined` if they were refused before it was read. Nobody has verified it: a
 *  stranger can write any. */
export const hintIn = (bytes: Buffer, reason: RejectReason): string | undefined =>
  AFTER_HINT.has(reason) ? headerHint(bytes) : undefined;

/** The same for an envelope or a reference token as base64url. */
export const hintInText = (text: string, reason: RejectReason): string | undefined =>
  hintIn(Buffer.from(text.slice(0, 8), 'base64url'), reason);
