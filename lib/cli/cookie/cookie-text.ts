import { HTTP_TOKEN } from '../../http/cookie-syntax.js';
import { trimBlanks } from '../../http/trim-blanks.js';
import { CommandError } from '../command.error.js';
import { EXIT } from '../exit-codes.js';

/** One cookie, as somebody has pasted it. */
export interface PastedCookie {
  /** Absent for a value alone. */
  readonly name: string | undefined;
  readonly value: string;
  /** The attributes of a Set-Cookie line, in lower case; absent elsewhere. */
  readonly attributes?: readonly string[];
}

/** Cookies that are looked at, at most. */
const MAX_COOKIES = 200;
/** A header line as clients print it: `Cookie: a=b`, curl's `> cookie: a=b`. */
const HEADER = /^[<>*]?[ \t]*(set-)?cookie2?[ \t]*:/i;
const PAIR = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,128}=[^=]/;

/** Reads a Cookie header, Set-Cookie lines, a whole response head, or a value alone. A head has lines of other headers too, which
 *  do not count. Throws a CommandError for more cookies than any request has. */
export function readCookies(text: string): PastedCookie[] {
  const lines = text
    .split(/[\r\n]+/, MAX_COOKIES * 10)
    .map(trimBlanks)
    .filter(Boolean);
  const headers = lines.filter((line) => HEADER.test(line));
  const cookies = (headers.length ? headers : wholeLines(lines)).flatMap(cookiesOf);
  if (cookies.length <= MAX_COOKIES) return cookies;
  throw new CommandError(
    EXIT.data,
    `standard input has more than ${MAX_COOKIES} cookies, which no request has; pass one Cookie header`,
  );
}

/** A terminal or a mail may have broken a value into lines. Lines that all have a name are cookies of their own. */
const wholeLines = (lines: readonly string[]): readonly string[] =>
  lines.every((line) => PAIR.test(line)) ? lines : [lines.join('')];

function cookiesOf(line: string): PastedCookie[] {
  const head = HEADER.exec(line);
  const body = trimBlanks(line.slice(head?.[0].length ?? 0));
  const parts = body.split(';').map(trimBlanks).filter(Boolean);
  if (head?.[1] || isSetCookie(parts)) {
    const [pair = '', ...attributes] = parts;
    return [{ ...pairOf(pair), attributes: attributes.map((one) => one.toLowerCase()) }];
  }
  return parts.map(pairOf);
}

/** A Set-Cookie line without its name has attributes that no cookie would be named after. */
const isSetCookie = ([, ...others]: readonly string[]): boolean =>
  others.some((one) => /^(?:path=\/|httponly$|secure$|samesite=(?:lax|strict|none)$)/i.test(one));

function pairOf(pair: string): PastedCookie {
  const at = pair.indexOf('=');
  const name = trimBlanks(pair.slice(0, Math.max(0, at)));
  const value = trimBlanks(pair.slice(at + 1));
  if (!HTTP_TOKEN.test(name) || isPadded(pair, at)) return { name: undefined, value: withoutQuotes(pair) };
  return { name, value: withoutQuotes(value) };
}

/** A value alone may end with the padding of base64. A name is shorter. */
const isPadded = (pair: string, at: number): boolean => at > 40 && at >= pair.length - 2;

/** Double quotes may stand around a value (RFC 6265 §4.1.1). */
const withoutQuotes = (value: string): string =>
  value.length > 1 && value.startsWith('"') && value.endsWith('"') ? value.slice(1, -1) : value;
