import type { PlatformRequest } from './connection.js';
import type { Cookie } from './cookie.js';
import { cookiesOf } from './request-headers.js';
import { fieldIdOf, queryIdOf } from './page-ids.js';
import { isAllowedReferer, type RefererCheck } from './referer.js';
import type { TransSidRules } from './trans-sid/page-id.interface.js';

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
  /** Puts ids into the pages of visitors without cookies. */
  readonly transSid?: TransSidRules | undefined;
}

/** The ids that a request brings, and how the answer tells a new one. */
export interface FoundIds {
  readonly values: readonly string[];
  readonly idSource: IdSource;
}

const MAX_LENGTH = 4096;
const NO_VALUES: readonly string[] = [];

/** The ids in one source, or the next one's where there are none. Without cookies an id is told in the header, wherever
 *  the old one came from, unless pages alone have ids. */
export function findIds(
  options: IdSourceOptions,
  cookie: Cookie,
  request: PlatformRequest,
  body: unknown,
): FoundIds {
  const { sources } = options;
  for (const via of sources) {
    const values = VALUES[via](options, cookie, request, body);
    if (values) return { values, idSource: sources.includes('cookie') ? via : withoutCookie(sources) };
  }
  return { values: NO_VALUES, idSource: sources.includes('cookie') ? 'cookie' : withoutCookie(sources) };
}

const withoutCookie = (sources: readonly IdSource[]): IdSource =>
  sources.includes('header') ? 'header' : 'query';

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
    return fromPage(options, request, queryIdOf(request, options.parameter));
  },
  body(options, _cookie, request, body) {
    return fromPage(options, request, fieldIdOf(request, body, options.parameter));
  },
};

/** An id that a page carries can be planted by another site's link or form: it counts only where a page of our own
 *  sent the request, as the browser says, or by its referer. */
function fromPage(
  { referer }: IdSourceOptions,
  { headers }: PlatformRequest,
  value: unknown,
): readonly string[] | undefined {
  if (typeof value !== 'string') return undefined;
  const isOwn =
    headers['sec-fetch-site'] === 'same-origin' ||
    Boolean(referer && headers.referer && isAllowedReferer(referer, headers.referer));
  if (!isOwn) return undefined;
  return value && value.length <= MAX_LENGTH ? [value] : NO_VALUES; // an empty one is there too, as in PHP
}
