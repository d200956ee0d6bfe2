import type { IncomingMessage } from 'node:http';

/** Takes a header out of a request, raw and parsed, so that no handler, proxy or backend sees it. `name` in lower case. */
export function dropHeader(request: IncomingMessage, name: string): void {
  const { headers, rawHeaders } = request;
  if (headers[name] === undefined) return;
  delete headers[name];
  for (let i = rawHeaders.length - 2; i >= 0; i -= 2)
    if (rawHeaders[i]!.toLowerCase() === name) rawHeaders.splice(i, 2);
}

/** Puts a header on a request in the place of whatever had its name. */
export function putHeader(request: IncomingMessage, name: string, value: string): void {
  dropHeader(request, name);
  request.headers[name] = value;
  request.rawHeaders.push(name, value);
}

/** A Cookie header without the cookies of some names; `undefined` where nothing is left. What stays, stays as written. */
export function withoutCookies(header: string, names: readonly string[]): string | undefined {
  const kept = header.split(';').filter((pair) => !names.includes(nameOfPair(pair)));
  return kept.join(';').trim() || undefined;
}

/** Only blanks and tabs go (RFC 6265bis §5.6). */
const nameOfPair = (pair: string): string => pair.split('=', 1)[0]!.replace(/^[ \t]+|[ \t]+$/g, '');
