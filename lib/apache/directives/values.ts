import { HTTP_TOKEN } from '../../http/cookie-syntax.js';
import { nearestName } from '../../errors/nearest-name.js';
import { APACHE_CIPHERS, type ApacheCipherName } from '../sealing/ciphers.js';
import { DEFAULT_ATTRIBUTES, isAttributeName, readAttributes } from './cookie-attributes.js';
import { quoted } from './diagnostics.js';
import type { Arguments } from './directive-table.js';
import type { CookieSetting, PathPrefix } from './model.interface.js';
import { readFixedExpression, readRequestExpression } from './fixed-expression.js';
import { readWord } from './read-word.js';
import { readFile, readSecrets } from './secret-values.js';
import type { DirectiveLine } from './sections.js';
import type { ReadContext, ValueReader } from './value-reader.interface.js';
import { nextWord, wordsOf } from './words.js';

const CIPHERS = APACHE_CIPHERS.map(({ name }) => name);
/** The blanks of C's isspace, which are fewer than those of `trimStart`. */
const LEADING_BLANKS = /^[ \t\n\v\f\r]+/;
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

/** Reads a cookie's name and attributes. httpd does not split this line into words, so quotes stay part of the text:
 *  mod_session_cookie.c, set_cookie_name. */
const cookie: ValueReader<CookieSetting> = (written, context) => {
  const { row, args, line } = written;
  const name = /^[^ \t]*/.exec(args)![0];
  const fault = cookieNameFault(name);
  if (fault) return addFault(written, context, fault);
  const attributes = readAttributes(
    args.slice(name.length).replace(LEADING_BLANKS, '') || DEFAULT_ATTRIBUTES,
  );
  if (typeof attributes === 'string') return addFault(written, context, attributes);
  if (isAttributeName(name))
    context.diagnostics.addFinding(
      line,
      `${row!.name}: the cookie's name is ${quoted(name)}, which is the name of an attribute; if it is meant as one, write the cookie's name in front of it`,
    );
  const lost = [...(attributes.httpOnly ? [] : ['HttpOnly']), ...(attributes.secure ? [] : ['Secure'])];
  if (lost.length && !row!.name.endsWith('2'))
    context.diagnostics.addFinding(
      line,
      `${row!.name}: these attributes replace httpd's default, so httpd's own cookie goes without ${lost.join(' and ')}; here the cookie has HttpOnly, and Secure on a secure connection; add ;${lost.join(';')} for httpd`,
    );
  return { name, attributes, line };
};

function cookieNameFault(name: string): string | undefined {
  if (!name) return 'has no value; write the name of a cookie';
  if (/^["']/.test(name))
    return 'begins with a quote, which httpd makes part of the name; write the name without quotes';
  return HTTP_TOKEN.test(name) && !name.includes('&')
    ? undefined
    : `is ${quoted(name)}; allowed is the name of a cookie: 1 to 128 characters without blanks, quotes and = & ; ,`;
}

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
  cookie,
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
  const args = written.row!.args as Exclude<Arguments, 'driver' | 'statement'>;
  return READERS[args](written, context);
}
