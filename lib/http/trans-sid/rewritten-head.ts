import type { ServerResponse } from 'node:http';
import { headerOf } from '../gate/response-head.js';
import { CDN_HEADERS } from '../gate/shared-caches.js';

/** Charsets in which every byte below 0x40 is the character that ASCII has there, so that a scanner finds tags byte by
 *  byte. */
const CHARSET =
  /^(?:utf-?8|(?:us-)?ascii|iso-?8859-\d{1,2}|latin-?[1-9]|windows-125\d|windows-874|koi8-[ru]|ibm866|macintosh|gbk|gb2312|gb18030|big5|euc-(?:jp|kr)|shift[_-]jis)$/i;

const HTML = /^\s*text\/html\s*(?:;|$)/i;

/** Statuses of responses that have no body or only a part of one. */
const WITHOUT_PAGE: ReadonlySet<number> = new Set([204, 205, 206, 304]);

/** Reports whether a response can be rewritten: it is a whole HTML page, is not compressed, and has no charset that cannot
 *  be read byte by byte. `args` are the arguments of a `writeHead` that is about to run, if any. */
export function rewritesHead(response: ServerResponse, args: readonly unknown[]): boolean {
  const type = headerOf(response, args, 'content-type') ?? '';
  if (!HTML.test(type)) return false;
  const status = typeof args[0] === 'number' ? args[0] : response.statusCode;
  const encoding = headerOf(response, args, 'content-encoding') ?? 'identity';
  const charset = /;\s*charset\s*=\s*"?([^\s";]*)/i.exec(type)?.[1];
  return (
    !WITHOUT_PAGE.has(status) && encoding === 'identity' && (charset === undefined || CHARSET.test(charset))
  );
}

/** The changes to the head of a rewritten page. The page belongs to one visitor, so no cache may store it and no other host
 *  may learn its URL. Its bytes have changed,
 *  so the lengths, digests and validators are wrong. */
export const REWRITTEN_HEAD = {
  headers: { 'cache-control': 'no-store', 'referrer-policy': 'same-origin' },
  removed: [
    ...CDN_HEADERS,
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
