import { unsupported } from './find-manager.js';

/** A response of a test: of supertest, of `fetch`, of Fastify's `inject`, or of Playwright's `request`. Or its Set-Cookie
 *  lines. */
export type TestedResponse = object | readonly string[];

/** What a response says of the session. */
export interface ResponseFacts {
  /** The Set-Cookie lines. */
  readonly lines: readonly string[];
  /** The request's Cookie header, if the response knows it. */
  readonly cookie: string | undefined;
  /** The request's address, if the response knows it. */
  readonly url: string | undefined;
}

/** The members by which the kinds of response are told apart. */
interface AnyResponse {
  /** fetch, and supertest or inject. */
  readonly headers?: { getSetCookie?(): string[]; get?(name: string): unknown } & Readonly<
    Record<string, unknown>
  >;
  /** Playwright. */
  headersArray?(): readonly { readonly name: string; readonly value: string }[];
  readonly url?: string | (() => string);
  /** inject. */
  readonly raw?: {
    readonly req?: { readonly url?: string; readonly headers?: { readonly cookie?: string } };
  };
  /** supertest. */
  readonly request?: { readonly url?: unknown };
  readonly req?: { getHeader?(name: string): unknown };
}

/** Reads a response. Throws a SessionStateError if it is none. */
export function responseFacts(response: TestedResponse): ResponseFacts {
  if (Array.isArray(response)) return { lines: response as string[], cookie: undefined, url: undefined };
  const any = (response ?? {}) as AnyResponse;
  return { lines: linesOf(any), cookie: cookieOf(any), url: addressIn(any) };
}

function linesOf(response: AnyResponse): readonly string[] {
  if (typeof response.headersArray === 'function')
    return response
      .headersArray()
      .filter(({ name }) => /^set-cookie$/i.test(name))
      .map(({ value }) => value);
  const { headers } = response;
  if (!headers || typeof headers !== 'object')
    throw unsupported(
      'This is no response: pass that of supertest, fetch or inject, or its Set-Cookie lines',
    );
  if (typeof headers.getSetCookie === 'function') return headers.getSetCookie();
  const lines = headers['set-cookie'];
  if (Array.isArray(lines)) return lines as string[];
  if (typeof lines === 'string') return [lines];
  if (typeof headers.get === 'function' && headers.get('set-cookie')) throw unsupported(JOINED);
  return [];
}

const JOINED =
  'These headers join the Set-Cookie lines and have no getSetCookie(): pass the lines in place of the response';

function cookieOf({ raw, req }: AnyResponse): string | undefined {
  const sent = raw?.req?.headers?.cookie ?? req?.getHeader?.('cookie');
  return typeof sent === 'string' ? sent : undefined;
}

function addressIn(response: AnyResponse): string | undefined {
  const { raw, request, url } = response;
  const known = raw?.req?.url ?? request?.url ?? (typeof url === 'function' ? url.call(response) : url);
  return typeof known === 'string' && known !== '' ? known : undefined;
}
