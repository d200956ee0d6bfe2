/** Which pages a request may come from. A referer can be left out by anybody and is no proof: a help, not a lock.
 *  @see PHP `session.referer_check` */
export interface RefererCheck {
  /** Such as `https://shop.example`; for `substring`, any text. */
  readonly origins: readonly string[];
  /** `origin`: the referer's own origin is one of them; `substring`: it holds one of them anywhere, as in PHP. */
  readonly match: 'origin' | 'substring';
  /** What a request without a referer is to RefererGuard. An id in a link or form never counts without one: any page can
   *  leave it out. */
  readonly missing: 'pass' | 'refuse';
}

export function isAllowedReferer(
  { origins, match, missing }: RefererCheck,
  referer: string | undefined,
): boolean {
  if (!referer) return missing === 'pass';
  if (match === 'substring') return origins.some((part) => referer.includes(part));
  return origins.includes(originOf(referer) ?? '');
}

/** Scheme, host and port of an address, or `undefined` where it has none. */
export function originOf(address: string): string | undefined {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  return url && url.origin !== 'null' ? url.origin : undefined;
}
