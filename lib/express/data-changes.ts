import type { JsonObject, JsonValue } from '../record/session-data.interface.js';

/** The property of `req.session` that is no value: its cookie. A session keeps what its cookie has of its own under this key, as
 *  express-session's stores do. */
export const COOKIE = 'cookie';

/** Returns the keys of the values of `req.session`. */
export const valueKeys = (view: object): string[] => Object.keys(view).filter((key) => key !== COOKIE);

/** Returns a copy of a stored value that code for express-session may change in place. */
export function mutableCopy(value: JsonValue): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(mutableCopy);
  const copy: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(value)) copy[key] = mutableCopy(item);
  return copy;
}

/** Returns the top-level keys whose values differ from what `before` has, in the order of the object. A value that JSON would
 *  change counts as different, so that whoever stores it can refuse it. */
export function changedKeys(before: JsonObject, now: object): string[] {
  const changed: string[] = [];
  for (const key of Object.keys(now)) {
    if (key === COOKIE) continue;
    const value: unknown = Reflect.get(now, key);
    const known = Object.hasOwn(before, key);
    if (value === undefined ? known : !known || !isSame(before[key]!, value)) changed.push(key);
  }
  for (const key of Object.keys(before)) if (key !== COOKIE && !Object.hasOwn(now, key)) changed.push(key);
  return changed;
}

/** Reports whether a value is a stored one, part by part. The depth is that of the stored value, which is limited. */
function isSame(stored: JsonValue, now: unknown): boolean {
  if (typeof stored !== 'object' || stored === null || typeof now !== 'object' || now === null)
    return Object.is(stored, now);
  if (Object.getOwnPropertySymbols(now).length) return false;
  return Array.isArray(stored) ? isSameArray(stored, now) : isSameObject(stored as JsonObject, now);
}

function isSameArray(stored: readonly JsonValue[], now: object): boolean {
  if (!Array.isArray(now) || now.length !== stored.length || Object.keys(now).length !== stored.length)
    return false;
  return stored.every((item, i) => isSame(item, now[i]));
}

function isSameObject(stored: JsonObject, now: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(now);
  if (prototype !== Object.prototype && prototype !== null) return false;
  const keys = Object.keys(now);
  if (keys.length !== Object.keys(stored).length) return false;
  return keys.every((key) => Object.hasOwn(stored, key) && isSame(stored[key]!, Reflect.get(now, key)));
}
