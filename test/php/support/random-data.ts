import { createHash } from 'node:crypto';
import type { JsonObject, JsonValue } from 'nestjs-session-crypto';

const LETTERS = ['a', 'Z', 'ü', '漢', '🦉', '"', ';', '{', ' ', '0', '\\', '\n'];

/** Numbers that depend on the seed alone: SHA-256 in counter mode. */
export class Dice {
  #counter = 0;

  constructor(private readonly seed: string) {}

  /** Returns a number from 0 to `limit` - 1. */
  below(limit: number): number {
    const bytes = createHash('sha256').update(`${this.seed}/${this.#counter++}`).digest();
    return bytes.readUInt32LE(0) % limit;
  }
}

/** Returns sessions of one to six keys, with everything that JSON has except objects that PHP takes for lists. */
export function randomData(seed: string, count: number): JsonObject[] {
  const dice = new Dice(seed);
  return Array.from({ length: count }, () => objectOf(dice, 0));
}

function objectOf(dice: Dice, depth: number): JsonObject {
  const names = Array.from({ length: 1 + dice.below(6) }, (_, i) => `k${i}${textOf(dice)}`);
  return Object.fromEntries(names.map((name) => [name, valueOf(dice, depth + 1)]));
}

const textOf = (dice: Dice): string =>
  Array.from({ length: dice.below(8) }, () => LETTERS[dice.below(LETTERS.length)]!).join('');

/** One row per kind. The last two are not used in values that are deep already. */
const KINDS: readonly ((dice: Dice, depth: number) => JsonValue)[] = [
  () => null,
  (dice) => dice.below(2) === 1,
  (dice) => dice.below(1_000_000) - 500_000,
  (dice) => dice.below(1_000_000) / 7,
  (dice) => dice.below(1_000_000) * 9_007_199_254,
  textOf,
  (dice, depth) => Array.from({ length: dice.below(5) }, () => valueOf(dice, depth + 1)),
  objectOf,
];

const valueOf = (dice: Dice, depth: number): JsonValue =>
  KINDS[dice.below(depth > 3 ? KINDS.length - 2 : KINDS.length)]!(dice, depth);
