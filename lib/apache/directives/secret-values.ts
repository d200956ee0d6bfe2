import { splitCommand } from '../../crypto/key-sources/exec-source.js';
import { WrittenPassphrase, WrittenProgram, type PassphraseSource } from './passphrase.js';
import { absolute, readWord, type Read, type Reading } from './reading.js';
import { wordsOf } from './words.js';

const EXEC = 'exec:';
/** `exec:` alone is a passphrase. */
const isProgram = (word: string) => word.startsWith(EXEC) && word.length > EXEC.length;

/** The words of a passphrase line; none of them is in a message. See set_crypto_passphrase, mod_session_crypto.c */
export const readSecrets: Read<readonly PassphraseSource[]> = ({ row, args, line, unresolved }, reading) => {
  const { words, closed } = wordsOf(args);
  const wrong = unresolved ? UNRESOLVED : closed ? wrongWords(words) : 'has a quote that is not closed';
  if (wrong) return void reading.notes.fault(line, `${row!.name} ${wrong}`);
  if (words.slice(0, -1).some((word) => isProgram(word) && !/[ \t]/.test(word)))
    reading.notes.finding(line, `${row!.name}: ${SEVERAL}`);
  const sources = words.map((word) => readSecret(word, line, reading));
  return sources.includes(undefined) ? undefined : (sources as PassphraseSource[]);
};

const UNRESOLVED =
  'has a ${…} that is not defined, and httpd would take that text for the passphrase; give its value in defines or env';
const SEVERAL =
  'a word after exec:program is a passphrase of its own; for an argument, put quotes around all: "exec:program argument"';

function wrongWords(words: readonly string[]): string | undefined {
  if (!words.length) return 'has no passphrase; one or more are allowed';
  const empty = words.indexOf('');
  return empty < 0
    ? undefined
    : `has an empty word as number ${empty + 1}, at which httpd stops without a word; take it out`;
}

function readSecret(word: string, line: number, reading: Reading): PassphraseSource | undefined {
  if (!isProgram(word)) return new WrittenPassphrase(word, line);
  const command = commandOf(word, reading);
  if (typeof command !== 'string') return new WrittenProgram(Object.freeze(command), line);
  return void reading.notes.fault(line, `SessionCryptoPassphrase exec: ${command}`);
}

/** The program and its arguments, or why there is none. */
function commandOf(word: string, { htaccess, serverRoot }: Reading): string[] | string {
  if (htaccess)
    return 'is not taken from .htaccess, whose author may be another; write it in the server configuration';
  const [program, ...args] = splitCommand(word.slice(EXEC.length));
  if (!program) return 'names no program';
  const path = absolute(program, serverRoot);
  return path ? [path, ...args] : `names a relative program ${NO_ROOT}`;
}

const NO_ROOT = 'and there is no ServerRoot; give serverRoot, or the absolute path';

/** The file of SessionCryptoPassphraseFile; it is not opened. */
export const readFile: Read<readonly PassphraseSource[]> = (written, { notes, serverRoot, ...more }) => {
  const { row, line, unresolved } = written;
  if (unresolved)
    return void notes.fault(
      line,
      `${row!.name} has a \${…} that is not defined; give its value in defines or env`,
    );
  const word = readWord(written, { notes, serverRoot, ...more });
  if (word === undefined) return undefined;
  const path = absolute(word, serverRoot);
  if (path) return [{ kind: 'file', path, line }];
  return void notes.fault(line, `${row!.name} is relative ${NO_ROOT}`);
};
