import { splitCommand } from '../../crypto/key-sources/exec-source.js';
import type { DriverSetting } from './model.interface.js';
import type { ValueReader } from './value-reader.interface.js';
import { nextWord } from './words.js';

/** Reads SessionCryptoDriver: a name, then parameters as httpd splits them (mod_session_crypto.c, set_crypto_driver, and
 *  APR's apr_tokenize_to_argv). There a quote groups only at the beginning of a word, so `name="a value"` is two parameters.
 *  Nobody means that, so this reader takes it as one and adds a finding. */
export const readDriver: ValueReader<DriverSetting> = ({ row, args, line }, { diagnostics }) => {
  const { word: name, rest } = nextWord(args) ?? { word: '', rest: '' };
  if (!name)
    return void diagnostics.addFault(
      line,
      `${row!.name} has no value; write the name of a driver and its parameters, such as: openssl engine=name`,
    );
  const isValueQuoted = /=["']/.test(rest);
  if (isValueQuoted)
    diagnostics.addFinding(
      line,
      `${row!.name}: httpd splits name="a value" into two parameters; write "name=a value"`,
    );
  const words = isValueQuoted ? shellWords(rest) : splitCommand(rest);
  return { name, params: Object.freeze(Object.fromEntries(words.map(readParam))), line };
};

function readParam(word: string): [string, string | true] {
  const equals = word.indexOf('=');
  return equals < 0 ? [word, true] : [word.slice(0, equals), word.slice(equals + 1)];
}

/** Splits a text at blanks. Quotes group anywhere in a word, as in a shell. */
const shellWords = (text: string): string[] =>
  Array.from(text.matchAll(/(?:"[^"]*"?|'[^']*'?|[^\s"'])+/g), ([word]) =>
    word.replace(/"([^"]*)"?|'([^']*)'?/g, '$1$2'),
  );
