/** The strength of a secret. `random`: it looks like the output of a generator. `words`: it looks like text, so it has
 *  few random bits for its length. `guessable`: it is on lists of passwords, or follows a pattern. */
export type SecretStrength = 'random' | 'words' | 'guessable';

/** Texts that people write when they mean to set a real secret later. They count nothing. */
const PLACEHOLDERS =
  /change[\s_-]?(?:me|this|it)|pass(?:word|phrase)|secret|session|keyboard\s?cat|example|default|dummy|test|qwerty|asdf|abc|123+/gi;
/** The required 128 bits (ASVS 11.2.3), less 16 bits for the error of the estimate. */
const ENOUGH_BITS = 112;
/** A passphrase with fewer different characters is guessable. */
const MIN_CHARACTERS = 6;
/** A key with fewer different bytes among its 32 is guessable: random keys have about 30. */
const MIN_BYTES = 16;

/** Estimates how well a passphrase withstands guessing. The estimate is rough, because it sees only the characters and
 *  not their origin: it can take the output of a generator for words, but seldom does. */
export function passphraseStrength(text: string): SecretStrength {
  const codes = Array.from(text, (character) => character.codePointAt(0)!);
  const rest = text.replaceAll(PLACEHOLDERS, '');
  if (new Set(codes).size < MIN_CHARACTERS || isSequence(codes) || rest.trim().length < 8) return 'guessable';
  const length = Math.min(periodOf(text), rest.length);
  return length * bitsPerCharacter(rest) >= ENOUGH_BITS ? 'random' : 'words';
}

/** Estimates how well key bytes withstand guessing. A pattern is guessable, and printable text is `words`: 16 or more random
 *  bytes are practically never all printable. */
export function keyStrength(bytes: Uint8Array): SecretStrength {
  if (new Set(bytes).size < Math.min(MIN_BYTES, (bytes.length * 3) / 4) || isSequence([...bytes]))
    return 'guessable';
  return bytes.every((byte) => byte >= 0x20 && byte < 0x7f) ? 'words' : 'random';
}

/** Reports whether most numbers differ by at most 1 from the one before, as in 0 1 2 3 or z y x w. */
function isSequence(numbers: readonly number[]): boolean {
  const steps = numbers.slice(1).filter((one, i) => Math.abs(one - numbers[i]!) <= 1);
  return steps.length * 2 > numbers.length;
}

/** Returns the number of characters after which the text repeats itself, or its length. */
function periodOf(text: string): number {
  const repeat = `${text}${text}`.indexOf(text, 1);
  return Math.min(repeat, text.length);
}

/** Estimates the random bits of a character. Generators alternate between small letters, capitals and digits much more
 *  often than words do, so a text that alternates seldom gets few bits. */
function bitsPerCharacter(text: string): number {
  if (/^\d+$/.test(text)) return 3.3;
  if (/^[0-9a-f]+$/i.test(text)) return 4;
  const changes = classChanges(text);
  if (changes >= 0.45) return 5.5;
  return changes >= 0.25 && !/[A-Z\s]/.test(text) ? 4.5 : 1.5;
}

/** Returns the share of characters, 0 to 1, whose class differs from the class of the character before. */
function classChanges(text: string): number {
  const classes = Array.from(text, (one) => CLASSES.findIndex((pattern) => pattern.test(one)));
  return classes.slice(1).filter((one, i) => one !== classes[i]).length / Math.max(1, classes.length - 1);
}

const CLASSES = [/[a-z]/, /[A-Z]/, /\d/];
