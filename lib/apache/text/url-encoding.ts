// The escapes of a session text: `+` for a blank and `%XX` for a byte. All strings here are Latin-1, one character per byte.

/** Replaces each `+` by a blank and each `%XX` by its byte. Returns `undefined` if an escape is malformed or stands for a
 *  zero byte; httpd ignores such a pair. */
export function urlDecode(text: string): string | undefined {
  if (!/[+%]/.test(text)) return text;
  if (/%(?![0-9A-Fa-f]{2})|%00/.test(text)) return undefined;
  return text
    .replaceAll('+', ' ')
    .replace(/%(..)/g, (_escape, digits: string) => String.fromCharCode(parseInt(digits, 16)));
}

/** Returns the text with its ASCII letters in lower case. `toLowerCase` alone would also fold À to à, which are two
 *  different bytes here. */
export const foldCase = (text: string): string => text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());

/** Returns the bytes as ASCII text: letters, digits and `. - * _` stay, a blank becomes `+`, and any other byte becomes `%`
 *  and two lower-case digits.        See httpd's server/util.c, ap_escape_urlencoded_buffer */
export function urlEncode(bytes: Buffer): string {
  let text = '';
  for (const byte of bytes) text += ENCODED[byte]!;
  return text;
}

/** The encoding of each of the 256 bytes. */
const ENCODED = Array.from({ length: 256 }, (_, byte) => {
  const character = String.fromCharCode(byte);
  if (/[A-Za-z0-9.*_-]/.test(character)) return character;
  return character === ' ' ? '+' : `%${byte.toString(16).padStart(2, '0')}`;
});
