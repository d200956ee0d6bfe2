/** Headers that override Cache-Control for CDNs and reverse proxies (RFC 9213), in lower case. */
export const CDN_HEADERS = [
  'cdn-cache-control',
  'cloudflare-cdn-cache-control',
  'surrogate-control',
  'x-accel-expires',
] as const;

/** Reports whether a cache that serves many visitors may store a response with this Cache-Control. Set-Cookie does not stop
 *  it (RFC 9111 §7.3), and only `no-store` and `private` without a list of headers do (§3). */
export function allowsSharedCaches(value: string): boolean {
  const directives = value
    .toLowerCase()
    .split(',')
    .map((one) => one.trim());
  if (directives.includes('no-store')) return false;
  return !directives.includes('private') || directives.includes('public');
}
