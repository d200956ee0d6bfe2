import { SessionConfigError, type ConfigFault } from '../../errors/session-config.error.js';
import { SessionStateError } from '../../errors/session-state.error.js';
import { OptionReader } from '../../options/option-reader.js';
import { foldCase, urlDecode, urlEncode } from './url-encoding.js';

/** Maximum number of entries of one session. More would only serve to exhaust memory. */
export const MAX_SESSION_ENTRIES = 10_000;

/** One entry of a session text. Key and value are not empty and hold no zero byte. */
export interface SessionEntry {
  readonly key: Buffer;
  readonly value: Buffer;
}

/** The contents of a session text. */
export interface SessionText {
  /** The entries in their order. No two keys differ only in the case of ASCII letters. */
  readonly entries: readonly SessionEntry[];
  /** End of the session in microseconds since 1970, a signed 64-bit number. Absent if the session has no end. */
  readonly expiry?: bigint;
}

/** Options of {@link parseSessionText} and {@link mergeSessionText}. */
export interface SessionTextOptions {
  /** The rule that ends a value. With `2.4`, a value ends at the end of its pair: in `a=b=c`, a has the value `b=c`. With
   *  `trunk`, it ends at the second `=`, so a has the value `b`, and `=` signs before a value are skipped.
   *  @default '2.4' */
  readonly rules?: '2.4' | 'trunk';
}

const NONE: SessionText = { entries: [] };

/** Reads the entries and the expiry of a session text as httpd does. A malformed pair is ignored, never refused. A string
 *  counts as its UTF-8 bytes, and the text ends at the first zero byte.
 *
 *  - `&` separates pairs, and `=` ends a key. In a pair, `+` is a blank and `%XX` is a byte.
 *  - A malformed escape or `%00` makes its pair void.
 *  - A pair without a value removes its key. That key is compared as it is written, with its escapes.
 *  - Keys are compared without the case of ASCII letters. A key that exists already takes the new value and keeps its
 *    spelling and its place.
 *  - The key `expiry`, spelled exactly so, is no entry: it sets {@link SessionText.expiry}.
 *
 *  Throws a SessionStateError if there are more than {@link MAX_SESSION_ENTRIES} entries.
 *  See mod_session.c, session_identity_decode */
export function parseSessionText(text: Uint8Array | string, options?: SessionTextOptions): SessionText {
  return mergeSessionText(NONE, text, options);
}

/** Applies the pairs of a text to a session and returns the result, as httpd does with the response header that
 *  `SessionHeader` names. Reads the text as {@link parseSessionText} does, and throws the same error. */
export function mergeSessionText(
  session: SessionText,
  text: Uint8Array | string,
  options: SessionTextOptions = {},
): SessionText {
  const rules = rulesOf(options);
  const entries = new Map(session.entries.map((entry) => [foldCase(entry.key.toString('latin1')), entry]));
  let expiry = session.expiry ?? 0n;
  for (const [pair] of latin1Of(text).matchAll(/[^&]+/g)) {
    const [key, value] = rules === 'trunk' ? splitTrunk(pair) : split24(pair);
    if (key && !value) entries.delete(foldCase(key));
    const [plainKey, plainValue] = [urlDecode(key), urlDecode(value)];
    if (!plainKey || !plainValue) continue;
    if (plainKey === 'expiry') expiry = toInt64(plainValue);
    else put(entries, plainKey, plainValue);
  }
  const list = [...entries.values()];
  return expiry ? { entries: list, expiry } : { entries: list };
}

/** Returns the rules that the options choose. Throws a SessionConfigError for a wrong or unknown option. */
function rulesOf(options: SessionTextOptions): Rules {
  for (const name in options) if (name !== 'rules') refuseOptions(options);
  const { rules = '2.4' } = options;
  return RULES.includes(rules) ? rules : refuseOptions(options);
}

function refuseOptions(options: SessionTextOptions): never {
  const faults: ConfigFault[] = [];
  const reader = new OptionReader('', options, faults);
  reader.choice('rules', '2.4', RULES);
  reader.end();
  throw new SessionConfigError(faults);
}

type Rules = NonNullable<SessionTextOptions['rules']>;
const RULES: readonly Rules[] = ['2.4', 'trunk'];

