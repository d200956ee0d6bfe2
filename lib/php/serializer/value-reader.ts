import { ByteCursor } from './byte-cursor.js';
import { isClassName, isEnumName } from './class-name.js';
import type { PhpLimits } from './php-limits.js';
import type { PhpText } from './php-text.js';
import {
  PhpArray,
  PhpCustom,
  PhpEnum,
  PhpObject,
  plainOf,
  PhpReference,
  type PhpEntry,
  type PhpKey,
  type PhpMap,
} from './php-value.js';
import { refuse } from './refusal.js';

/** An array or an object whose members are being read. */
interface Open {
  readonly map: PhpMap;
  /** The number of members that have not been read. */
  left: number;
}

/** Reads serialized values one after another. Accepts what PHP accepts and refuses what PHP refuses (var_unserializer.re).
 *  It does not recurse, allocates no memory by a count in the bytes, takes linear time, and instantiates no class.
 *
 *      N;                              null
 *      b:1;                            bool
 *      i:5;  d:1.5;                    int, float
 *      s:3:"abc";                      string of 3 bytes; S: may escape bytes
 *      a:2:{key value key value}       array of 2 members; a key is i:…; or s:…;
 *      O:1:"A":2:{key value …}         object of the class A with 2 properties
 *      C:1:"A":4:{data}                object of the class A, which has serialized itself to 4 bytes
 *      E:3:"A:B";                      the case B of the enum A
 *      R:1;                            reference to the value with the number 1
 *      r:1;                            the same object as the value with the number 1
 *
 *  PHP numbers all values but `R:` from 1 on, in the order in which they begin. */
export class ValueReader {
  /** For the names and delimiters between values. */
  readonly cursor: ByteCursor;
  /** The entries in the order in which their values began. `R:1;` refers to the first one. */
  readonly #slots: PhpEntry[] = [];
  /** The arrays and objects around the current value, the innermost last. They take the place of a call stack. */
  readonly #open: Open[] = [];
  #values = 0;
  /** The number of slots up to which the numbers are those of PHP. An object that its class serializes itself ends this. */
  #certain = Infinity;

  constructor(
    bytes: Buffer,
    private readonly limits: PhpLimits,
  ) {
    if (bytes.length > limits.size) refuse('too-large');
    this.cursor = new ByteCursor(bytes);
  }

  /** Reads the next value and returns its entry. A later reference can still change the value of the entry. */
  entry(key: PhpKey): PhpEntry {
    const entry: PhpEntry = { key, value: null };
    this.#read(entry);
    for (let open = this.#open.at(-1); open; open = this.#open.at(-1)) {
      if (open.left-- > 0) this.#readMember(open.map);
      else this.#close();
    }
    return entry;
  }

  /** Reads a key and its value. A key that comes twice keeps its entry, so that a reference to the old value sees the new one,
   *  as in PHP. */
  #readMember(map: PhpMap): void {
    const entry = map.entry(this.cursor.key());
    entry.value = null;
    this.#read(entry);
  }

  /** Begins to read the members of an array or object. */
  #enter(map: PhpMap, left: number): void {
    if (this.#open.length >= this.limits.depth) refuse('too-deep');
    this.#open.push({ map, left });
  }

  #close(): void {
    this.cursor.expect('}');
    this.#open.pop();
  }

  /** Reads a value, without the members of an array or object: {@link entry} reads those. */
  #read(entry: PhpEntry): void {
    if (++this.#values > this.limits.values) refuse('too-many-values');
    if (this.cursor.next === 'R') this.#reference(entry);
    else this.#readSlot(entry);
  }

  /** Reads a value that gets a number, which is any but `R:`. */
  #readSlot(entry: PhpEntry): void {
    const { cursor } = this;
    this.#slots.push(entry);
    switch (cursor.next) {
      case 'N':
        return cursor.expect('N;');
      case 'b':
        return void (entry.value = cursor.match(BOOLEAN)[1] === '1');
      case 'i':
        return void (entry.value = cursor.int());
      case 'd':
        return void (entry.value = cursor.float());
      case 's':
        return void (entry.value = cursor.text());
      case 'S':
        return void (entry.value = cursor.escapedText());
      case 'a':
        return this.#array(entry);
      case 'O':
        return this.#object(entry);
      case 'E':
        return this.#enum(entry);
      case 'C':
        return this.#custom(entry);
      case 'r':
        return this.#sameObject(entry);
      default:
        refuse('malformed');
    }
  }

  /** Reads the head of an array. An empty one ends at once, so that it needs no level. */
  #array(entry: PhpEntry): void {
    const count = this.cursor.number(ARRAY);
    const array = new PhpArray();
    entry.value = array;
    if (count) this.#enter(array, count);
    else this.cursor.expect('}');
  }

  /** Reads the head of an object. */
  #object(entry: PhpEntry): void {
    const object = new PhpObject(this.#className());
    entry.value = object;
    this.#enter(object.properties, this.#count());
  }

  /** Reads an object that its class has serialized itself. Its data may contain values that count for the numbers of
   *  references, and only the class knows how many. */
  #custom(entry: PhpEntry): void {
    entry.value = new PhpCustom(this.#className(), this.cursor.copy(this.#count()));
    this.cursor.expect('}');
    this.#certain = Math.min(this.#certain, this.#slots.length);
  }

  #className(): PhpText {
    const name = this.cursor.take(this.cursor.number(CLASS));
    return isClassName(name) ? name : refuse('malformed');
  }

  /** Reads a count. PHP accepts a sign here, and no digits at all for zero. */
  #count(): number {
    const [, sign, digits] = this.cursor.match(COUNT);
    const count = Number(digits);
    return sign === '-' && count ? refuse('malformed') : count;
  }

  #enum(entry: PhpEntry): void {
    const name = this.cursor.take(this.cursor.number(ENUM));
    if (!isEnumName(name)) refuse('malformed');
    this.cursor.expect('";');
    entry.value = new PhpEnum(name);
  }

  /** Reads `R:`: from now on this entry and the other one share their value. `R:` gets no number. */
  #reference(entry: PhpEntry): void {
    const target = this.#slot();
    if (target === entry) refuse('malformed');
    if (!(target.value instanceof PhpReference)) target.value = new PhpReference(target.value);
    entry.value = target.value;
  }

  /** Reads `r:`: the same object as in the other entry. `r:` gets a number of its own. */
  #sameObject(entry: PhpEntry): void {
    const object = plainOf(this.#slot().value);
    if (!(object instanceof PhpObject || object instanceof PhpEnum || object instanceof PhpCustom))
      refuse('malformed');
    entry.value = object;
  }

  /** Returns the entry that `R:` or `r:` refers to. */
  #slot(): PhpEntry {
    const slot = this.cursor.number(SLOT);
    if (slot > this.#certain && slot <= this.#slots.length) refuse('uncertain-reference');
    return this.#slots[slot - 1] ?? refuse('malformed');
  }
}

const BOOLEAN = /b:([01]);/y;
const ARRAY = /a:([0-9]+):\{/y;
const CLASS = /[OC]:([0-9]+):"/y;
const COUNT = /":([+-]?)([0-9]*):\{/y;
const ENUM = /E:([0-9]+):"/y;
const SLOT = /[Rr]:([0-9]+);/y;
