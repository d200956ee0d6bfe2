/** Attributes of a cookie, checked and complete. */
export interface CookieAttributes {
  readonly domain: string | undefined;
  readonly path: string;
  readonly httpOnly: boolean;
  readonly sameSite: 'strict' | 'lax' | 'none';
  readonly partitioned: boolean;
  readonly priority: 'low' | 'medium' | 'high' | undefined;
  /** Seconds the browser keeps it; 0: until the browser closes. */
  readonly lifetime: number;
}

/** A cookie under its effective name: how it is set, cleared and found. */
export class Cookie {
  private readonly scope: string;
  private readonly kept: string;

  constructor(
    readonly name: string,
    readonly secure: boolean,
    attributes: CookieAttributes,
  ) {
    this.scope = scopeOf(attributes, secure);
    this.kept = attributes.lifetime ? `; Max-Age=${attributes.lifetime}` : '';
  }

  /** A Set-Cookie line (RFC 6265bis §4.1). `value` is base64url, so nothing needs quoting. */
  set(value: string): string {
    return `${this.name}=${value}${this.kept}${this.scope}`;
  }

  /** The line that makes a browser forget the cookie: same name, domain, path and partition. */
  clear(): string {
    return `${this.name}=; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT${this.scope}`;
  }

  /** The values of all cookies with exactly this name in a Cookie header, in order. */
  values(header: string | undefined): string[] {
    const values: string[] = [];
    if (!header?.includes(this.name)) return values;
    for (const pair of header.split(';')) {
      const equals = pair.indexOf('=');
      if (equals > 0 && trimmed(pair.slice(0, equals)) === this.name)
        values.push(trimmed(pair.slice(equals + 1)));
    }
    return values;
  }
}

/** Only blanks and tabs go (RFC 6265bis §5.6): `trim()` would make `\xa0__Host-sid` our cookie. */
const trimmed = (text: string): string => text.replace(/^[ \t]+|[ \t]+$/g, '');

const SAME_SITE = { strict: 'Strict', lax: 'Lax', none: 'None' };
const PRIORITY = { low: 'Low', medium: 'Medium', high: 'High' };

function scopeOf(
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

/** The name that a Set-Cookie line sets. */
export const nameOfLine = (line: string): string => line.slice(0, Math.max(0, line.indexOf('='))).trim();
