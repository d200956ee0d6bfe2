import type { ServerResponse } from 'node:http';
import { headerOf } from '../gate/response-head.js';

/** Charsets in which every byte below 0x40 is the sign that ASCII has there, so that tags are found byte by byte. */
const CHARSET =
  /^(?:utf-?8|(?:us-)?ascii|iso-?8859-\d{1,2}|latin-?[1-9]|windows-125\d|windows-874|koi8-[ru]|ibm866|macintosh|gbk|gb2312|gb18030|big5|euc-(?:jp|kr)|shift[_-]jis)$/i;

const HTML = /^\s*text\/html\s*(?:;|$)/i;

/** Statuses without a body, or with a part of one. */
const PARTIAL: ReadonlySet<number> = new Set([204, 205, 206, 304]);

/** Whether an answer is a whole page in HTML, neither compressed nor in a charset that can't be read byte by byte. `args`
 *  are those of a `writeHead` that is about to run, if any. */
export function rewritesHead(response: ServerResponse, args: readonly unknown[]): boolean {
  const type = headerOf(response, args, 'content-type') ?? '';
  if (!HTML.test(type)) return false;
  const status = typeof args[0] === 'number' ? args[0] : response.statusCode;
  const encoding = headerOf(response, args, 'content-encoding') ?? 'identity';
  const charset = /;\s*charset\s*=\s*"?([^\s";]*)/i.exec(type)?.[1];
  return !PARTIAL.has(status) && encoding === 'identity' && (charset === undefined || CHARSET.test(charset));
}

/** What the head of a rewritten page says, and no more says: its bytes are others now, and it is somebody's own; the
 *  first four count more than Cache-Control to those whom they are for (RFC 9213). */
export const REWRITTEN_HEAD = {
  headers: { 'cache-control': 'no-store', 'referrer-policy': 'same-origin' },
  removed: [
    'cdn-cache-control',
    'cloudflare-cdn-cache-control',
    'surrogate-control',
    'x-accel-expires',
    'content-length',
    'etag',
    'last-modified',
    'accept-ranges',
    'content-md5',
    'digest',
    'content-digest',
    'repr-digest',
  ],
} as const;
