/** The bytes behind `+` and `%XX`, or `undefined` when an escape is bad or stands for zero. */
export function unescape(text: string): string | undefined {
  if (!/[+%]/.test(text)) return text;
  if (/%(?![0-9A-Fa-f]{2})|%00/.test(text)) return undefined;
  return text
    .replaceAll('+', ' ')
    .replace(/%(..)/g, (_escape, digits: string) => String.fromCharCode(parseInt(digits, 16)));
}

/** Lower-case ASCII letters; `toLowerCase` alone would fold À and à, which are bytes here. */
export const foldCase = (text: string): string => text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());

/** ASCII: letters, digits and `. - * _` as they are, a blank as `+`, any other byte as `%` and two lower-case digits.
 *  See server/util.c, ap_escape_urlencoded_buffer */
export function escape(bytes: Buffer): string {
  let text = '';
  for (const byte of bytes) text += ESCAPES[byte]!;
  return text;
}

/** How each byte is written. */
const ESCAPES = Array.from({ length: 256 }, (_, byte) => {
  const character = String.fromCharCode(byte);
  if (/[A-Za-z0-9.*_-]/.test(character)) return character;
  return character === ' ' ? '+' : `%${byte.toString(16).padStart(2, '0')}`;
});
