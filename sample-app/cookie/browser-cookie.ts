import { layoutOf, type TokenPart } from './token-layout.js';

/** A part as a page may show it: its first bytes in hexadecimal, if any may be seen at all. */
export interface VisiblePart extends TokenPart {
  readonly beginning: string;
}

/** A session cookie without what makes it worth stealing. */
export interface BrowserCookie {
  readonly name: string;
  /** Characters of the value. */
  readonly length: number;
  /** What the version byte means; `undefined` where the value is not one of ours. */
  readonly says: string | undefined;
  readonly parts: readonly VisiblePart[];
}

const NAMES = new Set(['__Host-sid', 'sid']);

/** The session's cookie among those of a request. */
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
