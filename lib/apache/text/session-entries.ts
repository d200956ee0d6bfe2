import { isUtf8 } from 'node:buffer';
import { SessionStateError } from '../../errors/session-state.error.js';
import { parseJsonObject } from '../../record/json-value.js';
import type { JsonObject, JsonValue } from '../../record/session-data.interface.js';
import type { OpenedLogin } from '../auth/form-auth.js';
import { NATIVE_KEY } from './native-entry.js';
import type { SessionEntry, SessionText } from './session-text.js';
import { foldCase } from './url-encoding.js';

// The way between the entries of a session text and the data that a handler sees. An entry that no handler changes goes
// back byte for byte and in its place, so the original entries travel with the record (`SessionRecord.foreign`).

/** An entry as the text carried it, with the value that a handler sees. */
interface OriginalEntry extends SessionEntry {
  /** The key as text. Absent if the handler does not see the entry, because its bytes are not text. */
  readonly name: string | undefined;
  /** The value as the handler sees it: text, or the value of a JSON text. */
  readonly decoded: JsonValue | undefined;
}

/** The session text that a session's data came from, with its order, its spellings and its entries that are not text. */
export interface OriginalText {
  readonly entries: readonly OriginalEntry[];
  readonly expiry: bigint | undefined;
}

/** `SessionRecord.foreign` of a session in the Apache format. */
export interface OriginalSession extends OriginalText {
  /** An end that httpd or a backend has set and that this side does not extend, in microseconds since 1970. */
  readonly fixedExpiry?: bigint | undefined;
  /** The login at the time of opening. */
  readonly login?: OpenedLogin;
}

/** A session's data and the session text that it came from. */
export interface SessionTextData {
  readonly data: JsonObject;
  readonly original: OriginalText;
}

/** Turns a session text into the data that a handler sees. `json` lists the keys whose text is JSON. The data leaves out the
 *  native entry, entries that are not UTF-8, and the key `__proto__`. */
export function readData({ entries, expiry }: SessionText, json: ReadonlySet<string>): SessionTextData {
  const data: Record<string, JsonValue> = {};
  const originals = entries.filter((entry) => !isNative(entry)).map((entry) => decode(entry, json));
  for (const { name, decoded } of originals) if (name !== undefined) data[name] = decoded!;
  return { data, original: { entries: originals, expiry } };
}

/** Returns the native entry of a session text, not yet verified. */
export const findNativeEntry = ({ entries }: SessionText): SessionEntry | undefined => entries.find(isNative);

const isNative = ({ key }: SessionEntry): boolean =>
  key.length === NATIVE_KEY.length && foldCase(key.toString('latin1')) === NATIVE_KEY;

/** Returns an entry with its decoded value, or without a name if its bytes are not UTF-8. */
function decode({ key, value }: SessionEntry, json: ReadonlySet<string>): OriginalEntry {
  const name = isUtf8(key) ? key.toString() : undefined;
  if (name === undefined || name === '__proto__' || !isUtf8(value))
    return { key, value, name: undefined, decoded: undefined };
  return { key, value, name, decoded: json.has(name) ? jsonOr(value.toString()) : value.toString() };
}

/** Returns the value of a JSON text. Returns the text itself if it is not JSON, since a backend may have replaced it. */
function jsonOr(text: string): JsonValue {
  const members = parseJsonObject(`{"v":${text}}`);
  return members && isJson(text) ? members['v']! : text;
}

/** True if the text is one JSON value, unlike `1,"v":2`. `parseJsonObject` has limited its depth already. */
function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** Turns a session's data back into entries: unchanged entries byte for byte in their places, new ones at the end. */
export function entriesOf(data: JsonObject, original: OriginalText | undefined): SessionEntry[] {
  const entries: SessionEntry[] = [];
  const placed = new Set<string>();
  for (const { key, value, name, decoded } of original?.entries ?? []) {
    if (name !== undefined) placed.add(name);
    if (name === undefined) entries.push({ key, value });
    else if (Object.hasOwn(data, name))
      entries.push({ key, value: isSame(data[name]!, decoded) ? value : bytesOf(data[name]!) });
  }
  for (const [name, value] of Object.entries(data))
    if (!placed.has(name)) entries.push({ key: Buffer.from(name), value: bytesOf(value) });
  return entries;
}

/** True if a handler has left the value unchanged. */
const isSame = (a: JsonValue, b: JsonValue | undefined): boolean =>
  a === b || (typeof a === 'object' && JSON.stringify(a) === JSON.stringify(b));

/** Returns the keys whose values an entry cannot hold as text, so that they are written as JSON. */
export const jsonKeysOf = (data: JsonObject): string[] =>
  Object.entries(data).flatMap(([key, value]) => (isPlain(value) ? [] : [key]));

/** True for a text that an entry holds as it is: not empty, no zero byte, and well-formed UTF-16, so that its UTF-8 bytes
 *  can be read back. */
const isPlain = (value: JsonValue): value is string =>
  typeof value === 'string' && value !== '' && !value.includes('\0') && isWellFormed(value);

const isWellFormed = (text: string): boolean => !/\p{Surrogate}/u.test(text);

const bytesOf = (value: JsonValue): Buffer => Buffer.from(isPlain(value) ? value : JSON.stringify(value));

/** Throws a SessionStateError that names the first key which httpd cannot carry or would mistake for another key. */
export function checkKeys(data: JsonObject, original: OriginalText | undefined): void {
  const hidden = (original?.entries ?? []).filter(({ name }) => name === undefined);
  const seen = new Map(
    hidden.map(({ key }) => [foldCase(key.toString('latin1')), 'a key whose entry is not text']),
  );
  for (const key of Object.keys(data)) {
    if (isReserved(key, original)) throw keyError(key, 'is reserved by the Apache format');
    if (key.includes('\0') || !isWellFormed(key))
      throw keyError(key, 'holds a zero byte or an unpaired surrogate');
    const folded = foldCase(Buffer.from(key).toString('latin1'));
    const other = seen.get(folded);
    if (other !== undefined) throw keyError(key, `is the same key to httpd as ${other}`);
    seen.set(folded, JSON.stringify(key));
  }
}

/** True for the native key and for `expiry` in any case: httpd would write the end of the session under another spelling
 *  such as `Expiry`, and not find it again. A key `Expiry` that came from httpd is allowed to stay. */
function isReserved(key: string, original: OriginalText | undefined): boolean {
  const folded = foldCase(key);
  if (folded !== 'expiry') return folded === NATIVE_KEY;
  return key === folded || !original?.entries.some(({ name }) => name === key);
}

const keyError = (key: string, why: string): SessionStateError =>
  new SessionStateError('ERR_SESSION_VALUE', `The key ${JSON.stringify(key)} ${why}; choose another key`);
