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

/** Levels of arrays and objects that are shown, as many as a session of ours may have. */
const MAX_DEPTH = 32;

/** Values, and characters of texts and keys, that are shown altogether. Only what is shared many times takes more than
 *  its bytes do. */
const MAX_SHOWN = 1_048_576;

/** A value, and what a handler sees of it. */
export interface View {
  readonly value: PhpValue;
  /** `undefined` for what is not shown. */
  readonly json: JsonValue | undefined;
  /** Of what shows as an array. */
  readonly items?: readonly View[];
  /** Of what shows as an object. */
  readonly members?: readonly Member[];
}

export interface Member {
  readonly key: PhpKey;
  /** Its key in JSON; `undefined` for what no key of JSON can stand for. */
  readonly name: string | undefined;
  readonly view: View;
}

export interface SessionView {
  readonly json: JsonObject;
  readonly members: readonly Member[];
}

/** What a handler sees of a value, by rules that lose nothing when it is written back:
 *
 *  - null, bool and text are themselves; an int is a number, or its digits as a text beyond 2^53; a float is a number,
 *    -0 is 0. A reference shows its value.
 *  - A list (keys 0, 1, 2 …) is an array, another array an object. An object shows its public properties.
 *  - Not shown are INF and NAN, bytes that are no UTF-8, enum cases, objects in a form of their own, the keys `__proto__`
 *    and `constructor` with a `prototype`, what lies deeper than 32 levels, all of a circle, and what goes beyond
 *    1 MiB because it is shared many times. A member that is not shown is left out of its object; a list of which an
 *    item is not shown is not shown either, as its other items would move. */
export function viewOf(value: PhpValue): View {
  return new Viewer().value(value);
}

/** The same for the variables of a session. `size`: bytes that they came in, at most, where that is more than 1 MiB. */
export function viewSession(session: PhpMap, size: number): SessionView {
  return new Viewer(Math.max(size, MAX_SHOWN)).session(session);
}

class Viewer {
  #left: number;
  /** What is being shown, the outermost first. */
  readonly #path = new Set<object>();
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
    if (depth > MAX_DEPTH || this.#closesCircle(plain)) return { value, json: undefined };
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

  #spend(text: string): string | undefined {
    this.#left -= text.length;
    return this.#left < 0 ? undefined : text;
  }

  /** Marks all of a circle, wherever it was entered. */
  #closesCircle(value: Container): boolean {
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

  #list(value: PhpValue, list: PhpArray, depth: number): View {
    const items = Array.from(list.entries(), (entry) => this.value(entry.value, depth + 1));
    const json = items.map((item) => item.json).filter((item) => item !== undefined);
    return { value, items, json: json.length === items.length ? json : undefined };
  }

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

type Container = PhpArray | PhpObject;

const isContainer = (value: PhpPlain): value is Container =>
  value instanceof PhpArray || value instanceof PhpObject;

const jsonInt = (int: bigint): JsonValue => {
  const number = Number(int);
  return Number.isSafeInteger(number) ? number : String(int);
};

/** Names with a zero byte in front are those of protected and private properties. */
function nameOf(key: PhpKey): string | undefined {
  if (typeof key === 'bigint') return String(key);
  return typeof key === 'string' && key !== '__proto__' && !key.startsWith('\0') ? key : undefined;
}

const isPrototype = (name: string, json: JsonValue | undefined): boolean =>
  name === 'constructor' && typeof json === 'object' && json !== null && Object.hasOwn(json, 'prototype');

/** None of the names is `__proto__`, so that each becomes a plain property. */
function jsonOf(members: readonly Member[]): JsonObject {
  const json: Record<string, JsonValue> = {};
  for (const { name, view } of members)
    if (name !== undefined && view.json !== undefined) json[name] = view.json;
  return json;
}
