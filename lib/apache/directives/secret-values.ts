import { splitCommand } from '../../crypto/key-sources/exec-source.js';
import { InlinePassphrase, PassphraseProgram, type PassphraseSource } from './passphrase-source.js';
import { readWord } from './read-word.js';
import { resolvePath } from './server-root.js';
import type { ReadContext, ValueReader } from './value-reader.interface.js';
import { wordsOf } from './words.js';

// The values of SessionCryptoPassphrase and SessionCryptoPassphraseFile. No message here repeats a word of them.

const EXEC = 'exec:';

/** True for `exec:program`. The word `exec:` alone is a passphrase. */
const isProgram = (word: string) => word.startsWith(EXEC) && word.length > EXEC.length;

/** Reads the words of a passphrase line. See httpd's mod_session_crypto.c, set_crypto_passphrase */
export const readSecrets: ValueReader<readonly PassphraseSource[]> = (
  { row, args, line, unresolved },
  context,
) => {
  const { words, closed } = wordsOf(args);
  const fault = unresolved ? UNRESOLVED : closed ? wordsFault(words) : OPEN_QUOTE;
  if (fault) return void context.diagnostics.addFault(line, `${row!.name} ${fault}`);
  if (words.slice(0, -1).some((word) => isProgram(word) && !/[ \t]/.test(word)))
    context.diagnostics.addFinding(line, `${row!.name}: ${SEPARATE_WORD}`);
  const sources = words.map((word) => readSecret(word, line, context));
  return sources.includes(undefined) ? undefined : (sources as PassphraseSource[]);
};

const OPEN_QUOTE = 'has a quote that is not closed; close it';
const UNRESOLVED =
  'holds a ${…} that is not defined, and httpd would take that text as the passphrase; give its value in the option defines or env';
const SEPARATE_WORD =
  'a word after exec:program is a passphrase of its own; to pass an argument, quote both: "exec:program argument"';

function wordsFault(words: readonly string[]): string | undefined {
  if (!words.length) return 'has no passphrase; give at least one';
  const empty = words.indexOf('');
  return empty < 0
    ? undefined
    : `has an empty word at position ${empty + 1}, where httpd stops reading without an error; remove it`;
}

/** Returns the source that one word names. */
function readSecret(word: string, line: number, context: ReadContext): PassphraseSource | undefined {
  if (!isProgram(word)) return new InlinePassphrase(word, line);
  const command = commandOf(word, context);
  if (typeof command !== 'string') return new PassphraseProgram(Object.freeze(command), line);
  return void context.diagnostics.addFault(line, `SessionCryptoPassphrase exec: ${command}`);
}

/** Returns the program and its arguments, or what is wrong with them. */
function commandOf(word: string, { htaccess, serverRoot }: ReadContext): string[] | string {
  if (htaccess)
    return "is not accepted in .htaccess, since the program would run as the server's user; move it to the server configuration";
  const [program, ...args] = splitCommand(word.slice(EXEC.length));
  if (!program) return 'names no program; write "exec:/path/to/program argument"';
  const path = resolvePath(program, serverRoot);
  return path ? [path, ...args] : `names a relative program ${NO_ROOT}`;
}

const NO_ROOT = 'and there is no ServerRoot; write the absolute path, or give the option serverRoot';

/** Reads the path of SessionCryptoPassphraseFile. The file is not opened. */
export const readFile: ValueReader<readonly PassphraseSource[]> = (written, context) => {
  const { row, line, unresolved } = written;
  const addFault = (fault: string) => void context.diagnostics.addFault(line, `${row!.name} ${fault}`);
  if (unresolved)
    return addFault('holds a ${…} that is not defined; give its value in the option defines or env');
  const word = readWord(written, context);
  if (word === undefined) return undefined;
  const { serverRoot } = context;
  const path = resolvePath(word, serverRoot);
  return path ? [{ kind: 'file', path, serverRoot, line }] : addFault(`is a relative path ${NO_ROOT}`);
};
