import { splitCommand } from '../../crypto/key-sources/exec-source.js';
import type { DriverSetting } from './model.interface.js';
import { isAbsolute, resolvePath } from './server-root.js';
import type { ValueReader } from './value-reader.interface.js';
import { nextWord } from './words.js';

/** Reads SessionCryptoDriver: a name, then parameters as httpd splits them (mod_session_crypto.c, set_crypto_driver, and
 *  APR's apr_tokenize_to_argv). There a quote groups only at the beginning of a word, so `name="a value"` is two parameters.
 *  Nobody means that, so this reader takes it as one and adds a finding. */
export const readDriver: ValueReader<DriverSetting> = ({ row, args, line }, { diagnostics, serverRoot }) => {
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
  const params = Object.fromEntries(words.map(readParam));
  if (typeof params['dir'] === 'string' && params['dir']) params['dir'] = folderOf(params['dir'], serverRoot);
  return { name, params: Object.freeze(params), line };
};

/** The kind of an NSS database, which may stand before its folder. */
const KIND = /^(?:sql|dbm):|^/;

/** True for a relative folder of an NSS database. */
export const isRelative = (folder: string): boolean =>
  !/^(?:extern|rdb|multiaccess):/.test(folder) && !isAbsolute(folder.replace(KIND, ''));

/** Returns the folder of an NSS database under ServerRoot, as every other path of httpd. */
function folderOf(written: string, serverRoot: string | undefined): string {
  if (!isRelative(written) || serverRoot === undefined) return written;
  const [kind] = KIND.exec(written)!;
  return kind + resolvePath(written.slice(kind.length), serverRoot)!;
}

function readParam(word: string): [string, string | true] {
  const equals = word.indexOf('=');
  return equals < 0 ? [word, true] : [word.slice(0, equals), word.slice(equals + 1)];
}

/** Splits a text at blanks. Quotes group anywhere in a word, as in a shell. */
const shellWords = (text: string): string[] =>
  Array.from(text.matchAll(/(?:"[^"]*"?|'[^']*'?|[^\s"'])+/g), ([word]) =>
    word.replace(/"([^"]*)"?|'([^']*)'?/g, '$1$2'),
  );
