import { COOKIE_DOMAIN, COOKIE_PATH, HTTP_TOKEN } from '../../http/cookie-syntax.js';
import { quote } from './diagnostics.js';
import type { SettingValues } from './setting-values.interface.js';
import type { Read } from './setting-text.js';

/** PHP forbids the dot in addition to the characters that no token has (SESSION_FORBIDDEN_CHARS,
 *  ext/session/php_session.h). */
const FORBIDDEN = /\./;
/** PHP refuses a name that is a number. */
const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;

/** Reads the name of a cookie. */
export const readName: Read<string> = (setting) =>
  HTTP_TOKEN.test(setting.text) && !FORBIDDEN.test(setting.text) && !NUMBER.test(setting.text)
    ? setting.text
    : setting.refuse({
        inPhp: 'which PHP ignores, or with which it never sends the cookie',
        allowed:
          "the name of a cookie: 1 to 128 letters, digits and characters out of !#$%&'*+-^_`|~, not a number",
        write: `for example ${setting.line('PHPSESSID')}`,
      });

/** Reads the path of a cookie. An empty one is a finding. */
export const readPath: Read<string> = (setting) => {
  if (COOKIE_PATH.test(setting.text)) return setting.text;
  if (setting.text !== '')
    return setting.refuse({
      allowed: 'a path that begins with /, in printable ASCII characters without a semicolon, or nothing',
      write: `for example ${setting.line('/')}`,
    });
  setting.addFinding(
    `is empty, so PHP sends no path, and browsers use the folder of the page; write ${setting.line('/')} for the whole site`,
  );
  return '';
};

/** Reads the domain of a cookie. */
export const readDomain: Read<string> = (setting) =>
  setting.text === '' || COOKIE_DOMAIN.test(setting.text)
    ? setting.text
    : setting.refuse({
        allowed: 'the name of a domain without a port, or nothing',
        write: `for example ${setting.line('shop.example')}`,
      });

const SAME_SITE = ['strict', 'lax', 'none'] as const;

/** Reads SameSite. PHP itself sends any text on, and its scanner makes an empty text of `None` without quotes. */
export const readSameSite: Read<SettingValues['sameSite']> = (setting) => {
  const { text, word } = setting;
  if (word && /^none$/i.test(word))
    return setting.addFault(
      `is ${word} without quotes, which PHP takes for an empty text; allowed: "Strict", "Lax" and "None" in quotes, or nothing; write ${setting.line(quote(word))}`,
    );
  return text === '' ? undefined : setting.oneOf(SAME_SITE, ', or nothing');
};
