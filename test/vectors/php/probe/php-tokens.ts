/** Thrown for PHP code that is not understood. The message names it. */
export class NotUnderstood extends Error {}

export type Token =
  | { readonly kind: 'variable' | 'name' | 'sign'; readonly text: string }
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'text'; readonly parts: readonly TextPart[] };

/** A piece of a string, or the name of a variable in it. */
export type TextPart = { readonly text: string } | { readonly variable: string };

const PATTERN =
  /\s+|\/\/[^\n]*|(?<variable>\$[A-Za-z_]\w*)|(?<name>[A-Za-z_]\w*)|(?<number>\d+(?:\.\d+)?)|(?<single>'(?:[^'\\]|\\[^])*')|(?<double>"(?:[^"\\]|\\[^])*")|(?<sign>===|!==|==|!=|=>|->|::|&&|\|\||\.=|[-+.,;:?=()[\]{}@!&|<>*/])/gy;

/** Returns the tokens of PHP code. */
export function tokensOf(code: string): Token[] {
  const tokens: Token[] = [];
  PATTERN.lastIndex = 0;
  while (PATTERN.lastIndex < code.length) {
    const at = PATTERN.lastIndex;
    const groups = PATTERN.exec(code)?.groups;
    if (!groups) throw new NotUnderstood(`the text at "${code.slice(at, at + 10)}"`);
    const token = tokenOf(groups);
    if (token) tokens.push(token);
  }
  return tokens;
}

function tokenOf({
  variable,
  name,
  number,
  single,
  double,
  sign,
}: Record<string, string | undefined>): Token | undefined {
  if (variable) return { kind: 'variable', text: variable.slice(1) };
  if (name) return { kind: 'name', text: name };
  if (number) return { kind: 'number', value: Number(number) };
  if (single) return { kind: 'text', parts: [{ text: single.slice(1, -1).replace(/\\(['\\])/g, '$1') }] };
  if (double) return { kind: 'text', parts: interpolated(double.slice(1, -1)) };
  return sign ? { kind: 'sign', text: sign } : undefined;
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', v: '\v', f: '\f', e: '\x1b' };
const PIECE =
  /\\u\{(?<code>[0-9a-fA-F]+)\}|\\x(?<hex>[0-9a-fA-F]{1,2})|\\(?<octal>[0-7]{1,3})|\\(?<escape>[^])|\$(?<variable>[A-Za-z_]\w*)|(?<plain>[^\\$]+|\$)/g;

function interpolated(text: string): TextPart[] {
  return [...text.matchAll(PIECE)].map(({ groups }) => {
    const { code, hex, octal, escape, variable, plain } = groups as Record<string, string | undefined>;
    if (variable) return { variable };
    if (plain !== undefined) return { text: plain };
    if (code ?? hex) return { text: String.fromCodePoint(parseInt((code ?? hex)!, 16)) };
    if (octal) return { text: String.fromCharCode(parseInt(octal, 8)) };
    return { text: ESCAPES[escape!] ?? (/["\\$]/.test(escape!) ? escape! : `\\${escape}`) };
  });
}
