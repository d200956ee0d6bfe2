import { latin1Of, toPhpText, type PhpText } from './php-text.js';

/** A value of PHP, without loss. An int is a `bigint` of 64 bits and a float is a `number`, so that `1` and `1.0`, which
 *  are two values in PHP, are `1n` and `1` here; a string is text, or bytes where it is no UTF-8. */
export type PhpValue = PhpPlain | PhpReference;

/** A value that is not shared by reference. */
export type PhpPlain =
  null | boolean | bigint | number | PhpText | PhpArray | PhpObject | PhpEnum | PhpCustom;

/** Name of a variable, an element or a property: a `bigint` is an int key. */
export type PhpKey = bigint | PhpText;

/** A place that holds a value. */
export interface PhpEntry {
  readonly key: PhpKey;
  value: PhpValue;
}

/** Values by key in the order in which the keys came, each key as it is given: `"5"` and `5n` are two. */
export class PhpMap implements Iterable<readonly [PhpKey, PhpValue]> {
  /** By what tells keys apart. Never by a key alone: V8 gives ints and texts of digits hashes that a stranger can make
   *  collide. */
  readonly #entries = new Map<string, PhpEntry>();

  constructor(entries: Iterable<readonly [PhpKey, PhpValue]> = []) {
    for (const [key, value] of entries) this.set(key, value);
  }

  get size(): number {
    return this.#entries.size;
  }

  get(key: PhpKey): PhpValue | undefined {
    return this.#entries.get(idOf(this.keyFor(key)))?.value;
  }

  has(key: PhpKey): boolean {
    return this.#entries.has(idOf(this.keyFor(key)));
  }

  /** A new key goes to the end, another keeps its place. */
  set(key: PhpKey, value: PhpValue): this {
    this.entry(key).value = value;
    return this;
  }

  delete(key: PhpKey): boolean {
    return this.#entries.delete(idOf(this.keyFor(key)));
  }

  /** The place of a key, made with `null` when it is new. */
  entry(key: PhpKey): PhpEntry {
    const name = this.keyFor(key);
    const id = idOf(name);
    const there = this.#entries.get(id);
    if (there) return there;
    const entry: PhpEntry = { key: name, value: null };
    this.#entries.set(id, entry);
    return entry;
  }

  /** The places in their order. */
  entries(): IterableIterator<PhpEntry> {
    return this.#entries.values();
  }

  *[Symbol.iterator](): IterableIterator<readonly [PhpKey, PhpValue]> {
    for (const { key, value } of this.#entries.values()) yield [key, value];
  }

  /** The key under which `key` is kept: bytes that are text are that text. */
  protected keyFor(key: PhpKey): PhpKey {
    return typeof key === 'object' ? toPhpText(key) : key;
  }
}

/** An array of PHP. A key that is the text of a 64-bit int is that int, as in PHP: `"5"` is `5n`, and `"05"` is text. */
export class PhpArray extends PhpMap {
  static list(values: Iterable<PhpValue>): PhpArray {
    const array = new PhpArray();
    for (const value of values) array.set(BigInt(array.size), value);
    return array;
  }

  /** Whether the keys are 0, 1, 2 … in this order (`array_is_list`). */
  get isList(): boolean {
    let next = 0n;
    for (const { key } of this.entries()) if (key !== next++) return false;
    return true;
  }

  protected override keyFor(key: PhpKey): PhpKey {
    return arrayKey(super.keyFor(key));
  }
}

/** The key of an array that PHP makes of a key. */
export function arrayKey(key: PhpKey): PhpKey {
  if (typeof key !== 'string' || !WHOLE.test(key)) return key;
  const int = BigInt(key);
  return BigInt.asIntN(64, int) === int ? int : key;
}

const WHOLE = /^(?:0|-?[1-9][0-9]{0,18})$/;

const idOf = (key: PhpKey): string => (typeof key === 'bigint' ? `i${key}` : `"${latin1Of(key)}`);

/** An object as it was serialized: never made into an instance of anything, and no code of its class runs. */
export class PhpObject {
  constructor(
    readonly className: PhpText,
    /** By names as PHP mangles them: protected is `\0*\0name`, private `\0Class\0name`. */
    readonly properties: PhpMap = new PhpMap(),
  ) {}
}

/** A case of an enum. */
export class PhpEnum {
  /** `name`: the class, a colon and the case, such as `Suit:Hearts`. */
  constructor(readonly name: PhpText) {}
}

/** An object in a form of its class's own (`Serializable`). */
export class PhpCustom {
  constructor(
    readonly className: PhpText,
    readonly data: Uint8Array,
  ) {}
}

/** A value that several places share, so that PHP changes it in all of them at once: each place holds the same
 *  PhpReference. */
export class PhpReference {
  constructor(public value: PhpPlain) {}
}

/** The variables of a session by their names. From `php_serialize` it is a PhpArray. */
export type PhpSession = PhpMap;

/** The value itself, in place of a reference to it. */
export const plainOf = (value: PhpValue): PhpPlain => (value instanceof PhpReference ? value.value : value);
