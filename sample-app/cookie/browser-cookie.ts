import { layoutOf, type TokenPart } from './token-layout.js';

/** A part of the token, with the bytes that a page may show in hexadecimal. */
export interface VisiblePart extends TokenPart {
  readonly beginning: string;
}

/** A session cookie without its secret bytes. */
export interface BrowserCookie {
  readonly name: string;
  /** Characters of the value. */
  readonly length: number;
  /** The meaning of the version byte, or `undefined` if the library did not make the value. */
  readonly says: string | undefined;
  readonly parts: readonly VisiblePart[];
}

const NAMES = new Set(['__Host-sid', 'sid']);

/** Finds the session's cookie in a Cookie header. */
export function findSessionCookie(header = ''): BrowserCookie | undefined {
  for (const pair of header.split(';')) {
    const [name = '', value = ''] = pair.trim().split('=', 2);
    if (NAMES.has(name)) return describe(name, value);
  }
  return undefined;
}

function describe(name: string, value: string): BrowserCookie {
  const token = Buffer.from(value, 'base64url');
  const layout = layoutOf(token);
  let at = 0;
  const parts = (layout?.parts(token.length) ?? []).map((part) => {
    const beginning = token.toString('hex', at, at + part.shown);
    at += part.bytes;
    return { ...part, beginning };
  });
  return { name, length: value.length, says: layout?.says, parts };
}
