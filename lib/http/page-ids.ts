/** Ids that links and forms carry. They are removed from the request before the application runs, so that no handler,
 *  log or page sees them, and are kept on the request for the session. */
import { factsOf, type PlatformRequest } from './connection.js';
import { putHeader } from './request-headers.js';
import { parameterOf, withoutSessionId } from './trans-sid/query-id.js';

/** Keys on a request for the ids that were removed from it, by parameter. */
const QUERY_IDS = Symbol('ids of the query');
const FORM_IDS = Symbol('ids of the form');
type Ids = Map<string, unknown>;
type WithRemovedIds = { [QUERY_IDS]?: Ids; [FORM_IDS]?: Ids };
type Writable = { -readonly [K in keyof PlatformRequest]: PlatformRequest[K] };

/** The content types of forms. A JSON body is not a form and keeps all its members. */
const FORM = /^(?:application\/x-www-form-urlencoded|multipart\/form-data)\b/i;

/** Removes an id from a request's URL, from its Referer, and from the query that a platform has parsed. {@link queryIdOf}
 *  still returns the id. */
export function takeQueryId(request: PlatformRequest & WithRemovedIds, parameter: string): void {
  const id = parameterOf(wholeUrlOf(request), parameter);
  if (id !== undefined) {
    (request[QUERY_IDS] ??= new Map()).set(parameter, id);
    removeFromUrl(request as Writable, parameter);
  }
  const { referer } = request.headers;
  const cleaned = referer && withoutSessionId(referer, parameter);
  if (cleaned !== referer) putHeader(request, 'referer', cleaned!);
}

function removeFromUrl(request: Writable, parameter: string): void {
  const { url, originalUrl } = request;
  if (url !== undefined) request.url = withoutSessionId(url, parameter);
  const path = request.headers[':path']; // an HTTP/2 request has its path among the headers
  if (typeof path === 'string') putHeader(request, ':path', withoutSessionId(path, parameter));
  if (originalUrl !== undefined) request.originalUrl = withoutSessionId(originalUrl, parameter);
  const facts = factsOf(request);
  if (Object.hasOwn(facts, 'query')) delete (facts.query as Record<string, unknown>)[parameter];
}

/** Returns the id that the request's URL carried. */
export const queryIdOf = (request: PlatformRequest & WithRemovedIds, parameter: string): unknown =>
  request[QUERY_IDS]?.get(parameter) ?? parameterOf(wholeUrlOf(request), parameter);

const wholeUrlOf = ({ originalUrl, url }: PlatformRequest): string => originalUrl ?? url ?? '';

/** Removes the id's field from a form that a platform has parsed: a handler that validates its fields does not expect
 *  it. {@link fieldIdOf} still returns the id. */
export function takeFieldId(
  request: PlatformRequest & WithRemovedIds,
  body: unknown,
  parameter: string,
): void {
  if (!isForm(request, body) || !Object.hasOwn(body, parameter)) return;
  (request[FORM_IDS] ??= new Map()).set(parameter, body[parameter]);
  delete body[parameter];
}

/** Returns the id that a form carried. `body` is the body as the platform has parsed it. */
export function fieldIdOf(
  request: PlatformRequest & WithRemovedIds,
  body: unknown,
  parameter: string,
): unknown {
  const removed = request[FORM_IDS]?.get(parameter);
  if (removed !== undefined) return removed;
  return isForm(request, body) && Object.hasOwn(body, parameter) ? body[parameter] : undefined;
}

/** Reports whether a link or form carried an id, whichever page sent it. Correct only after {@link takeQueryId} and
 *  {@link takeFieldId}. */
export const bringsPageId = (request: PlatformRequest & WithRemovedIds, parameter: string): boolean =>
  Boolean(request[QUERY_IDS]?.has(parameter) || request[FORM_IDS]?.has(parameter));

const isForm = ({ headers }: PlatformRequest, body: unknown): body is Record<string, unknown> =>
  FORM.test(headers['content-type'] ?? '') && Object(body) === body;
