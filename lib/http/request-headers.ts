import type { IncomingMessage } from 'node:http';
import { trimBlanks } from './trim-blanks.js';

/** Removes a header from a request: from the raw list and from both parsed forms, so that no handler, proxy or backend
 *  sees it. `name` must be in lower case. */
export function dropHeader(request: IncomingMessage, name: string): void {
  const { headers, rawHeaders } = request;
  if (headers[name] === undefined) return;
  delete headers[name];
  delete distinctHeaders(request)?.[name];
  for (let i = rawHeaders.length - 2; i >= 0; i -= 2)
    if (rawHeaders[i]!.toLowerCase() === name) rawHeaders.splice(i, 2);
}

/** Sets a header on a request and replaces every header that had this name. `name` must be in lower case. */
export function putHeader(request: IncomingMessage, name: string, value: string): void {
  dropHeader(request, name);
  request.headers[name] = value;
  request.rawHeaders.push(name, value);
  const distinct = distinctHeaders(request);
  if (distinct) distinct[name] = [value];
}

/** Returns `headersDistinct`. HTTP/2 requests have none. Node fills it at the first read, from as many raw headers as
 *  the request came with, so this read must come before the raw list changes. */
const distinctHeaders = (request: IncomingMessage): NodeJS.Dict<string[]> | undefined =>
  request.headersDistinct;

/** Returns a Cookie header without the cookies that have one of the names, or `undefined` if none is left. The others
 *  stay as they were written. */
export function withoutCookies(header: string, names: readonly string[]): string | undefined {
  const kept = header.split(';').filter((pair) => !names.includes(nameOfPair(pair)));
  return trimBlanks(kept.join(';')) || undefined;
}

const nameOfPair = (pair: string): string => trimBlanks(pair.split('=', 1)[0]!);

/** Key on a request for its Cookie header as it came, before {@link hideCookies} changed it. */
const ORIGINAL_COOKIES = Symbol('cookies');
type WithOriginalCookies = { [ORIGINAL_COOKIES]?: string | undefined };

/** Returns the Cookie header as it came, also after {@link hideCookies}. */
export const cookiesOf = (request: IncomingMessage): string | undefined =>
  (request as WithOriginalCookies)[ORIGINAL_COOKIES] ?? request.headers.cookie;

/** Removes cookies from a request's headers, so that no handler or backend sees them. {@link cookiesOf} still returns
 *  them. */
export function hideCookies(request: IncomingMessage & WithOriginalCookies, names: readonly string[]): void {
  const cookies = (request[ORIGINAL_COOKIES] ??= request.headers.cookie);
  const left = cookies && withoutCookies(cookies, names);
  if (!left) dropHeader(request, 'cookie');
  else if (left !== cookies) putHeader(request, 'cookie', left);
}
