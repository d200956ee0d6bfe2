/** The parts of a Set-Cookie line (RFC 6265bis §5.6). */
export interface CookieFacts {
  readonly name: string;
  readonly value: string;
  readonly secure: boolean;
  readonly httpOnly: boolean;
  /** In lower case; empty without the attribute. */
  readonly sameSite: string;
  readonly partitioned: boolean;
  readonly domain: string;
  readonly path: string;
  /** Seconds; 0 means until the browser closes. */
  readonly lifetime: number;
}

/** Reads a Set-Cookie line as a browser does. `now` is the moment that its Expires is compared with. */
export function cookieFacts(line: string, now: Date): CookieFacts {
  const [pair = '', ...rest] = line.split(';');
  const attributes = new Map(
    rest.map((text) => splitPair(text)).map(([name, value]) => [name.toLowerCase(), value]),
  );
  const [name, value] = pair.includes('=') ? splitPair(pair) : ['', pair.trim()];
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

function splitPair(text: string): [string, string] {
  const equals = text.indexOf('=');
  return equals < 0 ? [text.trim(), ''] : [text.slice(0, equals).trim(), text.slice(equals + 1).trim()];
}

/** Max-Age takes precedence over Expires (RFC 6265bis §5.6). */
function lifetimeOf(maxAge: string | undefined, expires: string | undefined, now: Date): number {
  if (maxAge !== undefined && /^-?\d+$/.test(maxAge)) return Math.max(0, Number(maxAge));
  const end = Date.parse(expires ?? '');
  return Number.isNaN(end) ? 0 : Math.max(0, Math.round((end - now.getTime()) / 1000));
}
