import { phpText, type PhpText } from './php-text.js';
import type { PhpKey } from './php-value.js';
import { refuse } from './refusal.js';

/** Reads the smallest parts of serialized bytes one after another, as var_unserializer.re does, each in time linear in its
 *  length. Refuses what is none. */
export class ByteCursor {
  #at = 0;
  /** One character a byte. */
  readonly #latin1: string;

  constructor(private readonly bytes: Buffer) {
    this.#latin1 = bytes.toString('latin1');
  }

  get ended(): boolean {
    return this.#at >= this.bytes.length;
  }

  /** The next character, which is not passed over. */
  get next(): string | undefined {
    return this.#latin1[this.#at];
  }

  byte(): number {
    return this.bytes[this.#at++] ?? refuse('malformed');
  }

  /** Place of the first of the next `length` bytes, which are passed over. */
  skip(length: number): number {
    if (length > this.bytes.length - this.#at) refuse('malformed');
    const start = this.#at;
    this.#at += length;
    return start;
  }

  take(length: number): PhpText {
    const start = this.skip(length);
    return phpText(this.bytes, this.#latin1, start, this.#at);
  }

  /** A copy of the next `length` bytes. */
  copy(length: number): Buffer {
    const start = this.skip(length);
    return Buffer.from(this.bytes.subarray(start, this.#at));
  }

  /** The text before the next `delimiter`, which is passed over too. */
  takeUntil(delimiter: string): PhpText {
    const end = this.#latin1.indexOf(delimiter, this.#at);
    if (end < 0) refuse('malformed');
    const text = this.take(end - this.#at);
    this.skip(delimiter.length);
    return text;
  }

  expect(text: string): void {
    if (!this.#latin1.startsWith(text, this.#at)) refuse('malformed');
    this.#at += text.length;
  }

  /** Groups of a sticky pattern. */
  match(pattern: RegExp): RegExpExecArray {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#latin1) ?? refuse('malformed');
    this.#at = pattern.lastIndex;
    return match;
  }

  /** The number that a pattern of digits finds; Infinity for very many. */
  number(pattern: RegExp): number {
    return Number(this.match(pattern)[1]);
  }

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

  int(): bigint {
    return toInt64(this.match(INT)[1]!);
  }

  float(): number {
    const text = this.match(FLOAT)[1]!;
    return FLOAT_WORDS.get(text) ?? Number(text);
  }

  text(): PhpText {
    const text = this.take(this.number(TEXT));
    this.expect('";');
    return text;
  }

  /** `S:`, which PHP reads and never writes: the length counts the bytes that the escapes stand for. */
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

/** The nearest int of 64 bits. */
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

/** None of them can match in two ways, so that each is linear. */
const INT = /i:([+-]?[0-9]+);/y;
const FLOAT = /d:(NAN|-?INF|[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?);/y;
const TEXT = /s:([0-9]+):"/y;
const ESCAPED_TEXT = /S:([0-9]+):"/y;
const HEX = /[0-9A-Fa-f]{2}/y;
