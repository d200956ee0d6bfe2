import { splitCommand } from '../../crypto/key-sources/exec-source.js';
import type { WrittenDriver } from './model.interface.js';
import type { Read } from './reading.js';
import { nextWord } from './words.js';

/** A driver's name, and its parameters as the driver splits them (set_crypto_driver, mod_session_crypto.c;
 *  apr_tokenize_to_argv): a quote groups only where a word begins, so that `name="a value"` is two. Since nobody means
 *  that, it is read as one, and a finding says how to write it. */
export const readDriver: Read<WrittenDriver> = ({ row, args, line }, { notes }) => {
  const { word: name, rest } = nextWord(args) ?? { word: '', rest: '' };
  if (!name)
    return void notes.fault(line, `${row!.name} has no value; allowed is a driver and its parameters`);
  const inside = /=["']/.test(rest);
  if (inside) notes.finding(line, `${row!.name}: httpd splits name="a value" in two; write "name=a value"`);
  const words = inside ? shellWords(rest) : splitCommand(rest);
  return { name, params: Object.freeze(Object.fromEntries(words.map(readParam))), line };
};

function readParam(word: string): [string, string | true] {
  const equals = word.indexOf('=');
  return equals < 0 ? [word, true] : [word.slice(0, equals), word.slice(equals + 1)];
}

const shellWords = (text: string): string[] =>
  Array.from(text.matchAll(/(?:"[^"]*"?|'[^']*'?|[^\s"'])+/g), ([word]) =>
    word.replace(/"([^"]*)"?|'([^']*)'?/g, '$1$2'),
  );
