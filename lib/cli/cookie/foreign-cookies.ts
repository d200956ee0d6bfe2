import { decodeBase64url } from '../../envelope/base64url.js';
import { decoded } from '../decoded.js';
import { cleanText } from '../printable.js';

/** A cookie that another program has made, or a text of ours that is no cookie of a session. */
export interface ForeignCookie {
  /** What it is. It continues "this is". */
  readonly what: string;
  /** What an operator can do. */
  readonly remedy?: string;
}

interface ForeignRow extends ForeignCookie {
  matches(value: string, name: string): boolean;
}

/** Characters that are looked at: no cookie has more. */
const MAX_VALUE = 8192;
const MIGRATE = (entry: string) =>
  `to take its sessions over, add ${entry} of nestjs-session-crypto/migrate to crypto.accept`;

/** What begins so is nothing of ours. The first row that matches counts. */
const SURE: readonly ForeignRow[] = [
  {
    what: 'a signed cookie of express-session or cookie-parser',
    remedy: MIGRATE('fromExpressSession()'),
    matches: (value) => /^s:[^.]/.test(value),
  },
  {
    what: 'a JSON cookie of cookie-parser',
    matches: (value) => value.startsWith('j:'),
  },
  {
    what: 'a seal of iron-session (Fe26.2)',
    remedy: MIGRATE('fromIronSession()'),
    matches: (value) => value.startsWith('Fe26.2*'),
  },
  {
    what: 'a cookie of @fastify/secure-session',
    remedy: MIGRATE('fromSecureSession()'),
    matches: (value) => /^[A-Za-z0-9+/]{20,}={0,2};[A-Za-z0-9+/]{32}/.test(value),
  },
  {
    what: 'a cookie of Laravel (base64 of JSON with iv and mac)',
    matches: (value) => value.startsWith('eyJpdiI6'),
  },
  {
    what: 'an encrypted JSON Web Token (JWE)',
    matches: (value) => value.startsWith('eyJ') && value.split('.', 6).length === 5,
  },
  {
    what: 'a JSON Web Token (JWT), which is signed and not sealed: whoever has it can read it',
    matches: (value) => value.startsWith('eyJ') && value.split('.', 4).length === 3,
  },
  {
    what: 'the signature of a cookie of cookie-session (Keygrip)',
    remedy: 'pass the whole Cookie header, so that the signed cookie is there too',
    matches: (value, name) => name.endsWith('.sig') && /^[\w-]{27,86}$/.test(value),
  },
  {
    what: 'a cookie of cookie-session (base64 of JSON, which everybody can read)',
    remedy: MIGRATE('fromCookieSession()'),
    matches: (value) => /^(?:eyJ|e30=?)/.test(value) && !value.includes('.'),
  },
  {
    what: 'a cookie of ASP.NET Core (Data Protection)',
    matches: (value) => value.startsWith('CfDJ8'),
  },
  {
    what: 'a session of PHP',
    remedy: 'to share it, use fileStore({ sharedUnsealed }) or phpRedisStore() of nestjs-session-crypto/php',
    matches: (value, name) => /^PHPSESSID$/i.test(name) && /^[A-Za-z0-9,-]{1,256}$/.test(value),
  },
  {
    what: "a readable session of httpd's mod_session_cookie",
    matches: (value) => /^(?:[\w%.-]+=[^&]*&)*expiry=\d/.test(value),
  },
];

/** What may be so, if nothing of ours fits. */
const LIKELY: readonly ForeignRow[] = [
  {
    what: "a session of httpd's mod_session_crypto",
    remedy: 'to share it, set crypto.format: apache({ secrets }) of nestjs-session-crypto/apache',
    matches: isHttpdBlob,
  },
  {
    what: 'a CSRF token of this package, which is no session',
    remedy: 'pass the session cookie',
    matches: (value) => value.length === 64 && isRecent(decodeBase64url(value)),
  },
  {
    what: 'the id of a session (Session.id), which opens nothing',
    remedy: 'pass the id to "session-crypto sessions show", and the cookie to this command',
    matches: (value) => [22, 43].includes(value.length) && decodeBase64url(value) !== undefined,
  },
  {
    what: 'a random id, as PHP and many others have it',
    matches: (value) => /^[A-Za-z0-9,-]{16,64}$/.test(value),
  },
];

/** Returns what a cookie surely is, or `undefined`. */
export const foreignCookie = (value: string, name = ''): ForeignCookie | undefined =>
  found(SURE, value, name);

/** Returns what a cookie may be that is not of our form. */
export const likelyCookie = (value: string, name = ''): ForeignCookie | undefined =>
  found(LIKELY, value, name);

/** A browser sends what encodeURIComponent has written. */
function found(rows: readonly ForeignRow[], value: string, name: string): ForeignCookie | undefined {
  if (value.length > MAX_VALUE) return undefined;
  const plain = decoded(value);
  const row = rows.find((one) => one.matches(plain, name));
  return row && { what: row.what, ...(row.remedy && { remedy: row.remedy }) };
}

/** mac(8) ‖ salt(16) ‖ iv ‖ blocks, in base64. The salt is a UUID of version 4, which shows. */
function isHttpdBlob(value: string): boolean {
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(value)) return false;
  const bytes = Buffer.from(value, 'base64');
  return bytes.length >= 40 && bytes.length % 8 === 0 && bytes[14]! >> 4 === 4 && bytes[16]! >> 6 === 2;
}

/** A CSRF token begins with the second at which it was made. */
const isRecent = (bytes: Buffer | undefined): boolean =>
  bytes?.length === 48 && bytes.readUInt32BE() > 1_700_000_000 && bytes.readUInt32BE() < 2_600_000_000;

/** Returns the name of a cookie for a person. */
export const shownName = (name: string | undefined): string =>
  name === undefined ? 'a value without a name' : cleanText(name, 128);
