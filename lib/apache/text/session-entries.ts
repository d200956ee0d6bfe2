import { isUtf8 } from 'node:buffer';
import { SessionStateError } from '../../errors/session-state.error.js';
import { parseJsonObject } from '../../record/json-value.js';
import type { JsonObject, JsonValue } from '../../record/session-data.interface.js';
import type { OpenedLogin } from '../auth/form-auth.js';
import { OWN_KEY } from './own-entry.js';
import type { SessionEntry, SessionText } from './session-text.js';

/** An entry as it came, and what a handler sees of it. */
interface KeptEntry extends SessionEntry {
  /** Its key as text; absent for what is kept and not shown. */
  readonly name: string | undefined;
  readonly shown: JsonValue | undefined;
}

/** What a session text carries besides what a handler sees: places, spellings, bytes that are no text. */
export interface KeptText {
  readonly entries: readonly KeptEntry[];
  readonly expiry: bigint | undefined;
}

/** The same of a session that was sealed. */
export interface KeptSession extends KeptText {
  /** Microseconds since 1970: the end that somebody else has set, and that we do not put off. */
  readonly limit?: bigint | undefined;
  readonly login?: OpenedLogin;
}

/** A session's data, and the text that it came in. */
export interface ShownText {
  readonly data: JsonObject;
  readonly kept: KeptText;
}

/** What a handler sees of a session text. `json`: keys whose text is JSON. */
export function showText({ entries, expiry }: SessionText, json: ReadonlySet<string>): ShownText {
  const data: Record<string, JsonValue> = {};
  const kept = entries.filter((entry) => !isOwn(entry)).map((entry) => keep(entry, json));
  for (const { name, shown } of kept) if (name !== undefined) data[name] = shown!;
  return { data, kept: { entries: kept, expiry } };
}

/** Our own entry in a session text. */
export const ownEntryOf = ({ entries }: SessionText): SessionEntry | undefined => entries.find(isOwn);

const isOwn = ({ key }: SessionEntry): boolean =>
  key.length === OWN_KEY.length && key.toString('latin1').toLowerCase() === OWN_KEY;

function keep({ key, value }: SessionEntry, json: ReadonlySet<string>): KeptEntry {
  const name = isUtf8(key) ? key.toString() : undefined;
  if (name === undefined || name === '__proto__' || !isUtf8(value))
    return { key, value, name: undefined, shown: undefined };
  return { key, value, name, shown: json.has(name) ? jsonOr(value.toString()) : value.toString() };
}

/** The value of a JSON text; the text itself where somebody has put in other text since. */
function jsonOr(text: string): JsonValue {
  const members = parseJsonObject(`{"v":${text}}`);
  return members && isJson(text) ? members['v']! : text;
}

/** Whether it is a value by itself, not `1,"v":2`. Its depth has been counted. */
function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** The entries of a session's data: what nobody has changed as it came, byte by byte and in its place. */
export function entriesOf(data: JsonObject, kept: KeptText | undefined): SessionEntry[] {
  const entries: SessionEntry[] = [];
  const placed = new Set<string>();
  for (const { key, value, name, shown } of kept?.entries ?? []) {
    if (name !== undefined) placed.add(name);
    if (name === undefined) entries.push({ key, value });
    else if (Object.hasOwn(data, name))
      entries.push({ key, value: isSame(data[name]!, shown) ? value : bytesOf(data[name]!) });
  }
  for (const [name, value] of Object.entries(data))
    if (!placed.has(name)) entries.push({ key: Buffer.from(name), value: bytesOf(value) });
  return entries;
}

const isSame = (a: JsonValue, b: JsonValue | undefined): boolean =>
  a === b || (typeof a === 'object' && JSON.stringify(a) === JSON.stringify(b));

/** Keys of the values that httpd has no form for, so that they are carried as JSON. */
export const jsonKeysOf = (data: JsonObject): string[] =>
  Object.entries(data).flatMap(([key, value]) => (isPlain(value) ? [] : [key]));

/** Text that httpd carries as it is: not empty, without a zero byte, and well-formed, so that its UTF-8 reads back. */
const isPlain = (value: JsonValue): value is string =>
  typeof value === 'string' && value !== '' && !value.includes('\0') && isWellFormed(value);

const isWellFormed = (text: string): boolean => !/\p{Surrogate}/u.test(text);

const bytesOf = (value: JsonValue): Buffer => Buffer.from(isPlain(value) ? value : JSON.stringify(value));

/** Throws a SessionStateError that names a key which httpd could not carry, or would take for another. */
export function checkKeys(data: JsonObject, kept: KeptText | undefined): void {
  const hidden = (kept?.entries ?? []).filter(({ name }) => name === undefined);
  const seen = new Map(hidden.map(({ key }) => [foldKey(key.toString('latin1')), 'one that is no text']));
  for (const key of Object.keys(data)) {
    if (isTaken(key, kept)) throw refuse(key, 'is used by the format itself');
    if (key.includes('\0') || !isWellFormed(key)) throw refuse(key, 'holds a zero byte or half a character');
    const folded = foldKey(Buffer.from(key).toString('latin1'));
    const other = seen.get(folded);
    if (other !== undefined)
      throw refuse(key, `is the same key as ${JSON.stringify(other)} to httpd, which leaves case aside`);
    seen.set(folded, key);
  }
}

/** `Expiry` too: httpd would write the end of the session under that spelling and not find it again. What came from
 *  httpd stays. */
function isTaken(key: string, kept: KeptText | undefined): boolean {
  const folded = foldKey(key);
  if (folded !== 'expiry') return folded === OWN_KEY;
  return key === folded || !kept?.entries.some(({ name }) => name === key);
}

const foldKey = (key: string): string => key.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());

const refuse = (key: string, why: string): SessionStateError =>
  new SessionStateError('ERR_SESSION_VALUE', `The key ${JSON.stringify(key)} ${why}; choose another`);
