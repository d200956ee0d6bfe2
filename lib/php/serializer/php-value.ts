import { latin1Of, toPhpText, type PhpText } from './php-text.js';

/** A value of PHP, without loss. An int is a `bigint` of 64 bits and a float is a `number`, because PHP's `1` and `1.0` are
 *  two values: `1n` and `1` here. A string is text, or bytes if it is not UTF-8. */
export type PhpValue = PhpPlain | PhpReference;

/** A value that is not shared by reference. */
export type PhpPlain =
  null | boolean | bigint | number | PhpText | PhpArray | PhpObject | PhpEnum | PhpCustom;

/** The name of a variable, an array element or a property. A `bigint` is an int key. */
export type PhpKey = bigint | PhpText;

/** A key with its value, which can be changed. */
export interface PhpEntry {
  readonly key: PhpKey;
  value: PhpValue;
}

/** Values by their keys, in the order in which the keys were added. Keys stay as they are given: `"5"` and `5n` are two. */
export class PhpMap implements Iterable<readonly [PhpKey, PhpValue]> {
  /** The entries by {@link idOf}, whose prefix protects against collisions: V8 gives ints and texts of digits hashes that an
   *  attacker can make collide. */
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

  /** Sets the value of a key. A new key is added at the end, a known key keeps its position. */
  set(key: PhpKey, value: PhpValue): this {
    this.entry(key).value = value;
    return this;
  }

  delete(key: PhpKey): boolean {
    return this.#entries.delete(idOf(this.keyFor(key)));
  }

  /** Returns the entry of a key. Adds it with the value `null` if the key is new. */
  entry(key: PhpKey): PhpEntry {
    const name = this.keyFor(key);
    const id = idOf(name);
    const known = this.#entries.get(id);
    if (known) return known;
    const entry: PhpEntry = { key: name, value: null };
    this.#entries.set(id, entry);
    return entry;
  }

  /** Returns the entries in their order. */
  entries(): IterableIterator<PhpEntry> {
    return this.#entries.values();
  }

  *[Symbol.iterator](): IterableIterator<readonly [PhpKey, PhpValue]> {
    for (const { key, value } of this.#entries.values()) yield [key, value];
  }

  /** Returns the key in the form in which it is kept: bytes that are valid UTF-8 become text. */
  protected keyFor(key: PhpKey): PhpKey {
    return typeof key === 'object' ? toPhpText(key) : key;
  }
}

/** An array of PHP. As in PHP, a key that is the decimal text of a 64-bit int becomes that int: `"5"` is `5n`, and `"05"` stays
 *  text. */
export class PhpArray extends PhpMap {
  /** Returns an array with the keys 0, 1, 2 … */
  static list(values: Iterable<PhpValue>): PhpArray {
    const array = new PhpArray();
    for (const value of values) array.set(BigInt(array.size), value);
    return array;
  }

  /** True if the keys are 0, 1, 2 … in this order (`array_is_list`). */
  get isList(): boolean {
    let next = 0n;
    for (const { key } of this.entries()) if (key !== next++) return false;
    return true;
  }

  protected override keyFor(key: PhpKey): PhpKey {
    return arrayKey(super.keyFor(key));
  }
}

/** Returns the key that PHP uses in an array for this key. */
export function arrayKey(key: PhpKey): PhpKey {
  if (typeof key !== 'string' || !WHOLE.test(key)) return key;
  const int = BigInt(key);
  return BigInt.asIntN(64, int) === int ? int : key;
}

const WHOLE = /^(?:0|-?[1-9][0-9]{0,18})$/;

/** Returns a text that is different for different keys. */
const idOf = (key: PhpKey): string => (typeof key === 'bigint' ? `i${key}` : `"${latin1Of(key)}`);

/** An object as data: its class name and properties. No class is instantiated, and no code of a class runs. */
export class PhpObject {
  constructor(
    readonly className: PhpText,
    /** The properties by the names that PHP mangles: a protected one is `\0*\0name`, a private one `\0Class\0name`. */
    readonly properties: PhpMap = new PhpMap(),
  ) {}
}

/** A case of an enum. */
export class PhpEnum {
  /** `name` is the enum, a colon and the case, such as `Suit:Hearts`. */
  constructor(readonly name: PhpText) {}
}

/** An object whose class serializes it itself (`Serializable`, `C:`). Its data is opaque bytes. */
export class PhpCustom {
  constructor(
    readonly className: PhpText,
    readonly data: Uint8Array,
  ) {}
}

/** A value that several entries share by reference (`&`), so that PHP changes it in all of them at once. Each of these
 *  entries holds the same PhpReference. */
export class PhpReference {
  constructor(public value: PhpPlain) {}
}

/** The variables of a session by their names. `php_serialize` gives a PhpArray. */
export type PhpSession = PhpMap;

/** Returns the value itself if this is a reference to it. */
export const plainOf = (value: PhpValue): PhpPlain => (value instanceof PhpReference ? value.value : value);
