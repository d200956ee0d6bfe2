import type { PlatformRequest } from './connection.js';
import type { Cookie } from './cookie.js';
import { cookiesOf } from './request-headers.js';
import { isAllowedReferer, type RefererCheck } from './referer.js';

/** Where a request may bring the id of its session. */
export type IdSource = 'cookie' | 'header' | 'query' | 'body';

/** In the order in which they are asked; each counts only where the one before brings nothing. */
export const ID_SOURCES: readonly IdSource[] = ['cookie', 'header', 'query', 'body'];

export interface IdSourceOptions {
  readonly sources: readonly IdSource[];
  /** In lower case. */
  readonly header: string;
  /** Of the query and of form fields. */
  readonly parameter: string;
  readonly referer: RefererCheck | undefined;
}

/** The ids that a request brings, and how the answer tells a new one. */
export interface FoundIds {
  readonly values: readonly string[];
  readonly via: IdSource;
}

const MAX_LENGTH = 4096;
const NO_VALUES: readonly string[] = [];

/** The ids in one source, or the next one's where there are none. Without cookies an id is told in the header, wherever
 *  the old one came from. */
export function findIds(
  options: IdSourceOptions,
  cookie: Cookie,
  request: PlatformRequest,
  body: unknown,
): FoundIds {
  const { sources } = options;
  for (const via of sources) {
    const values = VALUES[via](options, cookie, request, body);
    if (values) return { values, via: via === 'header' || sources.includes('cookie') ? via : 'header' };
  }
  return { values: NO_VALUES, via: sources.includes('cookie') ? 'cookie' : 'header' };
}

type Values = (
  options: IdSourceOptions,
  cookie: Cookie,
  request: PlatformRequest,
  body: unknown,
) => readonly string[] | undefined;

/** One row a source; `undefined` where it is not there. */
const VALUES: Readonly<Record<IdSource, Values>> = {
  cookie(_options, cookie, request) {
    const values = cookie.values(cookiesOf(request));
    return values.length ? values : undefined;
  },
  /** An empty header asks for an id in a header, where there is none yet. */
  header({ header }, _cookie, { headers }) {
    const value = headers[header];
    if (typeof value !== 'string') return undefined;
    return value && value.length <= MAX_LENGTH ? [value] : NO_VALUES;
  },
  query(options, _cookie, request) {
    const [, query] = (request.originalUrl ?? request.url ?? '').split(/[?#]/, 2);
    const value = query && new URLSearchParams(query.slice(0, MAX_QUERY)).get(options.parameter);
    return fromPage(options, request, value);
  },
  body(options, _cookie, request, body) {
    const isForm = FORM.test(request.headers['content-type'] ?? '') && Object(body) === body;
    const field = isForm && Object.hasOwn(body as object, options.parameter);
    return fromPage(options, request, field && (body as Record<string, unknown>)[options.parameter]);
  },
};

const MAX_QUERY = 65_536;
/** What a form is sent as; JSON is no form. */
const FORM = /^(?:application\/x-www-form-urlencoded|multipart\/form-data)\b/i;

/** An id that a page carries can be planted by another site's link or form: it counts only where a page of our own
 *  sent the request, as the browser says, or by its referer. */
function fromPage(
  { referer }: IdSourceOptions,
  { headers }: PlatformRequest,
  value: unknown,
): readonly string[] | undefined {
  if (typeof value !== 'string' || !value || value.length > MAX_LENGTH) return undefined;
  const isOwn =
    headers['sec-fetch-site'] === 'same-origin' ||
    Boolean(referer && headers.referer && isAllowedReferer(referer, headers.referer));
  return isOwn ? [value] : undefined;
}
