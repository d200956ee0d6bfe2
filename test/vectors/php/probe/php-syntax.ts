import { NotUnderstood, tokensOf, type TextPart, type Token } from './php-tokens.js';

/** The expressions of PHP that the cases need. */
export type Expression =
  | { readonly is: 'literal'; readonly value: unknown }
  | { readonly is: 'text'; readonly parts: readonly TextPart[] }
  | { readonly is: 'constant' | 'variable'; readonly name: string }
  | { readonly is: 'array'; readonly items: readonly ArrayItem[] }
  | { readonly is: 'index'; readonly of: Expression; readonly at: Expression | undefined }
  | { readonly is: 'call'; readonly name: string; readonly given: readonly Expression[] }
  | { readonly is: 'unary' | 'silent'; readonly sign: string; readonly of: Expression }
  | { readonly is: 'binary'; readonly sign: string; readonly left: Expression; readonly right: Expression }
  | { readonly is: 'assign'; readonly to: Expression; readonly value: Expression }
  | { readonly is: 'function'; readonly parameter: string; readonly body: Expression };

export interface ArrayItem {
  readonly key?: Expression;
  readonly value: Expression;
}

export type Statement =
  | { readonly is: 'run'; readonly what: Expression }
  | { readonly is: 'while'; readonly test: Expression; readonly body: Statement };

const WORDS: Readonly<Record<string, unknown>> = { true: true, false: false, null: null };

/** The operators by their precedence, the lowest first. */
const BINARY: readonly (readonly string[])[] = [
  ['||'],
  ['&&'],
  ['|'],
  ['===', '!==', '==', '!='],
  ['+', '-', '.'],
  ['*', '/'],
];

/** Parses the PHP code of a case. Throws NotUnderstood for syntax that it does not know. */
export function parsePhp(code: string): Statement[] {
  return new Parser(tokensOf(code)).all();
}

class Parser {
  private at = 0;

  constructor(private readonly tokens: readonly Token[]) {}

  all(): Statement[] {
    const statements: Statement[] = [];
    while (this.at < this.tokens.length) statements.push(this.statement());
    return statements;
  }

  private statement(): Statement {
    if (this.takes('while')) {
      this.must('(');
      const test = this.expression();
      this.must(')');
      return { is: 'while', test, body: this.statement() };
    }
    const keyword = this.word();
    if (keyword === 'echo') return this.echo();
    if (keyword && STATEMENTS.has(keyword)) throw new NotUnderstood(`the statement ${keyword}`);
    const what = this.expression();
    if (this.at < this.tokens.length) this.must(';');
    return { is: 'run', what };
  }

  private echo(): Statement {
    this.at++;
    const given = [this.expression()];
    this.must(';');
    return { is: 'run', what: { is: 'call', name: 'echo', given } };
  }

  private expression(): Expression {
    const left = this.binary(0);
    return this.takes('=') ? { is: 'assign', to: left, value: this.expression() } : left;
  }

  private binary(level: number): Expression {
    const signs = BINARY[level];
    if (!signs) return this.unary();
    let left = this.binary(level + 1);
    for (let sign; (sign = signs.find((one) => this.takes(one))); )
      left = { is: 'binary', sign, left, right: this.binary(level + 1) };
    return left;
  }

  private unary(): Expression {
    for (const sign of ['!', '-']) if (this.takes(sign)) return { is: 'unary', sign, of: this.unary() };
    if (this.takes('@')) return { is: 'silent', sign: '@', of: this.unary() };
    return this.postfix(this.primary());
  }

  private postfix(of: Expression): Expression {
    if (this.takes('->') || this.takes('::')) throw new NotUnderstood('members of objects');
    if (this.sign('(')) return this.postfix({ is: 'call', name: `$${nameOf(of)}`, given: this.list('(', ')') });
    if (!this.takes('[')) return of;
    const at = this.sign(']') ? undefined : this.expression();
    this.must(']');
    return this.postfix({ is: 'index', of, at });
  }

  private primary(): Expression {
    const token = this.tokens[this.at++];
    if (!token) throw new NotUnderstood('an end too early');
    if (token.kind === 'number') return { is: 'literal', value: token.value };
    if (token.kind === 'text') return { is: 'text', parts: token.parts };
    if (token.kind === 'variable') return { is: 'variable', name: token.text };
    return token.kind === 'name' ? this.named(token.text) : this.bracketed(token.text);
  }

  private named(name: string): Expression {
    if (name === 'fn') return this.arrow();
    if (name === 'new') throw new NotUnderstood('new');
    if (Object.hasOwn(WORDS, name.toLowerCase()))
      return { is: 'literal', value: WORDS[name.toLowerCase()] };
    return this.sign('(') ? { is: 'call', name, given: this.list('(', ')') } : { is: 'constant', name };
  }

  private arrow(): Expression {
    this.must('(');
    const parameter = this.tokens[this.at++];
    this.must(')');
    this.must('=>');
    if (parameter?.kind !== 'variable') throw new NotUnderstood('the parameters of fn');
    return { is: 'function', parameter: parameter.text, body: this.expression() };
  }

  private bracketed(sign: string): Expression {
    if (sign === '[') {
      this.at--;
      return { is: 'array', items: this.items() };
    }
    if (sign !== '(') throw new NotUnderstood(`the sign ${sign}`);
    const inner = this.expression();
    this.must(')');
    return inner;
  }

  private items(): ArrayItem[] {
    this.must('[');
    const items: ArrayItem[] = [];
    while (!this.takes(']')) {
      const first = this.expression();
      items.push(this.takes('=>') ? { key: first, value: this.expression() } : { value: first });
      if (!this.sign(']')) this.must(',');
    }
    return items;
  }

  private list(open: string, close: string): Expression[] {
    this.must(open);
    const list: Expression[] = [];
    while (!this.takes(close)) {
      list.push(this.expression());
      if (!this.sign(close)) this.must(',');
    }
    return list;
  }

  private sign(text: string): boolean {
    const token = this.tokens[this.at];
    return (token?.kind === 'sign' || token?.kind === 'name') && token.text === text;
  }

  private word(): string | undefined {
    const token = this.tokens[this.at];
    return token?.kind === 'name' ? token.text : undefined;
  }

  private takes(text: string): boolean {
    const found = this.sign(text);
    if (found) this.at++;
    return found;
  }

  private must(text: string): void {
    if (!this.takes(text)) throw new NotUnderstood(`a place without ${text}`);
  }
}

const STATEMENTS = new Set(['class', 'function', 'if', 'foreach', 'for', 'try', 'return', 'global']);

function nameOf(expression: Expression): string {
  if (expression.is !== 'variable') throw new NotUnderstood('the call of a value');
  return expression.name;
}
