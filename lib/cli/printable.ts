/** Replaces control characters, line breaks included: a site, a file or a stored session could send a sequence that the terminal
 *  would execute. */
export const printable = (line: string): string => line.replaceAll(/[^\P{C}]/gu, '?');

/** Does the same with each line of a text. */
export const printableLines = (text: string): string => text.split('\n').map(printable).join('\n');

/** Does the same with a line of any length, of which it shows `limit` characters. */
export const cleanText = (line: string, limit = 200): string =>
  printable(line.length > limit ? `${line.slice(0, limit)}…` : line);

/** Returns JSON of several lines, or of one, in which every control character is escaped, also those that `JSON.stringify` leaves. */
export const jsonOf = (value: unknown, indent = 2): string =>
  `${JSON.stringify(value, null, indent)
    .split('\n')
    .map((line) => line.replaceAll(/[^\P{C}]/gu, escaped))
    .join('\n')}\n`;

const escaped = (character: string): string =>
  [...Array(character.length).keys()]
    .map((i) => `\\u${character.charCodeAt(i).toString(16).padStart(4, '0')}`)
    .join('');
