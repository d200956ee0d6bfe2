import { headerHint } from '../../crypto/key-hint.js';
import { suiteByVersion, type Suite } from '../../crypto/suites.js';
import { decodeBase64url } from '../../envelope/base64url.js';
import { ENVELOPE_OVERHEAD } from '../../envelope/envelope.js';
import { HEADER_LENGTH } from '../../envelope/envelope-context.js';
import { PREFIX_LENGTH } from '../../envelope/epoch-key.js';
import { REFERENCE_TEXT_LENGTH, REFERENCE_VERSION } from '../../envelope/reference-token.js';
import type { RejectReason } from '../../errors/envelope.error.js';
import { decoded } from '../decoded.js';

/** What is plain in every value that this package has made. */
export interface Header {
  /** Eight hexadecimal digits. */
  readonly hint: string;
  readonly suite?: Suite;
  /** The epoch of a sealed session, 24 hexadecimal digits. */
  readonly epoch?: string;
}

/** A value that has no form of ours. The sentence says why, and the remedy what to do. */
export interface ShapeFault {
  readonly kind: 'fault';
  readonly reason: RejectReason;
  readonly why: string;
  readonly remedy: string;
  /** What its beginning says, as far as there is one. */
  readonly header?: Header | undefined;
}

/** A value by its form. Nothing of it is authentic yet. */
export type CookieShape =
  | { readonly kind: 'envelope'; readonly header: Header; readonly bytes: Buffer }
  | { readonly kind: 'reference'; readonly header: Header }
  | ShapeFault;

const SHORTEST = Math.ceil((ENVELOPE_OVERHEAD * 4) / 3);
const SEALED = `a sealed session has at least ${SHORTEST}`;
const REFERENCE = `a reference to a stored session has ${REFERENCE_TEXT_LENGTH}`;
/** What base64url does not have. */
const OUTSIDE = /[^\w-]/;
const WHOLE = 'copy the whole value, as the browser has it';

/** Returns the form of a value. */
export function shapeOf(text: string): CookieShape {
  if (!text)
    return fault('length', 'the value is empty, as that of a cookie that was cleared', 'log in again');
  const bytes = decodeBase64url(text);
  if (!bytes) return encodingFault(text);
  const [version] = bytes;
  if (version === REFERENCE_VERSION) return referenceShape(text, bytes);
  if (!suiteByVersion.has(version!))
    return fault(
      'version',
      `the first byte is 0x${version!.toString(16).padStart(2, '0')}, and what this package makes begins with 0x11, 0x12, 0x13 or 0x81`,
      'find out which application has set the cookie',
    );
  const header = headerOf(bytes);
  if (bytes.length >= ENVELOPE_OVERHEAD) return { kind: 'envelope', header: header!, bytes };
  return { ...half(SEALED, text), header };
}

function referenceShape(text: string, bytes: Buffer): CookieShape {
  const header = headerOf(bytes);
  if (text.length === REFERENCE_TEXT_LENGTH) return { kind: 'reference', header: header! };
  if (text.length < REFERENCE_TEXT_LENGTH) return { ...half(REFERENCE, text), header };
  const why = `the value has ${text.length} characters, and ${REFERENCE}: something stands behind it`;
  return { ...fault('length', why, WHOLE), header };
}

const half = (expected: string, { length }: string): ShapeFault =>
  fault('length', `this is half a cookie: the value has ${length} characters, and ${expected}`, WHOLE);

function headerOf(bytes: Buffer): Header | undefined {
  const suite = suiteByVersion.get(bytes[0] ?? 0);
  const hint = headerHint(bytes);
  if (hint === undefined || (!suite && bytes[0] !== REFERENCE_VERSION)) return undefined;
  if (!suite || bytes.length < PREFIX_LENGTH) return { hint, ...(suite && { suite }) };
  return { hint, suite, epoch: bytes.toString('hex', HEADER_LENGTH, PREFIX_LENGTH) };
}

/** What may stand in a value that something on the way has written anew, and who does so. */
const DAMAGES: readonly (readonly [(text: string) => boolean, string])[] = [
  [(text) => /%[0-9A-Fa-f]{2}/.test(text), 'percent-encoded characters: something has encoded it'],
  [(text) => /\.\.\.|…/.test(text), 'dots: whoever has shown the value has shortened it'],
  [(text) => /\s/.test(text), 'blanks: something has broken it into lines, or several values stand there'],
  [(text) => /[+/]/.test(text), 'characters of plain base64: something has decoded and encoded it'],
  [(text) => text.endsWith('='), 'padding at the end: something has decoded and encoded it'],
];

/** Characters that hold a header and an epoch. */
const HEAD = 24;

/** Half a cookie need not end where a byte ends. */
function encodingFault(text: string): ShapeFault {
  const head = text.slice(0, HEAD);
  const header = /^[\w-]+$/.test(head) ? headerOf(Buffer.from(head, 'base64url')) : undefined;
  const isShort = header && text.length < (header.suite ? SHORTEST : REFERENCE_TEXT_LENGTH);
  if (isShort && text.search(OUTSIDE) < 0)
    return { ...half(header.suite ? SEALED : REFERENCE, text), header };
  return { ...damageOf(text), header };
}

function damageOf(text: string): ShapeFault {
  const damage = DAMAGES.find(([shows]) => shows(text))?.[1];
  if (damage) return fault('encoding', `the value has ${damage}`, 'copy the value as the browser has it');
  const at = text.search(OUTSIDE);
  if (at < 0)
    return fault(
      'encoding',
      'the value is no canonical base64url: its last character carries bits that nobody writes, as when the end is cut off or changed',
      WHOLE,
    );
  const why = `the value is no base64url: character ${at + 1} of ${text.length} is none of A-Z a-z 0-9 - _`;
  return fault('encoding', why, 'find out which application has set the cookie');
}

const fault = (reason: RejectReason, why: string, remedy: string): ShapeFault => ({
  kind: 'fault',
  reason,
  why,
  remedy,
});

/** Returns the value as it may have been before something on the way wrote it anew; `undefined` if nothing shows. */
export function repaired(text: string): string | undefined {
  const plain = decoded(text).replace(/\s/g, '').replaceAll('+', '-').replaceAll('/', '_');
  const end = plain.indexOf('=');
  const value = end < 0 ? plain : plain.slice(0, end);
  return value !== text && decodeBase64url(value) ? value : undefined;
}
