import type { JsonObject, JsonValue } from '../../record/session-data.interface.js';
import {
  plainOf,
  PhpArray,
  PhpMap,
  PhpObject,
  type PhpKey,
  type PhpPlain,
  type PhpValue,
} from './php-value.js';

/** The levels of arrays and objects that a handler sees: as many as the data of a session may have. */
const MAX_DEPTH = 32;

/** The number of values, plus characters of texts and keys, that a handler sees. Only values that are shared many times
 *  need more than the bytes that they were read from. */
const MAX_SHOWN = 1_048_576;

/** A value of PHP with the JSON that a handler sees for it. */
export interface View {
  readonly value: PhpValue;
  /** `undefined` if handlers do not see the value. */
  readonly json: JsonValue | undefined;
  /** The items, if the JSON is an array. */
  readonly items?: readonly View[];
  /** The members, if the JSON is an object. */
  readonly members?: readonly Member[];
}

/** A member of an array or object of PHP. */
export interface Member {
  readonly key: PhpKey;
  /** The key in the JSON. `undefined` if handlers do not see the member, whatever its value is. */
  readonly name: string | undefined;
  readonly view: View;
}

/** The variables of a session with the JSON that a handler sees for them. */
export interface SessionView {
  readonly json: JsonObject;
  readonly members: readonly Member[];
}

/** Returns the view of a value. Its rules lose nothing when the JSON is written back:
 *
 *  - null, bool and text stay the same. An int is a number, or a text of its digits beyond 2^53. A float is a number, and -0
 *    is 0. A reference is its value.
 *  - A list (keys 0, 1, 2 …) is an array, any other array is an object. A PHP object is an object of its public properties.
 *  - Handlers do not see: INF and NAN, bytes that are not UTF-8, enum cases, objects that their class serializes itself, the
 *    key `__proto__`, a `constructor` with a `prototype`, values deeper than 32 levels, every value of a circle, and values
 *    beyond 1 MiB because they are shared many times.
 *  - A member that handlers do not see is left out of its object. A list with such an item is hidden as a whole, because
 *    its other items would move. */
export function viewOf(value: PhpValue): View {
  return new Viewer().value(value);
}

/** Returns the view of a session. `size` raises the limit of 1 MiB to the number of bytes that the session was read from. */
export function viewSession(session: PhpMap, size: number): SessionView {
  return new Viewer(Math.max(size, MAX_SHOWN)).session(session);
}

/** Makes one view. Counts what it shows against one limit. */
class Viewer {
  #left: number;
  /** The containers around the current value, the outermost first. */
  readonly #path = new Set<object>();
  /** The containers that contain themselves. */
  readonly #circular = new Set<object>();

  constructor(shown = MAX_SHOWN) {
    this.#left = shown;
  }

  session(session: PhpMap): SessionView {
    this.#path.add(session);
    const members = this.#members(session);
    return { members, json: jsonOf(members) };
  }

  value(value: PhpValue, depth = 1): View {
    const plain = plainOf(value);
    if (--this.#left < 0) return { value, json: undefined };
    if (!isContainer(plain)) return { value, json: this.#scalar(plain) };
    if (depth > MAX_DEPTH || this.#isCircular(plain)) return { value, json: undefined };
    this.#path.add(plain);
    const view = this.#container(value, plain, depth);
    this.#path.delete(plain);
    return this.#circular.has(plain) ? { value, json: undefined } : view;
  }

  #scalar(value: Exclude<PhpPlain, Container>): JsonValue | undefined {
    if (typeof value === 'string') return this.#spend(value);
    if (value === null || typeof value === 'boolean') return value;
    if (typeof value === 'bigint') return jsonInt(value);
    return typeof value === 'number' && Number.isFinite(value) ? value || 0 : undefined;
  }

  /** Counts the characters of a text. Returns `undefined` if the limit is exceeded. */
  #spend(text: string): string | undefined {
    this.#left -= text.length;
    return this.#left < 0 ? undefined : text;
  }

  /** Reports whether a container is part of a circle. Marks every container of the circle, wherever it was entered. */
  #isCircular(value: Container): boolean {
    if (this.#path.has(value)) {
      const path = [...this.#path];
      for (const part of path.slice(path.indexOf(value))) this.#circular.add(part);
    }
    return this.#circular.has(value);
  }

  #container(value: PhpValue, plain: Container, depth: number): View {
    if (plain instanceof PhpArray && plain.isList) return this.#list(value, plain, depth);
    const members = this.#members(plain instanceof PhpObject ? plain.properties : plain, depth + 1);
    return { value, members, json: jsonOf(members) };
  }

  /** Returns the view of a list. One hidden item hides the whole list. */
  #list(value: PhpValue, list: PhpArray, depth: number): View {
    const items = Array.from(list.entries(), (entry) => this.value(entry.value, depth + 1));
    const json = items.map((item) => item.json).filter((item) => item !== undefined);
    return { value, items, json: json.length === items.length ? json : undefined };
  }

  /** Returns the views of all members. If two keys have the same name in JSON, such as `5` and `"5"`, only the first one is
   *  visible. */
  #members(map: PhpMap, depth = 1): Member[] {
    const taken = new Set<string>();
    return Array.from(map.entries(), ({ key, value }) => {
      const name = nameOf(key);
      const isNew = name !== undefined && !taken.has(name) && this.#spend(name) !== undefined;
      if (isNew) taken.add(name);
      const view = this.value(value, depth);
      return { key, name: isNew && !isPrototype(name, view.json) ? name : undefined, view };
    });
  }
}

/** The values that have members. */
type Container = PhpArray | PhpObject;

const isContainer = (value: PhpPlain): value is Container =>
  value instanceof PhpArray || value instanceof PhpObject;

/** Returns an int without loss: a number up to 2^53, and its digits beyond. */
const jsonInt = (int: bigint): JsonValue => {
  const number = Number(int);
  return Number.isSafeInteger(number) ? number : String(int);
};

/** Returns the name of a member in JSON. Names that begin with a zero byte are those of protected and private properties. */
function nameOf(key: PhpKey): string | undefined {
  if (typeof key === 'bigint') return String(key);
  return typeof key === 'string' && key !== '__proto__' && !key.startsWith('\0') ? key : undefined;
}

/** Reports whether a member would give an object a prototype when other code merges it (prototype pollution). */
const isPrototype = (name: string, json: JsonValue | undefined): boolean =>
  name === 'constructor' && typeof json === 'object' && json !== null && Object.hasOwn(json, 'prototype');

/** Returns the JSON object of the members. No name is `__proto__`, so that each becomes a plain property. */
function jsonOf(members: readonly Member[]): JsonObject {
  const json: Record<string, JsonValue> = {};
  for (const { name, view } of members)
    if (name !== undefined && view.json !== undefined) json[name] = view.json;
  return json;
}
