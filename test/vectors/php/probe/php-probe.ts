import { parsePhp, type Expression, type Statement } from './php-syntax.js';
import { NotUnderstood } from './php-tokens.js';

/** An array of PHP, such as `$_SESSION` and results. */
export type PhpVars = Map<string | number, unknown>;

/** A function or constant of PHP, implemented with this package. */
export interface PhpWorld {
  call(name: string, given: unknown[]): unknown;
  constant(name: string): unknown;
  readonly variables: Map<string, unknown>;
}

/** An exception of PHP that ends the script. */
export class PhpException extends Error {}

type Arrow = (given: unknown) => Promise<unknown>;

/** Runs the PHP code of a case. It knows as much of PHP as the cases need, and throws NotUnderstood for more. */
export class PhpProbe {
  constructor(private readonly world: PhpWorld) {}

  async run(code: string): Promise<void> {
    for (const statement of parsePhp(code)) await this.perform(statement);
  }

  private async perform(statement: Statement): Promise<void> {
    if (statement.is === 'run') await this.value(statement.what);
    else for (let turn = 0; (await this.value(statement.test)) && turn < 100; turn++) await this.perform(statement.body);
  }

  private async value(expression: Expression): Promise<unknown> {
    switch (expression.is) {
      case 'literal':
        return expression.value;
      case 'text':
        return expression.parts.map((part) => ('text' in part ? part.text : String(this.variable(part.variable)))).join('');
      case 'constant':
        return this.world.constant(expression.name);
      case 'variable':
        return this.variable(expression.name);
      case 'array':
        return this.array(expression);
      case 'index':
        return itemOf(await this.value(expression.of), expression.at && (await this.value(expression.at)));
      case 'call':
        return this.call(expression);
      case 'silent':
        return this.value(expression.of);
      case 'unary':
        return UNARY[expression.sign]!(await this.value(expression.of));
      case 'binary':
        return BINARY[expression.sign]!(await this.value(expression.left), await this.value(expression.right));
      case 'assign':
        return this.assign(expression.to, copied(await this.value(expression.value)));
      case 'function':
        return this.arrow(expression.parameter, expression.body);
    }
  }

  private async array({ items }: Expression & { is: 'array' }): Promise<PhpVars> {
    const array: PhpVars = new Map();
    for (const { key, value } of items)
      array.set(key ? keyOf(await this.value(key)) : nextKey(array), await this.value(value));
    return array;
  }

  private async call({ name, given }: Expression & { is: 'call' }): Promise<unknown> {
    if (name === 'unset') return this.unset(given);
    if (name.startsWith('$')) return (this.variable(name.slice(1)) as Arrow)(undefined);
    const values: unknown[] = [];
    for (const one of given) values.push(await this.value(one));
    return this.world.call(name.toLowerCase(), values);
  }

  private async unset(targets: readonly Expression[]): Promise<void> {
    for (const target of targets) {
      if (target.is !== 'index' || !target.at) throw new NotUnderstood('unset of a variable');
      ((await this.value(target.of)) as PhpVars).delete(keyOf(await this.value(target.at)));
    }
  }

  private async assign(to: Expression, value: unknown): Promise<unknown> {
    if (to.is === 'variable') this.world.variables.set(to.name, value);
    else if (to.is === 'index') {
      const array = (await this.value(to.of)) as PhpVars;
      array.set(to.at ? keyOf(await this.value(to.at)) : nextKey(array), value);
    } else throw new NotUnderstood('an assignment');
    return value;
  }

  private arrow(parameter: string, body: Expression): Arrow {
    return (given) => {
      this.world.variables.set(parameter, given);
      return this.value(body);
    };
  }

  private variable(name: string): unknown {
    if (!this.world.variables.has(name)) throw new NotUnderstood(`the variable $${name}`);
    return this.world.variables.get(name);
  }
}

const UNARY: Readonly<Record<string, (value: unknown) => unknown>> = {
  '!': (value) => !value,
  '-': (value) => -Number(value),
};

const BINARY: Readonly<Record<string, (left: unknown, right: unknown) => unknown>> = {
  '||': (left, right) => Boolean(left) || Boolean(right),
  '&&': (left, right) => Boolean(left) && Boolean(right),
  '|': (left, right) => Number(left) | Number(right),
  '===': (left, right) => left === right,
  '!==': (left, right) => left !== right,
  '==': (left, right) => left === right,
  '!=': (left, right) => left !== right,
  '.': (left, right) => String(left) + String(right),
  '+': (left, right) => Number(left) + Number(right),
  '-': (left, right) => Number(left) - Number(right),
  '*': (left, right) => Number(left) * Number(right),
  '/': (left, right) => Number(left) / Number(right),
};

const keyOf = (key: unknown): string | number =>
  typeof key === 'number' ? key : /^(?:0|-?[1-9]\d{0,15})$/.test(String(key)) ? Number(key) : String(key);

const nextKey = (array: PhpVars): number =>
  Math.max(-1, ...[...array.keys()].filter((key) => typeof key === 'number')) + 1;

const itemOf = (of: unknown, at: unknown): unknown => {
  if (!(of instanceof Map) || at === undefined) throw new NotUnderstood('the item of what is no array');
  return of.get(keyOf(at));
};

/** PHP copies arrays when they are assigned. */
const copied = (value: unknown): unknown =>
  value instanceof Map
    ? new Map([...(value as PhpVars)].map(([key, item]) => [key, copied(item)]))
    : value;

/** Converts to the JSON of the cases: an array with keys 0, 1, … is a list, and so is an empty one. */
export function plainOf(value: unknown): unknown {
  if (!(value instanceof Map)) return value;
  const entries = [...(value as PhpVars)].map(([key, item]) => [key, plainOf(item)] as const);
  return entries.every(([key], i) => key === i) ? entries.map(([, item]) => item) : Object.fromEntries(entries);
}

/** Makes a PHP array of plain data. */
export function varsOf(data: unknown): unknown {
  if (typeof data !== 'object' || data === null) return data;
  const entries = Array.isArray(data) ? data.map((item, i) => [i, item] as const) : Object.entries(data);
  return new Map(entries.map(([key, item]) => [key, varsOf(item)]));
}
