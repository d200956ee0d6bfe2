import { quoted } from './diagnostics.js';
import { readWord } from './read-word.js';
import type { ValueReader } from './value-reader.interface.js';

/** The escapes of a string expression that stand for a control character. */
const CONTROLS: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', b: '\b', f: '\f' };

/** One piece of a string expression: an escaped octal byte, another escaped character, the beginning of a variable, a
 *  back-reference, or other text. Each alternative begins with another character, so matching is linear. */
const PIECE = /\\([0-7]{1,3})|\\([^])|(%\{)|\$[0-9]|[$%\\]|[^$%\\]+/g;

/** Reads AuthName or AuthType, which httpd evaluates as a string expression (httpd's server/util_expr_scan.l). Text and escapes give the
 *  same value at each request. A back-reference is empty, because no pattern was matched. A variable is a fault. */
export const readFixedExpression: ValueReader<string> = (written, context) => {
  const word = readWord(written, context);
  if (word === undefined) return undefined;
  const fault = faultOf(word);
  if (!fault) return word.replace(PIECE, evaluate);
  return void context.diagnostics.addFault(written.line, `${written.row!.name} is ${quoted(word)}; ${fault}`);
};

function faultOf(word: string): string | undefined {
  const pieces: readonly string[] = word.match(PIECE) ?? [];
  if (pieces.includes('%{'))
    return 'httpd evaluates a variable at each request, and here it must be fixed; write it as text, or \\\\%{ for these two characters';
  return pieces.at(-1) === '\\' ? 'httpd does not start with a backslash at the end; remove it' : undefined;
}

function evaluate(piece: string, octal: string | undefined, escaped: string | undefined): string {
  if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8) & 0xff);
  if (escaped !== undefined) return CONTROLS[escaped] ?? escaped;
  return /^\$[0-9]$/.test(piece) ? '' : piece;
}
