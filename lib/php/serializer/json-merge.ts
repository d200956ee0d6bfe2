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

/** Returns the JSON that a handler sees for a value of PHP. Returns `undefined` for a value that handlers do not see; it is
 *  kept all the same. {@link viewOf} has the rules. */
export const toJson = (value: PhpValue): JsonValue | undefined => viewOf(value).json;

/** Returns the JSON that a handler sees for a session. Variables that handlers do not see are left out. `size` is the
 *  number of bytes that the session was read from, or a larger one. */
export const sessionToJson = (session: PhpSession, size = 0): JsonObject => viewSession(session, size).json;

/** Returns the value of PHP for a handler's JSON. `before` is the value whose {@link toJson} the handler saw. Everything
 *  that the handler did not change stays exactly as it was:
 *
 *  - JSON that is equal to the JSON of the value before gives that value, the same object.
 *  - A text gives a string, a whole number an int, another number a float, an array a list, and an object an array with
 *    keys as PHP makes them. A whole number that replaces a float gives a float. Digits that replace an int beyond 2^53 give
 *    an int.
 *  - In a changed object or array, members that the handler did not see are kept, members that it saw and that are missing
 *    now are removed, and new members are added at the end. A PHP object keeps its class.
 *  - An item of a list that is equal to an item before gives that item, at whatever position it is now.
 *  - A changed part that several places shared, by reference or as one object, becomes a value of its own. The other places
 *    keep the old value.
 *
 *  Throws a SessionStateError for a new key or property whose name begins with a zero byte, as the names of private
 *  properties do. */
export function fromJson(value: JsonValue, before?: PhpValue): PhpValue {
  return merge(value, before === undefined ? undefined : viewOf(before));
}

/** Does the same as {@link fromJson} for the variables of a session. `size` must be the one of {@link sessionToJson}. */
export function sessionFromJson(data: JsonObject, before?: PhpSession, size = 0): PhpSession {
  const session = before instanceof PhpArray ? new PhpArray() : new PhpMap();
  return mergeMembers(session, data, before ? viewSession(before, size).members : []);
}

/** Returns the value before if its JSON is unchanged. */
function merge(value: JsonValue, before: View | undefined): PhpValue {
  if (before?.json === undefined) return mergeWith(value, undefined);
  return isSame(value, before.json) ? before.value : mergeWith(value, before);
}

/** Converts JSON that is new or that has changed. `before` is a value that the handler saw. */
function mergeWith(value: JsonValue, before: View | undefined): PhpValue {
  if (value === null || typeof value === 'boolean') return value;
  if (typeof value === 'string') return mergeText(value, before);
  if (typeof value === 'number') return mergeNumber(value, before);
  if (isList(value)) return PhpArray.list(mergeItems(value, before?.items ?? []));
  const plain = before && plainOf(before.value);
  if (!(plain instanceof PhpObject)) return mergeMembers(new PhpArray(), value, before?.members ?? []);
  return new PhpObject(plain.className, mergeMembers(new PhpMap(), value, before!.members!, settableName));
}

/** Returns an int if the text replaces an int beyond 2^53, which is text in JSON. */
function mergeText(text: string, before: View | undefined): PhpValue {
  const wasInt = typeof before?.json === 'string' && typeof plainOf(before.value) === 'bigint';
  return wasInt ? (arrayKey(text) as bigint | string) : text;
}

/** Returns a float if the number replaces a float, or if it is no whole number up to 2^53. */
function mergeNumber(value: number, before: View | undefined): PhpValue {
  const wasFloat = before !== undefined && typeof plainOf(before.value) === 'number';
  return wasFloat || !Number.isSafeInteger(value) || Object.is(value, -0) ? value : BigInt(value);
}

/** Pairs each item with an equal one before. An item without a pair counts as a change of the item at its position, if the
 *  list has kept its length. */
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

/** Groups views by their JSON. In each group the first one comes last, so that `pop` returns the items in their order. */
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

/** Adds the members of `value` to `into`: the known ones in their old order, then the new ones. `keyFor` makes the key of a
 *  new one. */
function mergeMembers<T extends PhpMap>(
  into: T,
  value: JsonObject,
  members: readonly Member[],
  keyFor: (name: string) => PhpKey = (name) => arrayKey(settableName(name)),
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

/** Returns the name if a handler may set it. */
function settableName(name: string): string {
  if (!name.startsWith('\0')) return name;
  throw new SessionStateError(
    'ERR_SESSION_VALUE',
    'The name of a key or property begins with a zero byte, as only names of private and protected properties of PHP may',
  );
}

const isList = (value: JsonValue): value is readonly JsonValue[] => Array.isArray(value);

/** Compares two JSON values without regard to the order of members. */
function isSame(a: JsonValue, b: JsonValue): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || !a || !b || isList(a) !== isList(b)) return false;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => isSameMember(a, b, key));
}

const isSameMember = (a: object, b: object, key: string): boolean =>
  Object.hasOwn(b, key) && isSame((a as JsonObject)[key]!, (b as JsonObject)[key]!);
