import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const LIB = fileURLToPath(new URL('../../../lib/', import.meta.url));

/** Methods of texts that read all of them. */
const METHODS = new Set([
  'split', 'trim', 'trimEnd', 'trimStart', 'replace', 'replaceAll', 'match', 'matchAll', 'search',
]); // prettier-ignore

/** What a file of lib does with texts. */
export interface TextWork {
  /** Its path below lib. */
  readonly file: string;
  readonly patterns: readonly RegExp[];
  /** It has a pattern, a loop or a method that reads a text. */
  readonly reads: boolean;
}

/** Returns the patterns and other work with texts of all files of lib, as the compiler sees them. */
export const textWork = (): TextWork[] =>
  readdirSync(LIB, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .toSorted()
    .map(workOf);

function workOf(file: string): TextWork {
  const source = ts.createSourceFile(file, readFileSync(LIB + file, 'utf8'), ts.ScriptTarget.Latest, true);
  const patterns: RegExp[] = [];
  let reads = false;
  const visit = (node: ts.Node): void => {
    if (ts.isRegularExpressionLiteral(node)) patterns.push(regExpOf(node.text));
    reads ||= ts.isRegularExpressionLiteral(node) || ts.isWhileStatement(node) || callsMethod(node);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return { file, patterns, reads };
}

const callsMethod = (node: ts.Node): boolean =>
  ts.isCallExpression(node) &&
  ts.isPropertyAccessExpression(node.expression) &&
  METHODS.has(node.expression.name.text) &&
  !NO_TEXT.test(node.expression.expression.getText());

/** Objects of ours whose `replace` is no text's. */
const NO_TEXT = /(?:^this|locked|store|repository|series)$/i;

function regExpOf(literal: string): RegExp {
  const end = literal.lastIndexOf('/');
  return new RegExp(literal.slice(1, end), literal.slice(end + 1));
}
