import { SessionStateError } from '../../errors/session-state.error.js';
import { escape, foldCase, unescape } from './session-escapes.js';

/** Entries of a session, at most: more is no session but an attempt on our memory. */
export const MAX_SESSION_ENTRIES = 10_000;

/** Key and value are bytes without a zero, neither of them empty. */
export interface SessionEntry {
  readonly key: Buffer;
  readonly value: Buffer;
}

/** What a session text says. */
export interface SessionText {
  /** In their order. No two keys are equal when the case of ASCII letters is left aside. */
  readonly entries: readonly SessionEntry[];
  /** End of the session in microseconds since 1970, in 64 bits and possibly negative; absent for none. */
  readonly expiry?: bigint;
}

export interface SessionTextOptions {
  /** Where a value ends: `2.4`, at the end of its pair, so that `a=b=c` gives a the value `b=c`; `trunk`, at the second
   *  `=`, so that it is `b`, and `=` signs before a value are skipped.
   *  @default '2.4' */
  readonly rules?: '2.4' | 'trunk';
}

const NONE: SessionText = { entries: [] };

/** Entries and expiry of a session text, read as httpd reads it: nothing is refused, a pair that is wrong is passed over.
 *  A string counts as its UTF-8 bytes, and a zero byte ends the text.
 *
 *  Pairs stand between `&`, keys before `=`. A pair without a value removes its key, compared as it is written, with
 *  its escapes. `+` is a blank and `%XX` a byte; a bad escape or `%00` voids the pair. Keys compare without the case of
 *  ASCII letters; one that is there already takes the new value and keeps its spelling and place. Exactly `expiry` is
 *  no entry but the {@link SessionText.expiry}.
 *
 *  Throws a SessionStateError when there are more than {@link MAX_SESSION_ENTRIES}.
 *  See mod_session.c, session_identity_decode */
export function parseSessionText(text: Uint8Array | string, options?: SessionTextOptions): SessionText {
  return mergeSessionText(NONE, text, options);
}

/** The session after the pairs of a text have been applied to it, as httpd does with the header of `SessionHeader`. */
export function mergeSessionText(
  session: SessionText,
  text: Uint8Array | string,
  { rules = '2.4' }: SessionTextOptions = {},
): SessionText {
  const entries = new Map(session.entries.map((entry) => [foldCase(entry.key.toString('latin1')), entry]));
  let expiry = session.expiry ?? 0n;
  for (const [pair] of latin1Of(text).matchAll(/[^&]+/g)) {
    const [key, value] = rules === 'trunk' ? splitTrunk(pair) : split24(pair);
    if (key && !value) entries.delete(foldCase(key));
    const [plainKey, plainValue] = [unescape(key), unescape(value)];
    if (!plainKey || !plainValue) continue;
    if (plainKey === 'expiry') expiry = toInt64(plainValue);
    else put(entries, plainKey, plainValue);
  }
  const list = [...entries.values()];
  return expiry ? { entries: list, expiry } : { entries: list };
}

function put(entries: Map<string, SessionEntry>, key: string, value: string): void {
  const name = foldCase(key);
  const there = entries.get(name);
  if (!there && entries.size >= MAX_SESSION_ENTRIES)
    throw new SessionStateError(
      'ERR_SESSION_TOO_LARGE',
      `A session text of more than ${MAX_SESSION_ENTRIES} entries`,
    );
  entries.set(name, { key: there?.key ?? Buffer.from(key, 'latin1'), value: Buffer.from(value, 'latin1') });
}

/** One character a byte, up to the first zero. */
function latin1Of(text: Uint8Array | string): string {
  const bytes =
    typeof text === 'string' ? Buffer.from(text) : Buffer.from(text.buffer, text.byteOffset, text.length);
  const end = bytes.indexOf(0);
  return bytes.toString('latin1', 0, end < 0 ? bytes.length : end);
}

/** Key and value: `=` signs before the key are skipped, the value is all that follows the next one. */
function split24(pair: string): [key: string, value: string] {
  const start = firstOther(pair, 0);
  const equals = pair.indexOf('=', start);
  return equals < 0 ? [pair.slice(start), ''] : [pair.slice(start, equals), pair.slice(equals + 1)];
}

/** The same as trunk does it: `=` signs before the value are skipped too, and another ends it. */
function splitTrunk(pair: string): [key: string, value: string] {
  const [key, rest] = split24(pair);
  const value = rest.slice(firstOther(rest, 0));
  const equals = value.indexOf('=');
  return [key, equals < 0 ? value : value.slice(0, equals)];
}

function firstOther(text: string, at: number): number {
  while (text[at] === '=') at++;
  return at;
}

/** The number that a text begins with, blanks and a sign before it allowed; 0 when it begins with none, and the nearest
 *  that there is when it does not fit 64 bits (apr_atoi64, which is strtoll). */
function toInt64(text: string): bigint {
  const [, sign, digits] = /^[ \t-\r]*([+-]?)0*([0-9]*)/.exec(text)!;
  const [least, most] = [-(2n ** 63n), 2n ** 63n - 1n];
  if (digits!.length > 19) return sign === '-' ? least : most;
  const number = BigInt(`${sign === '-' ? '-' : ''}${digits || '0'}`);
  return number > most ? most : number < least ? least : number;
}

/** The text that httpd writes for these entries: ASCII, `key=value` joined by `&`, `expiry` as the last, `''` for no
 *  entries. Kept are `A-Z a-z 0-9 . - * _`, a blank is `+`, any other byte `%` and two lower-case digits.
 *
 *  Strings count as their UTF-8 bytes. Throws a SessionStateError for what no reader would get back: an empty key or
 *  value, one with a zero byte, a key `expiry`, and two keys that differ in case only. `expiry` 0 is none. A key
 *  `Expiry` beside an expiry stays an entry; httpd itself would write the expiry under that spelling, and so lose it.
 *  See mod_session.c, session_identity_encode */
export function formatSessionText(
  entries: Iterable<{ readonly key: Uint8Array | string; readonly value: Uint8Array | string }>,
  expiry?: bigint | number,
): string {
  const pairs: string[] = [];
  const names = new Set<string>();
  for (const { key, value } of entries) {
    const bytes = bytesOf(key, 'key');
    const name = foldCase(bytes.toString('latin1'));
    if (names.has(name)) throw refusal('two keys that httpd takes for one');
    if (bytes.equals(EXPIRY)) throw refusal('the key "expiry", which is the end of the session');
    names.add(name);
    pairs.push(`${escape(bytes)}=${escape(bytesOf(value, 'value'))}`);
  }
  if (typeof expiry === 'number' && !Number.isSafeInteger(expiry))
    throw refusal('an expiry that is no whole number');
  if (expiry) pairs.push(`expiry=${expiry}`);
  return pairs.join('&');
}

const EXPIRY = Buffer.from('expiry');

function bytesOf(part: Uint8Array | string, what: string): Buffer {
  const bytes = Buffer.from(part as string);
  if (!bytes.length) throw refusal(`an empty ${what}`);
  if (bytes.includes(0)) throw refusal(`a zero byte in a ${what}`);
  return bytes;
}

const refusal = (what: string) =>
  new SessionStateError('ERR_SESSION_VALUE', `A session text cannot hold ${what}`);
