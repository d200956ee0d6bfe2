import type { Dice } from './random-sessions.js';

/** Characters that mean something to httpd's parser or to a value, and some that mean nothing. */
const PIECES = [
  ' ', '  ', '\t', '"', "'", '\\', '\\\\', '\\"', "\\'", '#', '${WORD}', '${NONE}', '${', '}', '$1', '%{', '%', '=', '&', ';', ',', '-', '+',
  '/', '.', ':', '*', '<', '>', '(', '\u00e9', '\u20ac', '\u00a0', '\x01', '\x7f', '\v', '\f', '\r', 'a', 'B', 'on', '0', '1', '9', '""', "''",
]; // prettier-ignore

/** Returns the text after a directive's name: one of `samples`, or one of them with a few changes, or any pieces in a row. */
export function randomValue(dice: Dice, samples: readonly string[]): string {
  const sample = one(dice, samples);
  const kind = dice.below(10);
  if (kind < 3) return sample;
  if (kind < 4) return Array.from({ length: dice.below(8) }, () => one(dice, PIECES)).join('');
  if (kind < 5) return `${sample}${one(dice, [' ', '\t', ''])}${one(dice, samples)}`;
  let value = sample;
  for (let n = dice.below(3); n >= 0; n--) value = changed(dice, value);
  return value;
}

/** As {@link randomValue}, but seven of eight are one of `good` with other letters and digits, because each value that
 *  `httpd -t` refuses costs a run. A driver keeps its name. */
export function mildValue(dice: Dice, good: readonly string[], samples: readonly string[]): string {
  if (dice.below(8) === 0) return randomValue(dice, [...good, ...samples]);
  const text = one(dice, good);
  return dice.below(3) && !text.includes('pgsql')
    ? text.replace(/(?<!\\)[a-z0-9]/g, (old) => (dice.below(2) ? old : sameKind(dice, old)))
    : text;
}

const sameKind = (dice: Dice, old: string) =>
  /\d/.test(old) ? String(dice.below(10)) : String.fromCharCode(97 + dice.below(26));

/** Replaces, removes or adds something at one place. */
function changed(dice: Dice, text: string): string {
  const at = dice.below(text.length + 1);
  const skipped = dice.below(3) ? 0 : 1;
  const added = dice.below(4) ? one(dice, PIECES) : '';
  return text.slice(0, at) + added + text.slice(at + skipped);
}

const one = <T>(dice: Dice, list: readonly T[]): T => list[dice.below(list.length)]!;
