/** A Set-Cookie line, taken apart (RFC 6265bis §5.6). */
export interface CookieFacts {
  readonly name: string;
  readonly value: string;
  readonly secure: boolean;
  readonly httpOnly: boolean;
  /** In lower case; empty where it is not said. */
  readonly sameSite: string;
  readonly partitioned: boolean;
  readonly domain: string;
  readonly path: string;
  /** Seconds; 0 until the browser closes. */
  readonly lifetime: number;
}

/** What a browser reads in a Set-Cookie line; `now` is the moment for its Expires. */
export function cookieFacts(line: string, now: Date): CookieFacts {
  const [pair = '', ...rest] = line.split(';');
  const attributes = new Map(
    rest.map((text) => split(text)).map(([name, value]) => [name.toLowerCase(), value]),
  );
  const [name, value] = pair.includes('=') ? split(pair) : ['', pair.trim()];
  return {
    name,
    value,
    secure: attributes.has('secure'),
    httpOnly: attributes.has('httponly'),
    sameSite: (attributes.get('samesite') ?? '').toLowerCase(),
    partitioned: attributes.has('partitioned'),
    domain: attributes.get('domain') ?? '',
    path: attributes.get('path') ?? '',
    lifetime: lifetimeOf(attributes.get('max-age'), attributes.get('expires'), now),
  };
}

function split(text: string): [string, string] {
  const equals = text.indexOf('=');
  return equals < 0 ? [text.trim(), ''] : [text.slice(0, equals).trim(), text.slice(equals + 1).trim()];
}

/** Max-Age goes before Expires. */
function lifetimeOf(maxAge: string | undefined, expires: string | undefined, now: Date): number {
  if (maxAge !== undefined && /^-?\d+$/.test(maxAge)) return Math.max(0, Number(maxAge));
  const end = Date.parse(expires ?? '');
  return Number.isNaN(end) ? 0 : Math.max(0, Math.round((end - now.getTime()) / 1000));
}
