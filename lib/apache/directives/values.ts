import { HTTP_TOKEN } from '../../http/cookie-syntax.js';
import { nearestName } from '../../options/nearest-name.js';
import { APACHE_CIPHERS, type ApacheCipherName } from '../sealing/apache-cipher.js';
import { DEFAULT_ATTRIBUTES, readAttributes } from './cookie-attributes.js';
import type { Arguments } from './directive-table.js';
import type { PathPrefix, WrittenCookie } from './model.interface.js';
import { say } from './notes.js';
import { readWord, type Read, type Reading } from './reading.js';
import { readFile, readSecrets } from './secret-values.js';
import type { Written } from './sections.js';
import { nextWord } from './words.js';

const CIPHERS = APACHE_CIPHERS.map(({ name }) => name);
const MAX_SECONDS = 2_147_483_647;

const flag: Read<boolean> = ({ row, args, line }, { notes }) => {
  const { word, rest } = nextWord(args) ?? { word: '', rest: '' };
  const on = /^(?:(on)|off)$/i.exec(word);
  if (!on) return void notes.fault(line, `${row!.name} is ${say(word)}; allowed are On and Off`);
  if (rest) notes.finding(line, `${row!.name}: httpd ignores what follows ${word}`);
  return on[1] !== undefined;
};

const seconds: Read<number> = (written, reading) => {
  const word = readWord(written, reading);
  const wrong = word !== undefined && wrongSeconds(word);
  if (wrong) reading.notes.fault(written.line, `${written.row!.name} is ${say(word)}; ${wrong}`);
  return wrong || word === undefined ? undefined : Number(word);
};

function wrongSeconds(word: string): string | undefined {
  if (/^-\d+$/.test(word))
    return 'with a negative number nothing is ever saved; allowed are seconds, or 0 for none';
  const httpd = /^[+-]?\d{1,18}/.exec(word)?.[0] ?? '0';
  if (!/^\d+$/.test(word)) return `allowed is a whole number of seconds (httpd would read ${httpd})`;
  return Number(word) > MAX_SECONDS ? `allowed are at most ${MAX_SECONDS} seconds` : undefined;
}

const header: Read<string> = (written, reading) => {
  const word = readWord(written, reading);
  if (word === undefined || HTTP_TOKEN.test(word)) return word;
  const { row, line } = written;
  return void reading.notes.fault(line, `${row!.name} is ${say(word)}; allowed is the name of a header`);
};

const prefix: Read<readonly PathPrefix[]> = (written, reading) => {
  const word = readWord(written, reading);
  const { row, line } = written;
  if (word === undefined || word.startsWith('/')) return (word && [{ prefix: word, line }]) || undefined;
  return void reading.notes.fault(
    line,
    `${row!.name} is ${say(word)}; a path begins with /, so httpd would never match it`,
  );
};

/** Not by words: httpd leaves quotes as they are here (set_cookie_name, mod_session_cookie.c). */
const cookie: Read<WrittenCookie> = ({ row, args, line }, { notes }) => {
  const name = /^[^ \t]*/.exec(args)![0];
  const fault = (why: string) => void notes.fault(line, `${row!.name} ${why}`);
  if (/^["']/.test(name))
    return fault('begins with a quote, which httpd does not take away here; write the name without');
  if (!HTTP_TOKEN.test(name) || name.includes('&'))
    return fault(`is ${say(name)}; allowed is the name of a cookie: not empty, without = & ; and blanks`);
  const attributes = readAttributes(args.slice(name.length).trimStart() || DEFAULT_ATTRIBUTES);
  if (typeof attributes === 'string') return fault(attributes);
  const lost = [!attributes.httpOnly && 'HttpOnly', !attributes.secure && 'Secure'].filter(Boolean);
  if (lost.length)
    notes.finding(
      line,
      `${row!.name}: attributes replace httpd's default, so the cookie goes without ${lost.join(' and ')}`,
    );
  return { name, attributes, line };
};

const cipher: Read<ApacheCipherName> = (written, reading) => {
  const word = readWord(written, reading);
  const known = CIPHERS.find((one) => one === word);
  if (known || word === undefined) return known;
  const near = nearestName(word.slice(0, 20), CIPHERS);
  const meant = near ? `; is ${near} meant?` : '';
  const { row, line } = written;
  return void reading.notes.fault(
    line,
    `${row!.name} is ${say(word)}; allowed are ${CIPHERS.join(', ')}${meant}`,
  );
};

/** Whether there is anything at all. */
const presence: Read<true> = ({ row, args, line, unresolved }, { notes }) => {
  if (nextWord(args)?.word && !unresolved) return true;
  const wrong = unresolved
    ? 'has a ${…} that is not defined; give its value in defines or env'
    : 'has no value';
  return void notes.fault(line, `${row!.name} ${wrong}`);
};

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
};

/** Reads the value of a directive that makes a setting. */
export function readValue(written: Written, reading: Reading): unknown {
  const args = written.row!.args as Exclude<Arguments, 'driver' | 'statement' | 'left'>;
  return READERS[args](written, reading);
}
