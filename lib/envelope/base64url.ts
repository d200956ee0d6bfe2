/** base64url without padding (RFC 4648 §5). */
export const encodeBase64url = (bytes: Buffer): string => bytes.toString('base64url');

/** The bytes of a text in its one canonical spelling, or `undefined`: Node alone would accept blanks, both alphabets
 *  and left-over bits, and one value would have many spellings. */
export function decodeBase64url(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64url');
  return bytes.toString('base64url') === text ? bytes : undefined;
}
