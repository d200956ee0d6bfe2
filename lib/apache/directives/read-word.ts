import type { ValueReader } from './value-reader.interface.js';
import { wordsOf } from './words.js';

/** Reads exactly one word that is not empty. */
export const readWord: ValueReader<string> = ({ row, args, line }, { diagnostics }) => {
  const { words, closed } = wordsOf(args);
  if (words.length === 1 && words[0] && closed) return words[0];
  return void diagnostics.addFault(line, `${row!.name} ${wordFault(words.length, closed)}`);
};

function wordFault(count: number, closed: boolean): string {
  if (!closed) return 'has a quote that is not closed; close it';
  if (count > 1) return `has ${count} words; allowed is one word (put a comment on its own line)`;
  return 'has no value; allowed is one word';
}
