/** `random`: as a generator makes it; `guessable`: stands in lists, or follows a pattern. */
export type SecretStrength = 'random' | 'words' | 'guessable';

/** What people write where they mean to write something else later. */
const PLACEHOLDERS =
  /change[\s_-]?(?:me|this|it)|pass(?:word|phrase)|secret|session|keyboard\s?cat|example|default|dummy|test|qwerty|asdf|abc|123+/gi;
/** 128 bits less what a rough estimate may miss (ASVS 11.2.3). */
const ENOUGH_BITS = 112;
const FEW_CHARACTERS = 6;
const FEW_BYTES = 16;

/** How well a passphrase would withstand guessing, roughly, from its characters alone. */
export function passphraseStrength(text: string): SecretStrength {
  const bytes = Array.from(text, (character) => character.codePointAt(0)!);
  const rest = text.replaceAll(PLACEHOLDERS, '');
  if (new Set(bytes).size < FEW_CHARACTERS || isSequence(bytes) || rest.trim().length < 8) return 'guessable';
  const length = Math.min(periodOf(text), rest.length);
  return length * bitsPerCharacter(rest) >= ENOUGH_BITS ? 'random' : 'words';
}

/** How well 32 bytes would: a text in their place, or a pattern, is no key. */
export function keyStrength(bytes: Uint8Array): SecretStrength {
  if (new Set(bytes).size < FEW_BYTES || isSequence([...bytes])) return 'guessable';
  return bytes.every((byte) => byte >= 0x20 && byte < 0x7f) ? 'words' : 'random';
}

/** Each next to its neighbour, mostly: 0 1 2 3, or z y x w. */
function isSequence(numbers: readonly number[]): boolean {
  const steps = numbers.slice(1).filter((one, i) => Math.abs(one - numbers[i]!) <= 1);
  return steps.length * 2 > numbers.length;
}

/** Characters until the text begins again. */
function periodOf(text: string): number {
  const again = `${text}${text}`.indexOf(text, 1);
  return Math.min(again, text.length);
}

/** Generators change between small and great letters and digits much more often than words do. */
function bitsPerCharacter(text: string): number {
  if (/^\d+$/.test(text)) return 3.3;
  if (/^[0-9a-f]+$/i.test(text)) return 4;
  const changes = changesOf(text);
  if (changes >= 0.45) return 5.5;
  return changes >= 0.25 && !/[A-Z\s]/.test(text) ? 4.5 : 1.5;
}

/** The share of characters that are of another class than the one before. */
function changesOf(text: string): number {
  const classes = Array.from(text, (one) => CLASSES.findIndex((form) => form.test(one)));
  return classes.slice(1).filter((one, i) => one !== classes[i]).length / Math.max(1, classes.length - 1);
}

const CLASSES = [/[a-z]/, /[A-Z]/, /\d/];
