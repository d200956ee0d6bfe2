import { COOKIE_DOMAIN, COOKIE_PATH, HTTP_TOKEN } from '../../http/cookie-syntax.js';
import type { SettingValues } from './setting-values.interface.js';
import { say } from './notes.js';
import { oneOf, refuse, type Read } from './reading.js';

/** SESSION_FORBIDDEN_CHARS, ext/session/php_session.h, without those that no token has. */
const FORBIDDEN = /\./;
const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;

export const readName: Read<string> = (entry, notes) => {
  const { text } = entry;
  if (HTTP_TOKEN.test(text) && !NUMBER.test(text) && !FORBIDDEN.test(text)) return text;
  return refuse(
    entry,
    notes,
    "the name of a cookie: letters, digits and !#$%&'*+-^_`|~, not empty and no number (PHP keeps its own name, or never sends the cookie)",
  );
};

export const readPath: Read<string> = (entry, notes) => {
  if (COOKIE_PATH.test(entry.text)) return entry.text;
  if (entry.text !== '')
    return refuse(entry, notes, 'a path that begins with /, without semicolon and control characters');
  notes.finding(
    entry.place,
    `${entry.name} is empty, so PHP sends no path, and browsers take the folder of the page`,
  );
  return '';
};

export const readDomain: Read<string> = (entry, notes) =>
  entry.text === '' || COOKIE_DOMAIN.test(entry.text)
    ? entry.text
    : refuse(entry, notes, 'the name of a domain, without port');

const SAME_SITE = ['strict', 'lax', 'none'] as const;

/** PHP sends any text on; and `None` without quotes is empty for its scanner. */
export const readSameSite: Read<SettingValues['sameSite']> = (entry, notes) => {
  if (entry.word && /^none$/i.test(entry.word))
    return void notes.fault(
      entry.place,
      `${entry.name} is ${entry.word} without quotes, which PHP takes for empty; write ${say(entry.word)}, or nothing`,
    );
  return entry.text === '' ? undefined : oneOf(SAME_SITE, entry, notes);
};
