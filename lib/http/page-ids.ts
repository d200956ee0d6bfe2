import type { PlatformRequest } from './connection.js';
import { putHeader } from './request-headers.js';
import { parameterOf, withoutSessionId } from './trans-sid/query-id.js';

/** On a request: the ids that were taken out of it, by parameter. */
const QUERY = Symbol('ids of the query');
const FIELDS = Symbol('ids of the form');
type Ids = Map<string, unknown>;
type Taken = { [QUERY]?: Ids; [FIELDS]?: Ids };
type Writable = { -readonly [K in keyof PlatformRequest]: PlatformRequest[K] } & { query?: object };

/** What a form is sent as; JSON is no form. */
const FORM = /^(?:application\/x-www-form-urlencoded|multipart\/form-data)\b/i;

/** Takes an id out of a request's address and Referer, and out of the query that a platform has parsed, so that no
 *  handler, log or page sees it; {@link queryIdOf} still finds it. */
export function takeQueryId(request: PlatformRequest & Taken, parameter: string): void {
  const id = parameterOf(targetOf(request), parameter);
  if (id !== undefined) {
    (request[QUERY] ??= new Map()).set(parameter, id);
    cutTarget(request as Writable, parameter);
  }
  const { referer } = request.headers;
  const cut = referer && withoutSessionId(referer, parameter);
  if (cut !== referer) putHeader(request, 'referer', cut!);
}

function cutTarget(request: Writable, parameter: string): void {
  const { url, originalUrl } = request;
  if (url !== undefined) request.url = withoutSessionId(url, parameter);
  const path = request.headers[':path']; // HTTP/2 has it among the headers
  if (typeof path === 'string') putHeader(request, ':path', withoutSessionId(path, parameter));
  if (originalUrl !== undefined) request.originalUrl = withoutSessionId(originalUrl, parameter);
  if (Object.hasOwn(request, 'query')) delete (request.query as Record<string, unknown>)[parameter];
}

/** The id that a request's address brought. */
export const queryIdOf = (request: PlatformRequest & Taken, parameter: string): unknown =>
  request[QUERY]?.get(parameter) ?? parameterOf(targetOf(request), parameter);

const targetOf = ({ originalUrl, url }: PlatformRequest): string => originalUrl ?? url ?? '';

/** Takes the field of an id out of a form that a platform has parsed: a handler that checks its fields did not ask for
 *  it. {@link fieldIdOf} still finds it. */
export function takeFieldId(request: PlatformRequest & Taken, body: unknown, parameter: string): void {
  if (!isForm(request, body) || !Object.hasOwn(body, parameter)) return;
  (request[FIELDS] ??= new Map()).set(parameter, body[parameter]);
  delete body[parameter];
}

/** The id that a form brought; `body`: as the platform has parsed it. */
export function fieldIdOf(request: PlatformRequest & Taken, body: unknown, parameter: string): unknown {
  const taken = request[FIELDS]?.get(parameter);
  if (taken !== undefined) return taken;
  return isForm(request, body) && Object.hasOwn(body, parameter) ? body[parameter] : undefined;
}

/** Whether an id came in a link or form, from whatever page; asked once both were taken out. */
export const bringsPageId = (request: PlatformRequest & Taken, parameter: string): boolean =>
  Boolean(request[QUERY]?.has(parameter) || request[FIELDS]?.has(parameter));

const isForm = ({ headers }: PlatformRequest, body: unknown): body is Record<string, unknown> =>
  FORM.test(headers['content-type'] ?? '') && Object(body) === body;
