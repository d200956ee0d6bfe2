import { STATUS_CODES, type ServerResponse } from 'node:http';
import { toObject } from './response-head.js';

/** Headers that a browser or a proxy needs to take the error as it is meant. */
const KEPT_HEADER =
  /^(?:access-control-.*|vary|connection|strict-transport-security|x-content-type-options|x-frame-options)$/;

type Head = Pick<
  ServerResponse,
  'getHeaderNames' | 'removeHeader' | 'setHeader' | 'statusCode' | 'statusMessage' | 'req'
>;

/** Makes the head of one clean error: what the application had put into it, or passed to a `writeHead` that was held
 *  (`headArgs`), is taken back, but for {@link KEPT_HEADER}. Gives the body. */
export function cleanError(response: Head, error: unknown, headArgs: readonly unknown[]): string {
  for (const name of response.getHeaderNames()) if (!KEPT_HEADER.test(name)) response.removeHeader(name);
  const passed = headArgs.find((arg) => typeof arg === 'object' && arg !== null);
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

/** The status of an error of ours or of the application's, if it is one of an error. */
function statusOf(error: unknown): number {
  const statusCode = Number((Object(error) as { statusCode?: unknown }).statusCode);
  return Number.isInteger(statusCode) && statusCode >= 400 && statusCode < 600 ? statusCode : 500;
}

function setIfValid(response: Head, name: string, value: string | number | readonly string[]): void {
  try {
    response.setHeader(name, value);
  } catch {
    // the very header may be why this error is sent
  }
}
