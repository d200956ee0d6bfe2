import { kindOf } from '../errors/session-config.error.js';
import { SessionStateError } from '../errors/session-state.error.js';
import type { JsonObject, JsonValue } from './session-data.interface.js';

export const MAX_DEPTH = 32;

/** Returns a frozen copy of a value that JSON carries without changing it. Throws a SessionStateError that names the
 *  path of the first part that JSON would change or that is not safe to read back. */
export function toJsonValue(value: unknown, path: string): JsonValue {
  refusePrototype(path, value, path);
  return copy(value, path, 1);
}

/** Throws a SessionStateError for a top-level key that could not be read back. */
export function checkKey(key: unknown): asserts key is string {
  if (typeof key !== 'string' || !key) throw refuse('The key', `is ${kindOf(key)}; allowed is a text`);
  if (key === '__proto__') throw refuse('The key "__proto__"', 'is not allowed');
}

function copy(value: unknown, path: string, depth: number): JsonValue {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') return checkNumber(value, path);
  if (typeof value !== 'object')
    throw refuse(
      path,
      `is ${kindOf(value)}, which JSON drops; store a text, number, boolean, null, array or plain object`,
    );
  if (depth > MAX_DEPTH) throw refuse(path, `lies deeper than ${MAX_DEPTH} levels, or in a circle`);
  return Array.isArray(value) ? copyArray(value, path, depth) : copyObject(value, path, depth);
}

function refusePrototype(key: string, item: unknown, path: string): void {
  if (key === 'constructor' && hasOwn(item, 'prototype'))
    throw refuse(`${path}.prototype`, 'is not allowed as a key');
}

function checkNumber(value: number, path: string): number {
  if (!Number.isFinite(value)) throw refuse(path, 'is not a finite number, which JSON turns into null');
  if (Object.is(value, -0)) throw refuse(path, 'is -0, which JSON turns into 0');
  return value;
}

function copyArray(value: readonly unknown[], path: string, depth: number): JsonValue {
  const items = Array.from(value, (item, i) => {
    if (!(i in value)) throw refuse(`${path}[${i}]`, 'is a hole in an array, which JSON turns into null');
    return copy(item, `${path}[${i}]`, depth + 1);
  });
  if (Object.keys(value).length !== value.length || Object.getOwnPropertySymbols(value).length)
    throw refuse(path, 'is an array with named properties, which JSON drops');
  return Object.freeze(items);
}

function copyObject(value: object, path: string, depth: number): JsonValue {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null)
    throw refuse(path, `is a ${kindOf(value)}, which JSON changes; store a plain object or a text instead`);
  if (Object.getOwnPropertySymbols(value).length)
    throw refuse(path, 'has a symbol as a key, which JSON drops');
  const result: Record<string, JsonValue> = {};
  for (const [key, item] of Object.entries(value)) {
    const at = `${path}.${key}`;
    if (key === '__proto__') throw refuse(at, 'is not allowed as a key');
    refusePrototype(key, item, at);
    if (typeof item === 'function') throw refuse(at, 'is a function, which JSON drops');
    result[key] = copy(item, at, depth + 1);
  }
  return Object.freeze(result);
}

/** Freezes the value and all its parts, so that a change in place throws instead of being lost. */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const item of Object.values(value)) deepFreeze(item);
  return value;
}

/** Parses JSON that we wrote. Returns `undefined` for nesting deeper than 32 levels and for keys of prototypes. The
 *  depth is counted before JSON.parse sees the text, so that no text can exhaust the stack. */
export function parseJsonObject(text: string): JsonObject | undefined {
  if (hasMoreBrackets(text, MAX_DEPTH + 2) && depthOf(text) > MAX_DEPTH + 2) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  if (mayHavePrototypeKey(text) && hasPrototypeKey(value)) return undefined;
  return value as JsonObject;
}

/** A key can be spelled with escapes, so a text with any escape is searched in full. Three searches cost less than half of
 *  one regular expression. */
const mayHavePrototypeKey = (text: string): boolean =>
  text.includes('__proto__') || text.includes('prototype"') || text.includes('\\u');

function hasPrototypeKey(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(value).some(
    ([key, item]) =>
      key === '__proto__' || (key === 'constructor' && hasOwn(item, 'prototype')) || hasPrototypeKey(item),
  );
}

const hasOwn = (value: unknown, key: string) =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, key);

/** Reports whether a text has more opening brackets than `limit`, strings included. One that has not needs no
 *  {@link depthOf}, which costs five times as much. */
const hasMoreBrackets = (text: string, limit: number): boolean =>
  countUpTo(limit + 1, text, '{') + countUpTo(limit + 1, text, '[') > limit;

function countUpTo(limit: number, text: string, part: string): number {
  let count = 0;
  for (let at = text.indexOf(part); at >= 0 && count < limit; at = text.indexOf(part, at + 1)) count++;
  return count;
}

/** Returns the deepest nesting of brackets outside strings. It is linear in the length of the text. */
function depthOf(json: string): number {
  let depth = 0;
  let deepest = 0;
  for (let i = 0; i < json.length; i++) {
    const c = json.charCodeAt(i);
    if (c === QUOTE) i = endOfText(json, i);
    else if (c === OPEN_BRACE || c === OPEN_BRACKET) deepest = Math.max(deepest, ++depth);
    else if (c === CLOSE_BRACE || c === CLOSE_BRACKET) depth--;
  }
  return deepest;
}

const [QUOTE, BACKSLASH, OPEN_BRACE, CLOSE_BRACE, OPEN_BRACKET, CLOSE_BRACKET] = [34, 92, 123, 125, 91, 93];

/** Returns the index of the quote that ends the string which begins at `start`, or the length of the text. */
function endOfText(json: string, start: number): number {
  for (let at = json.indexOf('"', start + 1); at >= 0; at = json.indexOf('"', at + 1)) {
    let slashes = 0;
    while (json.charCodeAt(at - 1 - slashes) === BACKSLASH) slashes++;
    if (slashes % 2 === 0) return at;
  }
  return json.length;
}

const refuse = (path: string, why: string) => new SessionStateError('ERR_SESSION_VALUE', `${path} ${why}`);
