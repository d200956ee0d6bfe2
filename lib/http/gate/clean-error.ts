import { STATUS_CODES, type ServerResponse } from 'node:http';
import { headersAmong, toObject, type HeaderValue } from './call-arguments.js';
import type { Gated, Originals } from './gated-response.js';
import { readUnpatched } from './held-head.js';
import { addIfValid, type HeadAdditions } from './response-head.js';

/** Headers without which a browser or proxy would misread the error: CORS, Vary, connection handling and the security
 *  headers that hold for the whole site. */
const KEPT_HEADER =
  /^(?:access-control-.*|vary|connection|strict-transport-security|x-content-type-options|x-frame-options)$/;

/** Sends one clean JSON error with the methods `original`, instead of what the application has prepared. Does nothing if
 *  somebody has bypassed the gate and sent a head. Never throws: nobody would catch it, and the process would end.
 *  `headArgs` are the arguments of a `writeHead` that was held. `additions` come into the head of the error, too. */
export function sendCleanError(
  response: Gated,
  original: Originals,
  error: unknown,
  headArgs: readonly unknown[],
  additions?: HeadAdditions,
): void {
  if (readUnpatched(response, 'headersSent')) return;
  try {
    const body = cleanError(response, error, headArgs);
    if (additions) addIfValid(response, additions);
    original.writeHead.call(response, response.statusCode);
    original.end.apply(response, response.req?.method === 'HEAD' ? [] : [body]);
  } catch (failure) {
    response.destroy(failure as Error);
  }
}

type Head = Pick<
  ServerResponse,
  'getHeaderNames' | 'removeHeader' | 'setHeader' | 'statusCode' | 'statusMessage' | 'req'
>;

/** Turns the head of a response into that of the error and returns the body. Removes all headers that the application has
 *  set or passed, except {@link KEPT_HEADER}. */
function cleanError(response: Head, error: unknown, headArgs: readonly unknown[]): string {
  for (const name of response.getHeaderNames()) if (!KEPT_HEADER.test(name)) response.removeHeader(name);
  const passed = headersAmong(headArgs);
  for (const [name, value] of Object.entries(passed ? toObject(passed) : {}))
    if (KEPT_HEADER.test(name.toLowerCase())) setIfValid(response, name, value);
  const statusCode = statusOf(error);
  const body = JSON.stringify({ statusCode, message: STATUS_CODES[statusCode] });
  response.statusCode = statusCode;
  if (response.req?.httpVersionMajor === 1) response.statusMessage = STATUS_CODES[statusCode]!;
  response.setHeader('content-type', 'application/json; charset=utf-8');
  response.setHeader('content-length', Buffer.byteLength(body));
  response.setHeader('cache-control', 'no-store');
  return body;
}

/** Returns the error's `statusCode` if it is one of an error, else 500. */
function statusOf(error: unknown): number {
  const statusCode = Number((Object(error) as { statusCode?: unknown }).statusCode);
  return Number.isInteger(statusCode) && statusCode >= 400 && statusCode < 600 ? statusCode : 500;
}

function setIfValid(response: Head, name: string, value: HeaderValue): void {
  try {
    response.setHeader(name, value);
  } catch {
    // this invalid header may be the reason for the error
  }
}
