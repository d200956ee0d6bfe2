import { printable, UNSEEN } from '../errors/printable.js';

/** Replaces the unseen characters in each line of a text: a sequence of a site, a file or a stored session would be executed by the
 *  terminal. */
export const printableLines = (text: string): string => text.split('\n').map(printable).join('\n');

/** Does the same with a line of any length, of which it shows `limit` characters. */
export const cleanText = (line: string, limit = 200): string =>
  printable(line.length > limit ? `${line.slice(0, limit)}…` : line);

/** Returns JSON of several lines, or of one, in which every unseen character is escaped, also those that `JSON.stringify` leaves. */
export const jsonOf = (value: unknown, indent = 2): string =>
  `${JSON.stringify(value, null, indent)
    .split('\n')
    .map((line) => line.replaceAll(UNSEEN, escaped))
    .join('\n')}\n`;

const escaped = (character: string): string =>
  [...Array(character.length).keys()]
    .map((i) => `\\u${character.charCodeAt(i).toString(16).padStart(4, '0')}`)
    .join('');
