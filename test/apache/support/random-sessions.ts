import { createHash } from 'node:crypto';

/** Name and value, both as bytes. */
export type Entry = readonly [key: Buffer, value: Buffer];

/** Text that still fits a cookie of 4096 bytes, name and all, when it is sealed with AES. */
export const LONGEST_TEXT = 3023;

const KEPT = /[A-Za-z0-9.*_-]/;
const LETTERS = [
  'ü',
  'ß',
  '€',
  '漢',
  '字',
  '🦉',
  '\u{200d}',
  'e\u0301',
  '&',
  '=',
  '%',
  '+',
  ' ',
  '~',
  "'",
  '"',
  ';',
  ',',
];

/** Bytes that depend on the seed alone: SHA-256 in counter mode. */
export class Dice {
  #bytes = Buffer.alloc(0);
  #counter = 0;

  constructor(readonly seed: string) {}

  bytes(length: number): Buffer {
    while (this.#bytes.length < length) {
      const more = createHash('sha256').update(`${this.seed}/${this.#counter++}`).digest();
      this.#bytes = Buffer.concat([this.#bytes, more]);
    }
    const taken = this.#bytes.subarray(0, length);
    this.#bytes = this.#bytes.subarray(length);
    return taken;
  }

  /** From 0 to below `limit`. */
  below(limit: number): number {
    return this.bytes(4).readUInt32LE(0) % limit;
  }
}

/** Sessions of one to a dozen entries: any bytes but NUL, unicode, separators and quotes; every eighth as long as fits. */
export function randomSessions(seed: string, count: number): Entry[][] {
  const dice = new Dice(seed);
  return Array.from({ length: count }, (_, i) => (i % 8 === 7 ? longSession(dice) : shortSession(dice)));
}

/** The text of entries as mod_session writes it (session_identity_encode), written down once more from its rules. */
export function textOf(entries: readonly Entry[]): string {
  return entries.map(([key, value]) => `${escaped(key)}=${escaped(value)}`).join('&');
}

/** The entries of a text that {@link textOf} or httpd wrote. */
export function entriesOf(text: string): Entry[] {
  return text.split('&').map((pair) => {
    const [key, value] = pair.split('=').map(unescaped);
    return [key!, value!];
  });
}

function shortSession(dice: Dice): Entry[] {
  const entries = new Map<string, Entry>();
  for (let n = dice.below(12); n >= 0; n--) {
    const key = randomPart(dice, 12);
    if (folded(key) !== 'expiry') entries.set(folded(key), [key, randomPart(dice, 60)]);
  }
  return entries.size ? [...entries.values()] : shortSession(dice);
}

/** A short one, filled up to the last character. */
function longSession(dice: Dice): Entry[] {
  const entries = shortSession(dice).slice(0, 3);
  const fill = Buffer.from('fill');
  const room = LONGEST_TEXT - textOf(entries).length - '&fill='.length;
  if (entries.some(([key]) => folded(key) === 'fill')) return longSession(dice);
  return [...entries, [fill, fitting(dice, room)]];
}

/** Bytes whose escaped form is `room` characters long. */
function fitting(dice: Dice, room: number): Buffer {
  const random = randomBytesWithoutNul(dice, Math.floor(room / 3));
  return Buffer.concat([random, Buffer.alloc(room - escaped(random).length, 'x')]);
}

function randomPart(dice: Dice, longest: number): Buffer {
  const length = 1 + dice.below(longest);
  const kinds = [
    () => randomBytesWithoutNul(dice, length),
    () => Buffer.from(Array.from({ length }, () => LETTERS[dice.below(LETTERS.length)]!).join('')),
    () => Buffer.from(dice.bytes(length).toString('hex').slice(0, length)),
  ];
  return kinds[dice.below(kinds.length)]!();
}

const randomBytesWithoutNul = (dice: Dice, length: number) =>
  dice.bytes(length).map((byte) => byte || 1) as Buffer;

const folded = (key: Buffer) => key.toString('latin1').replace(/[A-Z]/g, (letter) => letter.toLowerCase());

const escaped = (bytes: Buffer) => Array.from(bytes, escapedByte).join('');

function escapedByte(byte: number): string {
  const character = String.fromCharCode(byte);
  if (KEPT.test(character)) return character;
  return character === ' ' ? '+' : `%${byte.toString(16).padStart(2, '0')}`;
}

const unescaped = (text: string) =>
  Buffer.from(
    text.replaceAll('+', ' ').replace(/%(..)/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16))),
    'latin1',
  );
