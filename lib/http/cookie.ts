import { COOKIE_PREFIX } from './cookie-syntax.js';
import { trimBlanks } from './trim-blanks.js';

/** The attributes of a cookie (RFC 6265bis §4.1.2): complete and checked against one another. */
export interface CookieAttributes {
  /** `undefined`: the cookie goes only to the host that set it. */
  readonly domain: string | undefined;
  readonly path: string;
  readonly httpOnly: boolean;
  readonly sameSite: 'strict' | 'lax' | 'none';
  /** Asks for CHIPS: one cookie jar for each top-level site. Only a secure cookie gets the attribute. */
  readonly partitioned: boolean;
  readonly priority: 'low' | 'medium' | 'high' | undefined;
  /** Seconds that the browser keeps the cookie; 0: until the browser closes. */
  readonly lifetime: number;
}

/** The attributes that do not decide which cookie it is, so that each session may have its own. */
export type OwnAttributes = Partial<Pick<CookieAttributes, 'httpOnly' | 'sameSite' | 'priority'>>;

/** What a handler may know of the cookie. */
export type CookieFacts = Pick<Cookie, 'secure' | 'facts'>;

/** What a browser tells cookies of one name apart by (RFC 6265bis §5.7, and CHIPS for partitions). */
export type CookiePlace = Pick<CookieAttributes, 'domain' | 'path' | 'partitioned'>;

/** A cookie under its final name, prefix included. It writes the Set-Cookie lines and reads the values that a request
 *  carries. */
export class Cookie {
  /** Everything after the value and Max-Age. A line that clears the cookie must repeat it. */
  private readonly attributes: string;
  private readonly maxAge: string;
  /** Where the cookie stands in a browser. */
  readonly place: CookiePlace;

  constructor(
    readonly name: string,
    readonly secure: boolean,
    private readonly given: CookieAttributes,
  ) {
    const { domain, path, partitioned } = given;
    this.place = {
      domain: domain?.toLowerCase().replace(/^\./, ''),
      path,
      partitioned: partitioned && secure,
    };
    this.attributes = attributeText(given, secure);
    this.maxAge = given.lifetime ? `; Max-Age=${given.lifetime}` : '';
  }

  /** Returns a Set-Cookie line (RFC 6265bis §4.1). `value` must be base64url or otherwise need no quotes. */
  set(value: string): string {
    return `${this.name}=${value}${this.maxAge}${this.attributes}`;
  }

  /** Returns a Set-Cookie line with another lifetime, in whole seconds; `undefined`: until the browser closes. */
  setFor(lifetime: number | undefined, value: string): string {
    const maxAge = lifetime === undefined ? '' : `; Max-Age=${lifetime}`;
    return `${this.name}=${value}${maxAge}${this.attributes}`;
  }

  /** Returns the same cookie with some attributes in place of those that were configured. */
  with(own: OwnAttributes): Cookie {
    const given = { ...this.given, ...own };
    return new Cookie(this.name, this.secure, this.secure ? given : plainAttributes(given));
  }

  /** Returns the Set-Cookie line that makes a browser delete the cookie: it has the same name, domain, path and
   *  partition, and a date in the past. */
  clear(): string {
    return `${this.name}=; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT${this.attributes}`;
  }

  /** Seconds that a browser keeps the cookie after it was sent; 0: until the browser closes. */
  get lifetime(): number {
    return this.given.lifetime;
  }

  /** The attributes that were configured. */
  get facts(): CookieAttributes {
    return this.given;
  }

  /** True if browsers accept the name only without Domain and with Path=/ (RFC 6265bis §4.1.3). */
  get isHostOnly(): boolean {
    return COOKIE_PREFIX.exec(this.name)?.[0].toLowerCase().includes('host-') === true;
  }

  /** Returns the Set-Cookie line that makes a browser delete a cookie of this name at another place. */
  clearAt(place: CookiePlace): string {
    const attributes = attributeText({ ...this.given, ...place, priority: undefined }, this.secure);
    return `${this.name}=; Max-Age=0${attributes}`;
  }

  /** Returns the values of all cookies with exactly this name in a Cookie header, in the order of the header. A browser
   *  may send several: one for each path or domain that set the name. */
  values(header: string | undefined): string[] {
    const values: string[] = [];
    if (!header) return values;
    let equals = header.indexOf('=');
    for (let start = 0; equals >= 0 && start < header.length;) {
      const end = endOfPair(header, start);
      if (equals < start) equals = header.indexOf('=', start);
      if (equals > start && equals < end && trimBlanks(header.slice(start, equals)) === this.name)
        values.push(withoutQuotes(trimBlanks(header.slice(equals + 1, end))));
      start = end + 1;
    }
    return values;
  }
}

/** Returns the index behind the pair that begins at `start`. */
function endOfPair(header: string, start: number): number {
  const semicolon = header.indexOf(';', start);
  return semicolon < 0 ? header.length : semicolon;
}

/** Returns the value between double quotes, which RFC 6265 §4.1.1 allows around a value. */
const withoutQuotes = (value: string): string =>
  value.length > 1 && value.startsWith('"') && value.endsWith('"') ? value.slice(1, -1) : value;

/** Returns the attributes of a plain cookie. Browsers drop SameSite=None and Partitioned without Secure. */
export const plainAttributes = (attributes: CookieAttributes): CookieAttributes => ({
  ...attributes,
  sameSite: attributes.sameSite === 'none' ? 'lax' : attributes.sameSite,
  partitioned: false,
});

const SAME_SITE = { strict: 'Strict', lax: 'Lax', none: 'None' };
const PRIORITY = { low: 'Low', medium: 'Medium', high: 'High' };

function attributeText(
  { domain, path, httpOnly, sameSite, partitioned, priority }: CookieAttributes,
  secure: boolean,
): string {
  return [
    domain && `Domain=${domain}`,
    `Path=${path}`,
    secure && 'Secure',
    httpOnly && 'HttpOnly',
    `SameSite=${SAME_SITE[sameSite]}`,
    partitioned && secure && 'Partitioned',
    priority && `Priority=${PRIORITY[priority]}`,
  ]
    .filter(Boolean)
    .map((attribute) => `; ${attribute as string}`)
    .join('');
}

/** Returns the name of the cookie that a Set-Cookie line sets; the empty string if the line has no `=`. */
export const nameOfLine = (line: string): string => line.slice(0, Math.max(0, line.indexOf('='))).trim();