/** Sets an entry. An existing key keeps its place and its spelling. */
function put(entries: Map<string, SessionEntry>, key: string, value: string): void {
  const name = foldCase(key);
  const existing = entries.get(name);
  if (!existing && entries.size >= MAX_SESSION_ENTRIES)
    throw new SessionStateError(
      'ERR_SESSION_TOO_LARGE',
      `The session text has more than ${MAX_SESSION_ENTRIES} entries`,
    );
  entries.set(name, {
    key: existing?.key ?? Buffer.from(key, 'latin1'),
    value: Buffer.from(value, 'latin1'),
  });
}

/** Returns the text up to its first zero byte, one character per byte. */
function latin1Of(text: Uint8Array | string): string {
  const bytes =
    typeof text === 'string' ? Buffer.from(text) : Buffer.from(text.buffer, text.byteOffset, text.length);
  const end = bytes.indexOf(0);
  return bytes.toString('latin1', 0, end < 0 ? bytes.length : end);
}

/** Splits a pair by the rules of 2.4: `=` signs before the key are skipped, and the value is all after the next `=`. */
function split24(pair: string): [key: string, value: string] {
  const start = skipEquals(pair, 0);
  const equals = pair.indexOf('=', start);
  return equals < 0 ? [pair.slice(start), ''] : [pair.slice(start, equals), pair.slice(equals + 1)];
}

/** Splits a pair by the rules of trunk: `=` signs before the value are skipped too, and another `=` ends the value. */
function splitTrunk(pair: string): [key: string, value: string] {
  const [key, rest] = split24(pair);
  const value = rest.slice(skipEquals(rest, 0));
  const equals = value.indexOf('=');
  return [key, equals < 0 ? value : value.slice(0, equals)];
}

function skipEquals(text: string, at: number): number {
  while (text[at] === '=') at++;
  return at;
}

/** Reads the number at the start of a text, after blanks and a sign. Returns 0 if there is none, and the nearest 64-bit
 *  number if it does not fit. Same as apr_atoi64, which is strtoll. */
function toInt64(text: string): bigint {
  const [, sign, digits] = /^[ \t-\r]*([+-]?)0*([0-9]*)/.exec(text)!;
  const [least, most] = [-(2n ** 63n), 2n ** 63n - 1n];
  if (digits!.length > 19) return sign === '-' ? least : most;
  const number = BigInt(`${sign === '-' ? '-' : ''}${digits || '0'}`);
  return number > most ? most : number < least ? least : number;
}

/** Returns the session text of these entries as httpd writes it: ASCII, `key=value` joined by `&`, `expiry` last. Without
 *  entries and expiry the text is empty. The characters `A-Z a-z 0-9 . - * _` stay, a blank becomes `+`, and any other
 *  byte becomes `%` and two lower-case digits. Strings count as their UTF-8 bytes. An `expiry` of 0 is not written.
 *
 *  Throws a SessionStateError for a text that could not be read back: an empty key or value, a zero byte, the key
 *  `expiry`, two keys that differ only in case, or an expiry that is no whole number.
 *
 *  One difference to httpd: a key `Expiry` beside an expiry stays an entry. httpd would write the expiry under that
 *  spelling and so lose it. See mod_session.c, session_identity_encode */
export function formatSessionText(
  entries: Iterable<{ readonly key: Uint8Array | string; readonly value: Uint8Array | string }>,
  expiry?: bigint | number,
): string {
  const pairs: string[] = [];
  const names = new Set<string>();
  for (const { key, value } of entries) {
    const bytes = bytesOf(key, 'key');
    const name = foldCase(bytes.toString('latin1'));
    if (names.has(name)) throw refusal('two keys that differ only in case, since httpd takes them for one');
    if (bytes.equals(EXPIRY)) throw refusal('the key "expiry", which means the end of the session');
    names.add(name);
    pairs.push(`${urlEncode(bytes)}=${urlEncode(bytesOf(value, 'value'))}`);
  }
  if (typeof expiry === 'number' && !Number.isSafeInteger(expiry))
    throw refusal('an expiry that is not a whole number');
  if (expiry) pairs.push(`expiry=${expiry}`);
  return pairs.join('&');
}

const EXPIRY = Buffer.from('expiry');

/** Returns the bytes of a key or value that a session text can hold; throws otherwise. */
function bytesOf(part: Uint8Array | string, what: string): Buffer {
  const bytes = Buffer.from(part as string);
  if (!bytes.length) throw refusal(`an empty ${what}`);
  if (bytes.includes(0)) throw refusal(`a zero byte in a ${what}`);
  return bytes;
}

const refusal = (what: string) =>
  new SessionStateError('ERR_SESSION_VALUE', `A session text cannot hold ${what}`);
