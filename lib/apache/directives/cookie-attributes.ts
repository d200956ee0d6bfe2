import { nearestName } from '../../options/nearest-name.js';

/** What follows the cookie's name in `SessionCookieName` and its like. */
export interface CookieAttributes {
  /** As httpd sends it. */
  readonly text: string;
  readonly httpOnly?: true;
  readonly secure?: true;
  readonly sameSite?: 'lax' | 'strict' | 'none';
  readonly path?: string;
  readonly domain?: string;
  readonly version?: string;
  /** Seconds. */
  readonly maxAge?: number;
  readonly expires?: string;
  /** Attributes that are none of these, as they are written. */
  readonly other: readonly string[];
}

/** What httpd sends when nothing follows the name. */
export const DEFAULT_ATTRIBUTES = 'HttpOnly;Secure;Version=1';

type Mutable = { -readonly [K in keyof CookieAttributes]: CookieAttributes[K] } & { other: string[] };
/** Takes one attribute's value, or says what is wrong with it. */
type Take = (value: string, into: Mutable) => string | void;

const OTHERS = ['Partitioned', 'Priority', 'Comment', 'CommentURL', 'Discard', 'Port'];
const TAKES: Readonly<Record<string, Take>> = {
  HttpOnly: (_, into) => void (into.httpOnly = true),
  Secure: (_, into) => void (into.secure = true),
  SameSite: (value, into) => {
    const mode = ['lax', 'strict', 'none'].find((one) => one === value.toLowerCase());
    if (!mode) return 'has an unknown SameSite; allowed are Lax, Strict and None';
    into.sameSite = mode as CookieAttributes['sameSite'];
  },
  Path: (value, into) => {
    if (!value.startsWith('/')) return 'has a Path that does not begin with /; browsers would not use it';
    into.path = value;
  },
  Domain: (value, into) => {
    if (!value) return 'has an empty Domain; leave it away for this host only';
    into.domain = value;
  },
  Version: (value, into) => void (into.version = value),
  'Max-Age': (value, into) => {
    if (!/^-?\d{1,10}$/.test(value)) return 'has a Max-Age that is no whole number of seconds';
    into.maxAge = Number(value);
  },
  Expires: (value, into) => void (into.expires = value),
};
const NAMES = Object.keys(TAKES);

/** Reads the attributes, or says what is wrong with them. */
export function readAttributes(text: string): CookieAttributes | string {
  if (/^["']/.test(text))
    return 'has attributes in quotes, which httpd would send as they are; take them away';
  const into: Mutable = { text, other: [] };
  for (const piece of text.split(';').map((one) => one.trim())) {
    const fault = piece && readAttribute(piece, into);
    if (fault) return fault;
  }
  return Object.freeze(into);
}

function readAttribute(piece: string, into: Mutable): string | void {
  const equals = (piece + '=').indexOf('=');
  const written = piece.slice(0, equals).trim();
  const value = piece.slice(equals + 1).trim();
  const name = NAMES.find((one) => one.toLowerCase() === written.toLowerCase());
  const isOneWord = name !== undefined && name !== 'Expires';
  if (/\s/.test(written) || (isOneWord && /\s/.test(value)))
    return 'has a blank inside an attribute; attributes are separated by ;';
  if (name) return TAKES[name]!(value, into);
  const near = nearestName(written.slice(0, 20), [...NAMES, ...OTHERS]);
  if (near && !OTHERS.includes(near)) return `has an unknown attribute; is ${near} meant?`;
  into.other.push(piece);
}
