import { nearestName } from '../../errors/nearest-name.js';

/** The attributes after the cookie's name in `SessionCookieName` and its variants. */
export interface CookieAttributes {
  /** The attributes as httpd sends them. */
  readonly text: string;
  readonly httpOnly?: true;
  readonly secure?: true;
  readonly sameSite?: 'lax' | 'strict' | 'none';
  readonly path?: string;
  readonly domain?: string;
  readonly partitioned?: true;
  readonly priority?: 'low' | 'medium' | 'high';
  /** Seconds. */
  readonly maxAge?: number;
  /** The attributes that no option of the cookie expresses, as they are written. */
  readonly notCarried: readonly string[];
}

/** The attributes that httpd sends if the directive has none. */
export const DEFAULT_ATTRIBUTES = 'HttpOnly;Secure;Version=1';

type Mutable = { -readonly [K in keyof CookieAttributes]: CookieAttributes[K] } & {
  notCarried: string[];
};

/** Sets one attribute, or returns what is wrong with its value. */
type Setter = (value: string, into: Mutable) => string | void;

/** The attributes that this package reads, by their usual spelling. Their case does not matter. */
const SETTERS: Readonly<Record<string, Setter>> = {
  HttpOnly: (_, into) => void (into.httpOnly = true),
  Secure: (_, into) => void (into.secure = true),
  SameSite: (value, into) => {
    const mode = (['lax', 'strict', 'none'] as const).find((one) => one === value.toLowerCase());
    if (!mode) return 'has an unknown SameSite; allowed are Lax, Strict and None';
    into.sameSite = mode;
  },
  Partitioned: (_, into) => void (into.partitioned = true),
  Priority: (value, into) => {
    const priority = (['low', 'medium', 'high'] as const).find((one) => one === value.toLowerCase());
    if (!priority) return 'has an unknown Priority; allowed are Low, Medium and High';
    into.priority = priority;
  },
  Path: (value, into) => {
    if (!value.startsWith('/'))
      return 'has a Path that does not begin with /, which browsers ignore; write Path=/';
    into.path = value;
  },
  Domain: (value, into) => {
    if (!value) return 'has an empty Domain; remove it to limit the cookie to this host';
    into.domain = value;
  },
  Version: () => {}, // of RFC 2109; no browser reads it
  'Max-Age': (value, into) => {
    if (!/^-?\d{1,10}$/.test(value))
      return 'has a Max-Age that is no whole number of seconds; write Max-Age=3600 for an hour';
    if (Number(value) <= 0)
      return `has Max-Age=${value}, by which browsers delete the cookie at once; remove it, or write Max-Age=3600 for an hour`;
    into.maxAge = Number(value);
  },
};
const NAMES = Object.keys(SETTERS);

/** Attributes that are known, but that no option of the cookie expresses. */
const OTHERS = ['Expires', 'Comment', 'CommentURL', 'Discard', 'Port'];

/** True for a cookie name that is the name of an attribute, in any case of letters. */
export const isAttributeName = (name: string): boolean =>
  [...NAMES, ...OTHERS].some((one) => one.toLowerCase() === name.toLowerCase());

/** The characters that httpd sends in no header. */
const CONTROL = /[^\t\x20-\x7e\x80-\uffff]/;

/** Reads the attributes. Returns a message if one is wrong; the message continues the directive's name. */
export function readAttributes(text: string): CookieAttributes | string {
  if (/^["']/.test(text))
    return 'has its attributes in quotes, which httpd would send as they are; remove the quotes';
  if (CONTROL.test(text))
    return 'has a control character, with which httpd answers every request by an error; remove it';
  const into: Mutable = { text, notCarried: [] };
  for (const piece of text.split(';').map((one) => one.trim())) {
    const fault = piece && readAttribute(piece, into);
    if (fault) return fault;
  }
  return Object.freeze(into);
}

/** Reads one attribute, `name` or `name=value`. Returns a message if it is wrong. */
function readAttribute(piece: string, into: Mutable): string | void {
  const equals = (piece + '=').indexOf('=');
  const written = piece.slice(0, equals).trim();
  const value = piece.slice(equals + 1).trim();
  const name = NAMES.find((one) => one.toLowerCase() === written.toLowerCase());
  if (/\s/.test(written) || (name && /\s/.test(value)))
    return 'has a blank inside an attribute; separate the attributes by ;';
  if (name) return SETTERS[name]!(value, into);
  const near = nearestName(written.slice(0, 20), [...NAMES, ...OTHERS]);
  if (near && !OTHERS.includes(near)) return `has an unknown attribute; is ${near} meant?`;
  into.notCarried.push(piece);
}
