/** The signs that calculate: an expression is a text, or several with these between, before or around them. */
export const OPERATORS = '&|^~()!';

/** Follows the grammar of a value (`expr`, Zend/zend_ini_parser.y), one token after the other. Each method reports whether
 *  PHP can read on after the token. If it cannot, PHP reads nothing more of the file.
 *
 *      expr = text | expr '|' expr | expr '&' expr | expr '^' expr | '~' expr | '!' expr | '(' expr ')' */
export class IniExpression {
  /** What the tokens so far are: nothing, a text, an operator that waits for its operand, or a closed parenthesis. */
  private last: 'nothing' | 'text' | 'operator' | 'group' = 'nothing';
  /** The number of open parentheses. */
  private depth = 0;

  /** Takes a piece of text. PHP joins neighbouring pieces, but joins none to a parenthesis. */
  takeText(): boolean {
    if (this.last === 'group') return false;
    this.last = 'text';
    return true;
  }

  takeOperator(sign: string): boolean {
    const hasOperand = this.last === 'text' || this.last === 'group';
    if ('~!('.includes(sign)) return !hasOperand && this.takeSign(sign === '(' ? 1 : 0, 'operator');
    if (sign !== ')') return hasOperand && this.takeSign(0, 'operator');
    return hasOperand && this.depth > 0 && this.takeSign(-1, 'group');
  }

  /** True if the value may end here. */
  get complete(): boolean {
    return this.depth === 0 && this.last !== 'operator';
  }

  private takeSign(parentheses: number, last: 'operator' | 'group'): true {
    this.depth += parentheses;
    this.last = last;
    return true;
  }
}
