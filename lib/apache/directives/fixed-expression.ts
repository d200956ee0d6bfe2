import { quoted } from './diagnostics.js';
import { readWord } from './read-word.js';
import type { ValueReader } from './value-reader.interface.js';

// String expressions: httpd's server/util_expr_scan.l and util_expr_parse.y.

/** The escapes that stand for a control character. */
const CONTROLS: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', b: '\b', f: '\f' };

/** One piece of a string expression: an escaped octal byte, another escaped character, the beginning of a variable, a
 *  back-reference, or other text. Each alternative begins with another character, so matching is linear. */
const PIECE = /\\(\d+)|\\([^])|(%\{)|\$\d|[$%\\]|[^$%\\]+/g;
/** A variable, or the beginning of a function: `%{NAME}` or `%{name:…}`. */
const VARIABLE = /%\{[A-Za-z]\w*([}:])/y;

/** Reads AuthName or AuthType, which httpd evaluates as a string expression. Text and escapes give the same value at each
 *  request. A back-reference is empty, because no pattern was matched. A variable is a fault. */
export const readFixedExpression: ValueReader<string> = (written, context) => {
  const word = readWord(written, context);
  if (word === undefined) return undefined;
  const value = syntaxFault(word) ? undefined : valueOf(word);
  const fault = word.match(PIECE)?.includes('%{') ? FIXED : (syntaxFault(word) ?? byteFault(value));
  if (!fault) return value;
  return void context.diagnostics.addFault(written.line, `${written.row!.name} is ${quoted(word)}; ${fault}`);
};

/** Reads a string expression that httpd evaluates at each request. Whether its variables exist is not checked. */
export const readRequestExpression: ValueReader<string> = (written, context) => {
  const word = readWord(written, context);
  const fault = word === undefined ? undefined : (syntaxFault(word) ?? variableFault(word));
  if (!fault) return word;
  return void context.diagnostics.addFault(
    written.line,
    `${written.row!.name} is ${quoted(word!)}; ${fault}`,
  );
};

const FIXED =
  'httpd evaluates a variable at each request, and here it must be fixed; write it as text, or \\\\%{ for these two characters';

/** Returns what httpd refuses in the escapes. */
function syntaxFault(word: string): string | undefined {
  for (const [piece, digits] of word.matchAll(PIECE)) {
    if (piece === '\\') return "a backslash at the end makes httpd's process die; remove it";
    if (digits && !/^(?:[0-3]?[0-7]{1,2})$/.test(digits))
      return `the escape ${quoted(piece)} is no byte; allowed are up to three octal digits, at most \\377`;
  }
  return undefined;
}

function variableFault(word: string): string | undefined {
  for (const { 0: piece, index } of word.matchAll(PIECE)) {
    if (piece !== '%{') continue;
    VARIABLE.lastIndex = index;
    const [begun, end] = VARIABLE.exec(word) ?? [];
    if (end === ':' && !word.includes('}', index + begun!.length + 1))
      return 'it has a %{name: without its argument and }; write %{name:argument}';
    if (!begun)
      return 'it has a %{ that begins no variable; write %{NAME}, or \\\\%{ for these two characters';
  }
  return undefined;
}

/** Returns the value of an expression without variables. Escapes are bytes, and other text is UTF-8. Returns `undefined` for
 *  bytes that are no text. */
function valueOf(word: string): string | undefined {
  const bytes = Array.from(word.matchAll(PIECE), ([piece, octal, escaped]) => {
    if (octal) return Buffer.from([Number.parseInt(octal, 8)]);
    if (escaped) return Buffer.from(CONTROLS[escaped] ?? escaped);
    return Buffer.from(/^\$\d$/.test(piece) ? '' : piece);
  });
  const text = Buffer.concat(bytes);
  return text.includes(0) || !Buffer.from(text.toString()).equals(text) ? undefined : text.toString();
}

const byteFault = (value: string | undefined): string | undefined =>
  value === undefined
    ? 'its escapes give bytes that are no text in UTF-8; write the letters themselves'
    : undefined;
