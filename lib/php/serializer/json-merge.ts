import { SessionStateError } from '../../errors/session-state.error.js';
import type { JsonObject, JsonValue } from '../../record/session-data.interface.js';
import { viewOf, viewSession, type Member, type View } from './json-view.js';
import {
  arrayKey,
  PhpArray,
  PhpMap,
  PhpObject,
  plainOf,
  type PhpKey,
  type PhpSession,
  type PhpValue,
} from './php-value.js';

/** What a handler sees of a value, or `undefined` when it is kept and not shown; see {@link viewOf} for the rules. */
export const toJson = (value: PhpValue): JsonValue | undefined => viewOf(value).json;

/** What a handler sees of a session's variables; those that are not shown are left out. `size`: bytes that they came in,
 *  at most. */
export const sessionToJson = (session: PhpSession, size = 0): JsonObject => viewSession(session, size).json;

/** The value that a handler's JSON stands for. `before`: the value that was there and whose {@link toJson} the handler
 *  saw, so that whatever it did not change stays exactly as it was.
 *
 *  - What shows as it did before is the value before, the same object.
 *  - A text is a string; a whole number an int, or a float where a float was; another number a float; an array a list;
 *    an object an array with keys as PHP makes them. Digits in the place of an int beyond 2^53 are an int.
 *  - Of an object or array that is changed, members that were not shown are kept, members that were and are missing are
 *    gone, new ones go to the end. A PHP object stays an object of its class.
 *  - An item of a list that shows as one did before is that one, wherever it stands now.
 *  - A changed part that was shared, by reference or as the same object, becomes a value of its own: the other places keep
 *    what they show.
 *
 *  Throws a SessionStateError for a new key or property whose name begins with a zero byte, as those of private ones do. */
export function fromJson(value: JsonValue, before?: PhpValue): PhpValue {
  return merge(value, before === undefined ? undefined : viewOf(before));
}

/** The same for the variables of a session. `size` as it was for {@link sessionToJson}. */
export function sessionFromJson(data: JsonObject, before?: PhpSession, size = 0): PhpSession {
  const session = before instanceof PhpArray ? new PhpArray() : new PhpMap();
  return mergeMembers(session, data, before ? viewSession(before, size).members : []);
}

function merge(value: JsonValue, before: View | undefined): PhpValue {
  if (before?.json === undefined) return mergeWith(value, undefined);
  return isSame(value, before.json) ? before.value : mergeWith(value, before);
}

/** `before` was shown and was something else. */
function mergeWith(value: JsonValue, before: View | undefined): PhpValue {
  if (value === null || typeof value === 'boolean') return value;
  if (typeof value === 'string') return mergeText(value, before);
  if (typeof value === 'number') return mergeNumber(value, before);
  if (isList(value)) return PhpArray.list(mergeItems(value, before?.items ?? []));
  const plain = before && plainOf(before.value);
  if (!(plain instanceof PhpObject)) return mergeMembers(new PhpArray(), value, before?.members ?? []);
  return new PhpObject(plain.className, mergeMembers(new PhpMap(), value, before!.members!, shownName));
}

function mergeText(text: string, before: View | undefined): PhpValue {
  const wasInt = typeof before?.json === 'string' && typeof plainOf(before.value) === 'bigint';
  return wasInt ? (arrayKey(text) as bigint | string) : text;
}

function mergeNumber(value: number, before: View | undefined): PhpValue {
  const wasFloat = before !== undefined && typeof plainOf(before.value) === 'number';
  return wasFloat || !Number.isSafeInteger(value) || Object.is(value, -0) ? value : BigInt(value);
}

/** Items that show as one did before are found first; another is a changed one of its place when the length is the same. */
function mergeItems(values: readonly JsonValue[], before: readonly View[]): PhpValue[] {
  const unused = new Set(before);
  const byText = groupByText(before);
  const found = values.map((value) => {
    const same = byText.get(JSON.stringify(value))?.pop();
    if (same) unused.delete(same);
    return same;
  });
  return values.map((value, i) => {
    const view = found[i] ?? (values.length === before.length ? before[i] : undefined);
    return merge(value, view && (found[i] || unused.has(view)) ? view : undefined);
  });
}

/** The first of those that look alike comes last. */
function groupByText(views: readonly View[]): Map<string, View[]> {
  const groups = new Map<string, View[]>();
  for (const view of views.toReversed()) {
    const text = JSON.stringify(view.json);
    const group = groups.get(text);
    if (group) group.push(view);
    else groups.set(text, [view]);
  }
  return groups;
}

function mergeMembers<T extends PhpMap>(
  into: T,
  value: JsonObject,
  members: readonly Member[],
  keyFor: (name: string) => PhpKey = (name) => arrayKey(shownName(name)),
): T {
  const known = new Set<string>();
  for (const { key, name, view } of members) {
    if (name !== undefined) known.add(name);
    if (name !== undefined && Object.hasOwn(value, name)) into.set(key, merge(value[name]!, view));
    else if (name === undefined || view.json === undefined) into.set(key, view.value);
  }
  for (const [name, item] of Object.entries(value))
    if (!known.has(name)) into.set(keyFor(name), merge(item, undefined));
  return into;
}

/** What begins with a zero byte is shown nowhere. */
function shownName(name: string): string {
  if (!name.startsWith('\0')) return name;
  throw new SessionStateError('ERR_SESSION_VALUE', 'The name of a key or property begins with a zero byte');
}

const isList = (value: JsonValue): value is readonly JsonValue[] => Array.isArray(value);

/** Equal but for the order of members. */
function isSame(a: JsonValue, b: JsonValue): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || !a || !b || isList(a) !== isList(b)) return false;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => isSameMember(a, b, key));
}

const isSameMember = (a: object, b: object, key: string): boolean =>
  Object.hasOwn(b, key) && isSame((a as JsonObject)[key]!, (b as JsonObject)[key]!);
