import { kindOf } from '../../errors/session-config.error.js';
import { SessionStateError } from '../../errors/session-state.error.js';
import { isClassName, isEnumName } from './class-name.js';
import { floatText } from './float-text.js';
import type { PhpLimits } from './php-limits.js';
import { latin1Of, type PhpText } from './php-text.js';
import {
  plainOf,
  PhpArray,
  PhpCustom,
  PhpEnum,
  PhpObject,
  PhpReference,
  type PhpEntry,
  type PhpKey,
  type PhpMap,
  type PhpPlain,
  type PhpValue,
} from './php-value.js';

/** Writes values one after another as PHP's serialize() does, byte for byte. An object that comes again is `r:`, a
 *  reference that comes again `R:`. Nothing recurses. Throws a SessionStateError for what PHP has no form for or could
 *  not read back, and for what goes beyond the limits. */
export class ValueWriter {
  /** One character a byte. */
  #out = '';
  #count = 0;
  /** Numbers of the objects and references so far. */
  readonly #slots = new Map<unknown, number>();
  #certain = Infinity;
  readonly #open: Iterator<PhpEntry>[] = [];

  constructor(private readonly limits: PhpLimits) {}

  /** What was written. */
  get bytes(): Buffer {
    return Buffer.from(this.#out, 'latin1');
  }

  put(text: string): void {
    this.#out += text;
  }

  value(value: PhpValue): void {
    this.#write(value);
    for (let open = this.#open.at(-1); open; open = this.#open.at(-1)) {
      const { done, value: entry } = open.next();
      if (done) this.#close();
      else this.#writeMember(entry);
    }
  }

  #close(): void {
    this.#open.pop();
    this.put('}');
  }

  #writeMember({ key, value }: PhpEntry): void {
    this.#key(key);
    this.#write(value);
  }

  #key(key: PhpKey): void {
    if (typeof key === 'bigint') this.#int(key);
    else this.#text(key);
  }

  #write(value: PhpValue): void {
    const plain = plainOf(value);
    this.#count++;
    this.#check();
    if (!this.#again(value, plain)) this.#plain(plain);
  }

  #check(): void {
    const { size, values } = this.limits;
    if (this.#out.length > size || this.#count > values)
      throw new SessionStateError(
        'ERR_SESSION_TOO_LARGE',
        `The session takes more than ${size} bytes or ${values} values`,
      );
  }

  /** Whether an object or reference was written before, and now by its number (var.c, php_add_var_hash). */
  #again(value: PhpValue, plain: PhpPlain): boolean {
    const isShared = value instanceof PhpReference;
    const identity = identityOf(plain) ?? (isShared ? value : undefined);
    if (identity === undefined) return false;
    const slot = this.#slots.get(identity);
    if (slot === undefined) this.#slots.set(identity, this.#count);
    else this.#back(slot, isShared);
    return slot !== undefined;
  }

  #back(slot: number, isShared: boolean): void {
    if (slot > this.#certain)
      throw refuse(
        'a reference to what follows an object in a form of its own, which only its class could number',
      );
    if (isShared) this.#count--;
    this.put(`${isShared ? 'R' : 'r'}:${slot};`);
  }

  #plain(value: PhpPlain): void {
    if (value === null) return this.put('N;');
    switch (typeof value) {
      case 'string':
        return this.#text(value);
      case 'bigint':
        return this.#int(value);
      case 'number':
        return this.put(`d:${floatText(value)};`);
      case 'boolean':
        return this.put(value ? 'b:1;' : 'b:0;');
      case 'object':
        return this.#compound(value);
      default:
        throw refuse(kindOf(value));
    }
  }

  #compound(value: PhpPlain & object): void {
    if (value instanceof PhpArray) this.#enter(value, 'a');
    else if (value instanceof PhpObject) this.#enter(value.properties, `O:${className(value.className)}`);
    else if (value instanceof Uint8Array) this.#text(value);
    else if (value instanceof PhpEnum) this.#enum(value);
    else if (value instanceof PhpCustom) this.#custom(value);
    else throw refuse(kindOf(value));
  }

  #enter(map: PhpMap, head: string): void {
    if (this.#open.length >= this.limits.depth)
      throw refuse(`arrays and objects that lie deeper than ${this.limits.depth} levels, or in a circle`);
    this.put(`${head}:${map.size}:{`);
    this.#open.push(map.entries());
  }

  #enum({ name }: PhpEnum): void {
    if (!isEnumName(name)) throw refuse('an enum case that is not named Class:Case');
    this.put(`E:${quoted(name)};`);
  }

  #custom({ className: name, data }: PhpCustom): void {
    this.put(`C:${className(name)}:${data.length}:{${latin1Of(data)}}`);
    this.#certain = Math.min(this.#certain, this.#count);
  }

  #text(text: PhpText): void {
    this.put(`s:${quoted(text)};`);
  }

  #int(int: bigint): void {
    if (BigInt.asIntN(64, int) !== int) throw refuse('an int of more than 64 bits');
    this.put(`i:${int};`);
  }
}

/** What makes an object the same one. A case of an enum is one object wherever it stands. */
function identityOf(value: PhpPlain): unknown {
  if (value instanceof PhpEnum) return latin1Of(value.name);
  return value instanceof PhpObject || value instanceof PhpCustom ? value : undefined;
}

function className(name: PhpText): string {
  if (!isClassName(name)) throw refuse('a class of a name that PHP could not have');
  return quoted(name);
}

function quoted(text: PhpText): string {
  const latin1 = latin1Of(text);
  return `${latin1.length}:"${latin1}"`;
}

const refuse = (what: string): SessionStateError =>
  new SessionStateError('ERR_SESSION_VALUE', `A session of PHP cannot hold ${what}`);
