import type { IncomingMessage } from 'node:http';

/** Takes a header out of a request, raw and in both parsed forms, so that no handler, proxy or backend sees it. `name` in lower case. */
export function dropHeader(request: IncomingMessage, name: string): void {
  const { headers, rawHeaders } = request;
  if (headers[name] === undefined) return;
  delete headers[name];
  delete distinctOf(request)?.[name];
  for (let i = rawHeaders.length - 2; i >= 0; i -= 2)
    if (rawHeaders[i]!.toLowerCase() === name) rawHeaders.splice(i, 2);
}

/** Puts a header on a request in the place of whatever had its name. */
export function putHeader(request: IncomingMessage, name: string, value: string): void {
  dropHeader(request, name);
  request.headers[name] = value;
  request.rawHeaders.push(name, value);
  const distinct = distinctOf(request);
  if (distinct) distinct[name] = [value];
}

/** Node makes them when they are first read, of as many raw headers as came: so before those are changed. HTTP/2 has
 *  none. */
const distinctOf = (request: IncomingMessage): NodeJS.Dict<string[]> | undefined => request.headersDistinct;

/** A Cookie header without the cookies of some names; `undefined` where nothing is left. What stays, stays as written. */
export function withoutCookies(header: string, names: readonly string[]): string | undefined {
  const kept = header.split(';').filter((pair) => !names.includes(nameOfPair(pair)));
  return withoutBlanks(kept.join(';')) || undefined;
}

const nameOfPair = (pair: string): string => withoutBlanks(pair.split('=', 1)[0]!);

/** Only blanks and tabs go (RFC 6265bis §5.6): `trim()` would make `\xa0sid` a cookie of ours. */
const withoutBlanks = (text: string): string => text.replace(/^[ \t]+|[ \t]+$/g, '');

/** On a request: its Cookie header before ours was taken out. */
const HIDDEN = Symbol('cookies');
type Hidden = { [HIDDEN]?: string | undefined };

/** The Cookie header as it came. */
export const cookiesOf = (request: IncomingMessage): string | undefined =>
  (request as Hidden)[HIDDEN] ?? request.headers.cookie;

/** Takes cookies out of a request's headers; {@link cookiesOf} still finds them. */
export function hideCookies(request: IncomingMessage & Hidden, names: readonly string[]): void {
  const cookies = (request[HIDDEN] ??= request.headers.cookie);
  const left = cookies && withoutCookies(cookies, names);
  if (!left) dropHeader(request, 'cookie');
  else if (left !== cookies) putHeader(request, 'cookie', left);
}
