import { HTTP_TOKEN } from '../../http/cookie-syntax.js';
import {
  DEFAULT_ATTRIBUTES,
  isAttributeName,
  readAttributes,
  type CookieAttributes,
} from './cookie-attributes.js';
import { quoted } from './diagnostics.js';
import type { CookieSetting } from './model.interface.js';
import type { ValueReader } from './value-reader.interface.js';

/** The blanks of C's isspace, which are fewer than those of `trimStart`. */
const LEADING_BLANKS = /^[ \t\n\v\f\r]+/;

/** Reads a cookie's name and attributes. httpd does not split this line into words, so quotes stay part of the text:
 *  mod_session_cookie.c, set_cookie_name. */
export const readCookie: ValueReader<CookieSetting> = ({ row, args, line }, { diagnostics }) => {
  const name = /^[^ \t]*/.exec(args)![0];
  const text = args.slice(name.length).replace(LEADING_BLANKS, '');
  const fault = nameFault(name);
  const attributes = fault ?? readAttributes(text || DEFAULT_ATTRIBUTES);
  if (typeof attributes === 'string') return void diagnostics.addFault(line, `${row!.name} ${attributes}`);
  const findings = [...nameFindings(name), ...(isSent(row!.name) ? attributeFindings(text, attributes) : [])];
  for (const finding of findings) diagnostics.addFinding(line, `${row!.name}: ${finding}`);
  return { name, attributes, line };
};

/** False for the cookies of Set-Cookie2, which no browser reads. */
const isSent = (directive: string): boolean => !directive.endsWith('2');

function nameFault(name: string): string | undefined {
  if (!name) return 'has no value; write the name of a cookie';
  if (/^["']/.test(name))
    return 'begins with a quote, which httpd makes part of the name; write the name without quotes';
  return HTTP_TOKEN.test(name) && !name.includes('&')
    ? undefined
    : `is ${quoted(name)}; allowed is the name of a cookie: 1 to 128 characters without blanks, quotes and = & ; ,`;
}

const nameFindings = (name: string): string[] =>
  isAttributeName(name)
    ? [
        `the cookie's name is ${quoted(name)}, which is the name of an attribute; if it is meant as one, write the cookie's name in front of it`,
      ]
    : [];

/** Returns how httpd's cookie differs from the one here. `text` holds the attributes as they are written. */
function attributeFindings(text: string, attributes: CookieAttributes): string[] {
  const { httpOnly, secure, path, notCarried } = attributes;
  const lost = [...(httpOnly ? [] : ['HttpOnly']), ...(secure ? [] : ['Secure'])];
  const findings: string[] = [];
  if (path === undefined) findings.push(noPath(text));
  if (lost.length)
    findings.push(
      `these attributes replace httpd's default, so httpd's own cookie goes without ${lost.join(' and ')}; here the cookie has HttpOnly, and Secure on a secure connection; add ;${lost.join(';')} for httpd`,
    );
  for (const piece of notCarried)
    findings.push(`the cookie here is sent without the attribute ${quoted(piece)}; remove it for httpd too`);
  return findings;
}

/** Written attributes replace httpd's default, so the remedy repeats it where there are none. */
const noPath = (text: string): string =>
  `there is no path, so a browser keeps httpd's cookie for the folder of the request, beside the one of this package for /; with two values httpd has no session (AH00011); ${text ? 'add ;path=/' : 'write path=/;HttpOnly;Secure behind the name'} for httpd`;
