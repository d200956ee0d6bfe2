import { HTTP_TOKEN } from '../../http/cookie-syntax.js';
import { nearestName } from '../../errors/nearest-name.js';
import { APACHE_CIPHERS, type ApacheCipherName } from '../sealing/ciphers.js';
import { readCookie } from './cookie-value.js';
import { quoted } from './diagnostics.js';
import type { Arguments, Directive } from './directive-table.js';
import { LOST_BYTES } from './lines.js';
import type { PathPrefix } from './model.interface.js';
import { readFixedExpression, readRequestExpression } from './fixed-expression.js';
import { readWord } from './read-word.js';
import { readFile, readSecrets } from './secret-values.js';
import type { DirectiveLine } from './sections.js';
import type { ReadContext, ValueReader } from './value-reader.interface.js';
import { nextWord, wordsOf } from './words.js';

const CIPHERS = APACHE_CIPHERS.map(({ name }) => name);
/** The largest signed 32-bit integer, about 68 years. */
const MAX_SECONDS = 2_147_483_647;

/** Reads `On` or `Off`, in any case of letters. httpd ignores what follows it. */
const flag: ValueReader<boolean> = ({ row, args, line }, { diagnostics }) => {
  const { word, rest } = nextWord(args) ?? { word: '', rest: '' };
  const match = /^(?:(on)|off)$/i.exec(word);
  const found = word ? `is ${quoted(word)}` : 'has no value';
  if (!match) return void diagnostics.addFault(line, `${row!.name} ${found}; allowed are On and Off`);
  if (rest)
    diagnostics.addFinding(
      line,
      `${row!.name}: httpd ignores the text after ${word}; put a comment on its own line`,
    );
  return match[1] !== undefined;
};

/** Reads a number of seconds. httpd takes the digits at the start of any text: `30m` would be 30, and `ten` would be 0. */
const seconds: ValueReader<number> = (written, context) => {
  const word = readWord(written, context);
  const fault = word !== undefined && secondsFault(word, written);
  if (fault) addFault(written, context, `is ${quoted(word)}; ${fault}`);
  return fault || word === undefined ? undefined : Number(word);
};

function secondsFault(word: string, { row }: DirectiveLine): string | undefined {
  if (/^-\d+$/.test(word))
    return row!.key === 'updateInterval'
      ? 'httpd does not start with a negative number; allowed is a number of seconds, or 0 for none'
      : 'with a negative number httpd saves no session; allowed is a number of seconds, or 0 for none';
  const httpd = /^[+-]?\d{1,18}/.exec(word)?.[0] ?? '0';
  if (!/^\d+$/.test(word)) return `allowed is a whole number of seconds (httpd would read ${httpd})`;
  return Number(word) > MAX_SECONDS ? `allowed are at most ${MAX_SECONDS} seconds` : undefined;
}

/** Reads the name of a header. */
const header: ValueReader<string> = (written, context) => {
  const word = readWord(written, context);
  if (word === undefined || HTTP_TOKEN.test(word)) return word;
  return addFault(
    written,
    context,
    `is ${quoted(word)}; allowed is the name of a header, such as X-Replace-Session`,
  );
};

/** Reads one path of SessionInclude or SessionExclude. */
const prefix: ValueReader<readonly PathPrefix[]> = (written, context) => {
  const word = readWord(written, context);
  if (word === undefined) return undefined;
  if (word.startsWith('/')) return [{ prefix: word, line: written.line }];
  return addFault(
    written,
    context,
    `is ${quoted(word)}; allowed is a path that begins with /, since httpd would never match this one`,
  );
};

/** Reads the name of a cipher, which is case-sensitive in httpd. */
const cipher: ValueReader<ApacheCipherName> = (written, context) => {
  const word = readWord(written, context);
  const known = CIPHERS.find((one) => one === word);
  if (known || word === undefined) return known;
  const near = nearestName(word.slice(0, 20), CIPHERS);
  const meant = near ? `; is ${near} meant?` : '';
  return addFault(written, context, `is ${quoted(word)}; allowed are ${CIPHERS.join(', ')}${meant}`);
};

/** Returns true if there is a value, and keeps nothing of it: it may be a secret. */
const presence: ValueReader<true> = (written, context) => {
  if (written.unresolved)
    return addFault(
      written,
      context,
      'holds a ${…} that is not defined; give its value in the option defines or env',
    );
  return readWord(written, context) === undefined ? undefined : true;
};

/** Reads a number that httpd takes only as digits. */
const digits: ValueReader<string> = (written, context) => {
  const word = readWord(written, context);
  if (word === undefined || /^\d+$/.test(word)) return word;
  return addFault(written, context, `is ${quoted(word)}; allowed is a whole number`);
};

/** Reads the name of a field of a login form: mod_auth_form.c, check_string. */
const field: ValueReader<string> = (written, context) => {
  const word = readWord(written, context);
  if (word === undefined || !/[=&]/.test(word)) return word;
  return addFault(written, context, `is ${quoted(word)}; allowed is the name of a field, without = and &`);
};

/** Reads a number of bytes. httpd takes the digits at the start of any text, as for seconds. */
const size: ValueReader<string> = (written, context) => {
  const word = readWord(written, context);
  if (word === undefined || /^\d{1,18}$/.test(word)) return word;
  const httpd = /^[+]?\d{1,18}/.exec(word)?.[0] ?? '0';
  return addFault(
    written,
    context,
    `is ${quoted(word)}; allowed is a whole number of bytes (httpd would read ${httpd})`,
  );
};

/** Reads one word or more. */
const words: ValueReader<readonly string[]> = (written, context) => {
  const all = wordsOf(written.args);
  if (all.words[0] && all.closed) return all.words;
  return addFault(
    written,
    context,
    all.closed ? 'has no value; give one' : 'has a quote that is not closed; close it',
  );
};

function addFault({ row, line }: DirectiveLine, { diagnostics }: ReadContext, fault: string): undefined {
  diagnostics.addFault(line, `${row!.name} ${fault}`);
}

/** The readers by the kind of arguments. The directives of the other kinds are read elsewhere. */
const READERS = {
  flag,
  seconds,
  header,
  prefix,
  cookie: readCookie,
  cipher,
  presence,
  secrets: readSecrets,
  file: readFile,
  label: readWord,
  word: readWord,
  expression: readFixedExpression,
  expressionOfRequest: readRequestExpression,
  digits,
  field,
  size,
  words,
};

/** Reads the value of a directive that makes a setting. Returns `undefined` after it has added a fault. */
export function readValue(written: DirectiveLine, context: ReadContext): unknown {
  const { row, args } = written;
  if (row!.key && args.includes(LOST_BYTES)) return addFault(written, context, lostBytes(row!));
  return READERS[row!.args as Exclude<Arguments, 'driver' | 'statement'>](written, context);
}

const lostBytes = ({ key }: Directive): string =>
  `holds U+FFFD, which stands for bytes that were not UTF-8 when the text was read, while httpd uses the bytes as they are; ${key === 'passphrases' ? 'write the passphrase into a SessionCryptoPassphraseFile, which is read as bytes' : 'write the value in UTF-8'}`;
