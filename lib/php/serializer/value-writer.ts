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

/** Writes values one after another as PHP's serialize() does, byte for byte. An object that comes again is written as `r:`,
 *  a reference that comes again as `R:`. It does not recurse. Throws a SessionStateError for a value that PHP has no notation
 *  for or could not read again, and for a session beyond the limits. */
export class ValueWriter {
  /** The output with one character per byte. */
  #out = '';
  /** The number of values so far. */
  #count = 0;
  /** The numbers of the objects and references so far, to which `r:` and `R:` refer. */
  readonly #slots = new Map<unknown, number>();
  /** The numbers up to here are those of PHP. An object that its class serializes itself ends this. */
  #certain = Infinity;
  /** The members of the open arrays and objects, the innermost last. */
  readonly #open: Iterator<PhpEntry>[] = [];

  constructor(private readonly limits: PhpLimits) {}

  /** The bytes that were written. */
  get bytes(): Buffer {
    return Buffer.from(this.#out, 'latin1');
  }

  /** Writes text between values, with one character per byte. */
  put(text: string): void {
    this.#out += text;
  }

  /** Writes one value with all its members. */
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
    this.#checkLimits();
    if (!this.#writeKnown(value, plain)) this.#plain(plain);
  }

  /** Throws a SessionStateError beyond the limits. Is called for each value, because arrays that contain one another many
   *  times would fill the memory before the end. */
  #checkLimits(): void {
    const { size, values } = this.limits;
    if (this.#out.length > size || this.#count > values)
      throw new SessionStateError(
        'ERR_SESSION_TOO_LARGE',
        `The session has more than ${size} bytes or more than ${values} values`,
      );
  }

  /** Writes an object or a reference by its number if it was written before (php_add_var_hash, var.c). Returns `false` if it
   *  was not. */
  #writeKnown(value: PhpValue, plain: PhpPlain): boolean {
    const isShared = value instanceof PhpReference;
    const identity = identityOf(plain) ?? (isShared ? value : undefined);
    if (identity === undefined) return false;
    const slot = this.#slots.get(identity);
    if (slot === undefined) this.#slots.set(identity, this.#count);
    else this.#writeNumber(slot, isShared);
    return slot !== undefined;
  }

  /** Writes `R:` or `r:`. `R:` gets no number of its own. */
  #writeNumber(slot: number, isShared: boolean): void {
    if (slot > this.#certain)
      throw refuse(
        'a reference to a value after an object that its class serializes itself, because only that class knows the number of the value',
      );
    if (isShared) this.#count--;
    this.put(`${isShared ? 'R' : 'r'}:${slot};`);
  }

  /** Writes a value that was not written before. */
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

  /** Writes an array, an object, or bytes. */
  #compound(value: PhpPlain & object): void {
    if (value instanceof PhpArray) this.#enter(value, 'a');
    else if (value instanceof PhpObject) this.#enter(value.properties, `O:${className(value.className)}`);
    else if (value instanceof Uint8Array) this.#text(value);
    else if (value instanceof PhpEnum) this.#enum(value);
    else if (value instanceof PhpCustom) this.#custom(value);
    else throw refuse(kindOf(value));
  }

  /** Begins to write the members of an array or object. Circles of arrays end at the limit of the depth. */
  #enter(map: PhpMap, head: string): void {
    if (this.#open.length >= this.limits.depth)
      throw refuse(`arrays and objects deeper than ${this.limits.depth} levels, or in a circle`);
    this.put(`${head}:${map.size}:{`);
    this.#open.push(map.entries());
  }

  #enum({ name }: PhpEnum): void {
    if (!isEnumName(name)) throw refuse('an enum case whose name is not Enum:Case');
    this.put(`E:${quoted(name)};`);
  }

  /** Writes an object that its class has serialized itself. From here on the numbers of values are unknown; see
   *  {@link ValueReader}. */
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

/** Returns a value that is the same for the same object. A case of an enum is one object, however often it comes. */
function identityOf(value: PhpPlain): unknown {
  if (value instanceof PhpEnum) return latin1Of(value.name);
  return value instanceof PhpObject || value instanceof PhpCustom ? value : undefined;
}

function className(name: PhpText): string {
  if (!isClassName(name)) throw refuse('an object whose class has a name that PHP does not allow');
  return quoted(name);
}

/** Returns `length:"bytes"`, the notation of strings and class names. */
function quoted(text: PhpText): string {
  const latin1 = latin1Of(text);
  return `${latin1.length}:"${latin1}"`;
}

const refuse = (what: string): SessionStateError =>
  new SessionStateError('ERR_SESSION_VALUE', `A PHP session cannot hold ${what}`);
