import { phpText, type PhpText } from './php-text.js';
import type { PhpKey } from './php-value.js';
import { refuse } from './refusal.js';

/** Reads the tokens of serialized bytes one after another, as PHP does (var_unserializer.re), each in time linear in its
 *  length. Every method throws the refusal `malformed` if the next bytes are not what it reads; see {@link refuse}. */
export class ByteCursor {
  #at = 0;
  /** The bytes with one character per byte, so that patterns can be applied to them. */
  readonly #latin1: string;

  constructor(private readonly bytes: Buffer) {
    this.#latin1 = bytes.toString('latin1');
  }

  get ended(): boolean {
    return this.#at >= this.bytes.length;
  }

  /** The next character, which is not consumed. `undefined` at the end. */
  get next(): string | undefined {
    return this.#latin1[this.#at];
  }

  /** Consumes one byte. */
  byte(): number {
    return this.bytes[this.#at++] ?? refuse('malformed');
  }

  /** Consumes `length` bytes and returns the index of the first one. */
  skip(length: number): number {
    if (length > this.bytes.length - this.#at) refuse('malformed');
    const start = this.#at;
    this.#at += length;
    return start;
  }

  /** Consumes `length` bytes as a string of PHP. */
  take(length: number): PhpText {
    const start = this.skip(length);
    return phpText(this.bytes, this.#latin1, start, this.#at);
  }

  /** Consumes `length` bytes and returns a copy of them. */
  copy(length: number): Buffer {
    const start = this.skip(length);
    return Buffer.from(this.bytes.subarray(start, this.#at));
  }

  /** Consumes the string up to the next `delimiter`, and the delimiter. Returns the string. */
  takeUntil(delimiter: string): PhpText {
    const end = this.#latin1.indexOf(delimiter, this.#at);
    if (end < 0) refuse('malformed');
    const text = this.take(end - this.#at);
    this.skip(delimiter.length);
    return text;
  }

  /** Consumes exactly this text. */
  expect(text: string): void {
    if (!this.#latin1.startsWith(text, this.#at)) refuse('malformed');
    this.#at += text.length;
  }

  /** Consumes a match of a sticky pattern. */
  match(pattern: RegExp): RegExpExecArray {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#latin1) ?? refuse('malformed');
    this.#at = pattern.lastIndex;
    return match;
  }

  /** Consumes a match and returns the number in its first group. More than 308 digits give Infinity. */
  number(pattern: RegExp): number {
    return Number(this.match(pattern)[1]);
  }

  /** Consumes a key of an array or object: an int or a string. */
  key(): PhpKey {
    switch (this.next) {
      case 'i':
        return this.int();
      case 's':
        return this.text();
      case 'S':
        return this.escapedText();
      default:
        return refuse('malformed');
    }
  }

  /** Consumes `i:…;`. */
  int(): bigint {
    return toInt64(this.match(INT)[1]!);
  }

  /** Consumes `d:…;`. */
  float(): number {
    const text = this.match(FLOAT)[1]!;
    return FLOAT_WORDS.get(text) ?? Number(text);
  }

  /** Consumes `s:length:"…";`. */
  text(): PhpText {
    const text = this.take(this.number(TEXT));
    this.expect('";');
    return text;
  }

  /** Consumes `S:length:"…";`, which PHP reads but never writes. A byte may be escaped as `\xx`, and the length counts the
   *  bytes without escapes. */
  escapedText(): PhpText {
    const length = this.number(ESCAPED_TEXT);
    if (length > this.bytes.length - this.#at) refuse('malformed');
    const bytes = Buffer.alloc(length);
    for (let i = 0; i < length; i++) bytes[i] = this.#escapedByte();
    this.expect('";');
    return phpText(bytes, bytes.toString('latin1'), 0, length);
  }

  #escapedByte(): number {
    const byte = this.byte();
    return byte === BACKSLASH ? parseInt(this.match(HEX)[0], 16) : byte;
  }
}

/** Returns the nearest int of 64 bits, as PHP does for a number that is out of range. */
function toInt64(text: string): bigint {
  if (text.length < 19) return BigInt(text);
  const sign = text[0] === '-' ? '-' : '';
  const digits = text.replace(/^[+-]?0*/, '') || '0';
  if (digits.length > 19) return sign ? MIN : MAX;
  const int = BigInt(sign + digits);
  return int > MAX ? MAX : int < MIN ? MIN : int;
}

const [MIN, MAX] = [-(2n ** 63n), 2n ** 63n - 1n];
const BACKSLASH = 92;
const FLOAT_WORDS = new Map([
  ['NAN', NaN],
  ['INF', Infinity],
  ['-INF', -Infinity],
]);

/** No pattern can match a text in two ways, so that matching takes linear time. */
const INT = /i:([+-]?[0-9]+);/y;
const FLOAT = /d:(NAN|-?INF|[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?);/y;
const TEXT = /s:([0-9]+):"/y;
const ESCAPED_TEXT = /S:([0-9]+):"/y;
const HEX = /[0-9A-Fa-f]{2}/y;
