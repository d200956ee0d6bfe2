const TAB = 9;
const SPACE = 32;

/** Returns the text without the spaces and tabs at both ends, and removes nothing else (RFC 6265bis §5.6). `trim()` would
 *  also remove other white space and so read `\xa0__Host-sid` as the name of our cookie. The work is linear: a regular
 *  expression such as `/[ \t]+$/` takes half a second for 16 KB of spaces. */
export function trimBlanks(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isBlank(text.charCodeAt(start))) start++;
  while (end > start && isBlank(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
}

const isBlank = (code: number): boolean => code === SPACE || code === TAB;
