// base64url without padding (RFC 4648 §5), in one spelling for each value.

/** Returns the base64url text of `bytes`, without padding. */
export const encodeBase64url = (bytes: Buffer): string => bytes.toString('base64url');

/** Returns the bytes of a canonical base64url text, or `undefined` for any other text.
 *
 *  Node's decoder accepts blanks, padding, the alphabet of plain base64 and unused trailing bits, so that many texts mean
 *  the same bytes. A token must have one spelling only (RFC 4648 §3.5): a list of revoked tokens or a log then knows it
 *  by its text. Encoding the bytes again and comparing covers all these cases at once, in linear time. */
export function decodeBase64url(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64url');
  return bytes.toString('base64url') === text ? bytes : undefined;
}
