import type { PlatformRequest } from './connection.js';
import type { Cookie } from './cookie.js';
import { cookiesOf } from './request-headers.js';
import { fieldIdOf, queryIdOf } from './page-ids.js';
import { isAllowedReferer, type RefererCheck } from './referer.js';
import type { TransSidRules } from './trans-sid/page-id.interface.js';

/** A part of the request that may carry the id of its session. */
export type IdSource = 'cookie' | 'header' | 'query' | 'body';

/** All sources, in the order in which they are read. A source counts only if those before it carry nothing. */
export const ID_SOURCES: readonly IdSource[] = ['cookie', 'header', 'query', 'body'];

/** The sources of ids and the names under which they carry them. */
export interface IdSourceOptions {
  readonly sources: readonly IdSource[];
  /** Name of the id header, in lower case. */
  readonly header: string;
  /** Name of the query parameter and of the form field. */
  readonly parameter: string;
  /** Referers that prove an id of a page; `undefined`: none does. */
  readonly referer: RefererCheck | undefined;
  /** The rules by which ids are put into the pages of visitors without cookies; `undefined`: no page gets one. */
  readonly transSid?: TransSidRules | undefined;
}

/** The ids that a request carries. */
export interface FoundIds {
  /** Unverified. Empty if the request carries none. */
  readonly values: readonly string[];
  /** The source that the ids came from, and the way in which the response returns a new id. Without cookies the two may
   *  differ, see {@link findIds}. */
  readonly idSource: IdSource;
}

/** Characters of the longest id that is read. */
const MAX_LENGTH = 4096;
const NO_VALUES: readonly string[] = [];

/** Returns the ids of the first source that carries any. If cookies are no source, the response returns a new id in the
 *  header, whatever source the old one came from; if the header is no source either, only pages carry ids. */
export function findIds(
  options: IdSourceOptions,
  cookie: Cookie,
  request: PlatformRequest,
  body: unknown,
): FoundIds {
  const { sources } = options;
  for (const source of sources) {
    const values = READERS[source](options, cookie, request, body);
    if (values) return { values, idSource: sources.includes('cookie') ? source : cookielessSource(sources) };
  }
  return { values: NO_VALUES, idSource: sources.includes('cookie') ? 'cookie' : cookielessSource(sources) };
}

const cookielessSource = (sources: readonly IdSource[]): IdSource =>
  sources.includes('header') ? 'header' : 'query';

type Reader = (
  options: IdSourceOptions,
  cookie: Cookie,
  request: PlatformRequest,
  body: unknown,
) => readonly string[] | undefined;

/** One reader for each source. `undefined` means that the request does not have this source, so the next one counts. */
const READERS: Readonly<Record<IdSource, Reader>> = {
  cookie(_options, cookie, request) {
    const values = cookie.values(cookiesOf(request));
    return values.length ? values : undefined;
  },
  /** An empty header means that the client has no id yet and wants its first one in the header. */
  header({ header }, _cookie, { headers }) {
    const value = headers[header];
    if (typeof value !== 'string') return undefined;
    return value && value.length <= MAX_LENGTH ? [value] : NO_VALUES;
  },
  query(options, _cookie, request) {
    return readPageId(options, request, queryIdOf(request, options.parameter));
  },
  body(options, _cookie, request, body) {
    return readPageId(options, request, fieldIdOf(request, body, options.parameter));
  },
};

/** Accepts an id of a link or form only if one of our own pages sent the request: Sec-Fetch-Site says so, or the Referer
 *  does. Otherwise another site's link or form could plant an id (session fixation). */
function readPageId(
  { referer }: IdSourceOptions,
  { headers }: PlatformRequest,
  value: unknown,
): readonly string[] | undefined {
  if (typeof value !== 'string') return undefined;
  const isOwn =
    headers['sec-fetch-site'] === 'same-origin' ||
    Boolean(referer && headers.referer && isAllowedReferer(referer, headers));
  if (!isOwn) return undefined;
  return value && value.length <= MAX_LENGTH ? [value] : NO_VALUES; // as in PHP, an empty id ends the search
}
