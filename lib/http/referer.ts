import type { IncomingHttpHeaders } from 'node:http';

/** The pages that a request may come from. A client can omit or forge the Referer header, so this check only helps; it
 *  does not protect by itself.
 *  @see PHP `session.referer_check` */
export interface RefererCheck {
  /** Origins such as `https://shop.example`. For `substring`: origins and other texts. */
  readonly origins: readonly string[];
  /** `origin`: the referer's origin must be in the list. `substring`: it is, or the referer contains one of the other
   *  texts anywhere, as in PHP, so that any site can satisfy it. */
  readonly match: 'origin' | 'substring';
  /** The decision of RefererGuard about a request without a referer. An id in a link or form never counts without one,
   *  because any page can omit it. */
  readonly missing: 'pass' | 'refuse';
}

/** Reports whether a request with these headers passes the check. If Sec-Fetch-Site says that another site or a sibling host
 *  sent the request, only a Referer with a listed origin passes: any site can leave the header out, or put a text into it. */
export function isAllowedReferer(
  { origins, match, missing }: RefererCheck,
  { referer, 'sec-fetch-site': site }: IncomingHttpHeaders,
): boolean {
  if (referer && origins.includes(originOf(referer) ?? '')) return true;
  if (referer && match === 'origin') return false;
  if (site === 'cross-site' || site === 'same-site') return false;
  return referer
    ? origins.some((part) => !URL_START.test(part) && referer.includes(part))
    : missing === 'pass';
}

/** The beginning of a text that names an origin. Such a text is never searched inside a referer. */
const URL_START = /^\s*https?:\/\//i;

/** Returns the origin that a text names: `http://shop.example` for `http://shop.example/` and for `http://shop.example/cart`.
 *  Returns `undefined` for a text that does not begin with `http://` or `https://`. */
export const namedOrigin = (text: string): string | undefined =>
  URL_START.test(text) ? originOf(text) : undefined;

/** Returns the origin (scheme, host and port) of a URL, or `undefined` if the text is no URL or has no origin. */
export function originOf(address: string): string | undefined {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  return url && url.origin !== 'null' ? url.origin : undefined;
}
